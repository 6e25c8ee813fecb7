"""The production settings: all from the environment, and each mistake named before the site starts."""

import os
import runpy
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

WHOLE = {
    "SECRET_KEY": "made-up-for-a-test-0123456789-abcdefghijklmnopqrstuvwxyz",
    "DATABASE_URL": "postgresql://db.example.org:5432/site",
    "SITE_HOSTS": "www.example.org",
    "SITE_SCHEME": "https",
    "MEDIA_BUCKET": "a-bucket",
    "AWS_REGION": "eu-west-1",
}


@pytest.fixture
def production(monkeypatch):
    """The settings that an environment makes: the whole one, with these changes."""

    def settings_of(**changes: str) -> dict:
        for name, value in (WHOLE | changes).items():
            monkeypatch.setenv(name, value)
        return runpy.run_module("scale0site.settings.production")

    return settings_of


@pytest.mark.parametrize("name", WHOLE)
def test_a_missing_value_names_itself_says_what_it_is_for_and_what_to_do(production, name):
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} is not set\. It is .+\. Set it to .+"):
        production(**{name: ""})


@pytest.mark.parametrize("scheme", ["ftp", "HTTPS", "https://"])
def test_a_scheme_must_be_http_or_https(production, scheme):
    with pytest.raises(ImproperlyConfigured, match=rf"SITE_SCHEME is '{scheme}': it must be http or https"):
        production(SITE_SCHEME=scheme)


@pytest.mark.parametrize("hosts", ["https://www.example.org", "www.example.org/blog", "*", "a.org, *.b.org", ","])
def test_hosts_are_names_and_nothing_else(production, hosts):
    with pytest.raises(ImproperlyConfigured, match="SITE_HOSTS"):
        production(SITE_HOSTS=hosts)


def test_hosts_and_scheme_make_the_allowed_hosts_and_the_trusted_origins(production):
    found = production(SITE_HOSTS="www.example.org, localhost:8001,[::1]:8001,", SITE_SCHEME="http")
    assert found["ALLOWED_HOSTS"] == ["www.example.org", "localhost", "[::1]"]
    assert found["CSRF_TRUSTED_ORIGINS"] == [
        "http://www.example.org",
        "http://localhost:8001",
        "http://[::1]:8001",
    ]
    assert found["WAGTAILADMIN_BASE_URL"] == "http://www.example.org"


def test_a_pattern_of_hosts_is_allowed_but_never_trusted(production):
    found = production(SITE_HOSTS=".eu-west-1.awsapprunner.com")
    assert found["ALLOWED_HOSTS"] == [".eu-west-1.awsapprunner.com"]
    assert found["CSRF_TRUSTED_ORIGINS"] == []
    assert found["WAGTAILADMIN_BASE_URL"] == ""


def test_https_is_kept_to_and_http_is_left_alone(production):
    names = ("SECURE_SSL_REDIRECT", "SECURE_PROXY_SSL_HEADER", "SECURE_HSTS_SECONDS", "SESSION_COOKIE_NAME")
    assert all(name in production() for name in names)
    assert not any(name in production(SITE_SCHEME="http") for name in names)


@pytest.mark.parametrize("cookie", ["SESSION", "CSRF", "LANGUAGE"])
def test_a_cookie_goes_over_https_to_no_script_and_not_with_what_another_site_begins(production, cookie):
    found = production()
    assert found[f"{cookie}_COOKIE_SECURE"] is True
    assert found[f"{cookie}_COOKIE_HTTPONLY"] is True
    assert found[f"{cookie}_COOKIE_SAMESITE"] == "Lax"
    assert f"{cookie}_COOKIE_SECURE" not in production(SITE_SCHEME="http")


def test_what_a_browser_demands_of_a_cookie_that_is_this_hosts_alone_is_so(production):
    """Else it drops it, and nobody can log in. https, no domain, and the path /, which is Django's default."""
    found = production()
    for cookie in ("SESSION", "CSRF"):
        assert found[f"{cookie}_COOKIE_NAME"].startswith("__Host-")
        assert f"{cookie}_COOKIE_DOMAIN" not in found and f"{cookie}_COOKIE_PATH" not in found


