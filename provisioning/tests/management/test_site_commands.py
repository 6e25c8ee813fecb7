"""The commands that the operations function runs on the site's own database."""

import io
import re

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from wagtail.models import Site

from provisioning.invitation import INVITED, link

KEY = "the-site's-own-key-which-is-not-the-laptop's"


def run(*arguments):
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://www.example.org/", "https://www.example.org"),
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://example.org", "http://example.org"),
    ],
)
def test_the_site_learns_where_it_is(db, url, root):
    assert run("set_site_address", url) == f"The site is at {root}"
    assert Site.objects.get(is_default_site=True).root_url == root


@pytest.mark.parametrize("url", ["www.example.org", "ftp://example.org/", "http://example.org:port/", ""])
def test_what_is_no_address_is_refused_and_nothing_changes(db, url):
    with pytest.raises(CommandError, match="is no address of a site"):
        run("set_site_address", url)
    assert Site.objects.get(is_default_site=True).hostname == "localhost"


def test_without_a_default_site_it_says_what_to_do(db):
    Site.objects.all().delete()
    with pytest.raises(CommandError, match="Make one in its admin"):
        run("set_site_address", "https://example.org/")


def test_the_first_superuser_waits_for_a_link_and_nobody_can_sign_in_as_them(db, client):
    told = run("ensure_superuser")
    user = get_user_model().objects.get()
    assert (user.username, user.is_superuser, user.has_usable_password()) == ("admin", True, False)
    assert told == f"Superuser admin is number {user.pk}, and has no password yet."
    assert not client.login(username="admin", password=INVITED)
    assert run("ensure_superuser") == told  # and no second one


def test_where_there_is_a_superuser_none_is_made(db):
    get_user_model().objects.create_superuser("anna", "anna@example.org", "made-up")
    told = run("ensure_superuser")
    assert told == "There is a superuser already: anna."
    assert link("https://example.org/", told, KEY) == ""


def test_the_link_sets_a_password_once(db, client, settings):
    url = link("http://testserver/", run("ensure_superuser"), KEY)
    assert re.fullmatch(r"http://testserver/admin/password_reset/confirm/\w+/[\w-]+/", url)
    refused = client.get(url, follow=True)
    assert b"new_password1" not in refused.content  # it is signed for another key

    settings.SECRET_KEY = KEY
    form = client.get(url, follow=True)
    assert b"new_password1" in form.content
    password = "a-new-one-that-nobody-guesses"
    done = client.post(form.request["PATH_INFO"], {"new_password1": password, "new_password2": password}, follow=True)
    assert done.status_code == 200
    assert client.login(username="admin", password=password)
    assert b"new_password1" not in client.get(url, follow=True).content