def test_the_hop_that_ends_https_is_trusted_and_without_one_nobody_is(production):
    assert production()["TRUSTED_HOPS"] == 1
    assert production(TRUSTED_HOPS="2")["TRUSTED_HOPS"] == 2
    assert production(TRUSTED_HOPS="", SITE_SCHEME="http")["TRUSTED_HOPS"] == 0


def test_both_policies_know_the_bucket(production):
    found = production()
    for policy in (found["CONTENT_SECURITY_POLICY"]["DIRECTIVES"], found["ADMIN_CONTENT_SECURITY_POLICY"]):
        assert "https://a-bucket.s3.eu-west-1.amazonaws.com" in policy["img-src"]


def test_a_user_without_a_password_signs_in_by_token(production):
    found = production(DATABASE_URL="postgresql://site@db.example.org:5432/site?sslmode=require")["DATABASES"][
        "default"
    ]
    assert (found["ENGINE"], found["USER"], found["PASSWORD"]) == ("sleeping.postgresql", "site", "")
    assert found["OPTIONS"] == {"sslmode": "require", "region": "eu-west-1"}


def test_a_password_in_the_address_is_used_as_it_stands(production):
    found = production(DATABASE_URL="postgresql://site:hunter2@db.example.org:5432/site")["DATABASES"]["default"]
    assert (found["ENGINE"], found["PASSWORD"]) == ("django.db.backends.postgresql", "hunter2")


@pytest.mark.parametrize("url", ["db.example.org", "postgrseql://site:hunter2@host/name", "postgresql://h:port/x"])
def test_a_database_address_that_cannot_be_read_is_named_and_its_password_not_shown(production, url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL cannot be read") as error:
        production(DATABASE_URL=url)
    assert "hunter2" not in str(error.value)


def test_djangos_own_check_of_a_deployment_has_nothing_to_say():
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env=os.environ | WHOLE | {"DJANGO_SETTINGS_MODULE": "scale0site.settings.production"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout + done.stderr


def test_the_image_build_needs_no_secret_and_no_database():
    done = subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--dry-run"],
        env={"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "scale0site.settings.build"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_more_threads_than_the_plan_counted_connections_for_are_refused(production):
    production(WEB_WORKERS="2", WEB_THREADS="4", DATABASE_CONNECTIONS="8")
    with pytest.raises(ImproperlyConfigured) as raised:
        production(WEB_WORKERS="2", WEB_THREADS="5", DATABASE_CONNECTIONS="8")
    assert str(raised.value) == (
        "WEB_WORKERS × WEB_THREADS is 2 × 5 = 10. Each may hold a database connection, and DATABASE_CONNECTIONS "
        "leaves this instance 8. Set WORKERS and THREADS in PROVISIONING and run provision_aws, whose plan counts "
        "what the database has."
    )


@pytest.mark.parametrize("chosen", [{"WEB_THREADS": "64"}, {"WEB_WORKERS": "3"}])
def test_what_is_not_chosen_counts_with_what_gunicorn_takes_then(production, monkeypatch, chosen):
    for name in ("WEB_WORKERS", "WEB_THREADS"):
        monkeypatch.delenv(name, raising=False)
    production(DATABASE_CONNECTIONS="8")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_CONNECTIONS leaves this instance 8"):
        production(DATABASE_CONNECTIONS="8", **chosen)


@pytest.mark.parametrize("name", ["WEB_WORKERS", "DATABASE_CONNECTIONS", "DATABASE_PAUSE_SECONDS"])
def test_what_should_be_a_number_and_is_none_is_named(production, name):
    with pytest.raises(ImproperlyConfigured, match=f"{name} is 'many': it must be a whole number above 0"):
        production(**{name: "many"})


def test_the_pause_that_aurora_was_told_of_is_known_to_the_site(production):
    assert production(DATABASE_PAUSE_SECONDS="600")["SLEEPING"] == settings.SLEEPING | {"PAUSE_SECONDS": 600}
    assert production(DATABASE_PAUSE_SECONDS="")["SLEEPING"] == settings.SLEEPING


def test_the_settings_bring_nothing_of_aws_into_a_process_that_serves():
    asked = "import sys, scale0site.settings.production; print([m for m in ('boto3', 'botocore') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", asked], env=os.environ | WHOLE, cwd=settings.BASE_DIR, capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr
