"""The forms that ask for a password, as a person meets them."""

import pytest
from django.contrib.auth import authenticate, get_user_model
from wagtail.models import PageViewRestriction, Site

from scale0site.login.models import Attempt
from scale0site.login.throttle import PAIR

pytestmark = pytest.mark.django_db

FORMS = ["/admin/login/", "/django-admin/login/", "/_util/login/"]
PASSWORD = "a-password-of-the-tests"


@pytest.fixture
def anna():
    return get_user_model().objects.create_superuser("anna", password=PASSWORD)


def log_in(client, form, password="wrong", name="anna", network="203.0.113.9", **extra):
    return client.post(form, {"username": name, "password": password}, REMOTE_ADDR=network, **extra)


@pytest.mark.parametrize("form", FORMS)
def test_who_fails_too_often_is_told_how_long_to_wait(client, anna, form):
    for _ in range(PAIR.failures):
        response = log_in(client, form)
        assert response.status_code == 200
    for password in ("wrong", PASSWORD):
        response = log_in(client, form, password)
        assert response.status_code == 429
        assert 890 <= int(response["Retry-After"]) <= 900
        assert "try again in 15 minutes" in response.content.decode()
        assert response["Cache-Control"] == "no-store"
        assert response["Content-Security-Policy"]
    assert "_auth_user_id" not in client.session


def test_the_forms_count_together(client, anna):
    for each in range(PAIR.failures):
        log_in(client, FORMS[each % len(FORMS)])
    assert {log_in(client, form).status_code for form in FORMS} == {429}


def test_another_network_still_comes_in(client, anna):
    for _ in range(PAIR.failures + 1):
        log_in(client, FORMS[0])
    assert log_in(client, FORMS[0], PASSWORD, network="198.51.100.7").status_code == 302


def test_addresses_that_a_visitor_made_up_change_nothing(client, anna, settings):
    settings.TRUSTED_HOPS = 1
    for each in range(PAIR.failures):
        log_in(client, FORMS[0], HTTP_X_FORWARDED_FOR=f"10.0.0.{each}, 203.0.113.9")
    assert log_in(client, FORMS[0], HTTP_X_FORWARDED_FOR="10.0.0.99, 203.0.113.9").status_code == 429
    assert log_in(client, FORMS[0], HTTP_X_FORWARDED_FOR="203.0.113.9, 10.0.0.99").status_code == 200


def test_a_name_that_nobody_has_is_treated_as_one_that_somebody_has(client, anna, django_assert_num_queries):
    found = []
    for name in ("anna", "nobody"):
        answers = [log_in(client, FORMS[0], name=name) for _ in range(PAIR.failures + 1)]
        found.append([(each.status_code, each.content.count(b"<p")) for each in answers])
    assert found[0] == found[1]


def test_a_refusal_makes_no_query(client, anna, django_assert_num_queries):
    for _ in range(PAIR.failures + 1):
        log_in(client, FORMS[0])
    with django_assert_num_queries(0):
        assert log_in(client, FORMS[0]).status_code == 429


def test_a_program_of_our_own_is_not_held_up(anna):
    for _ in range(PAIR.failures + 1):
        assert authenticate(username="anna", password="wrong") is None
    assert authenticate(username="anna", password=PASSWORD) == anna
    assert not Attempt.objects.exists()


@pytest.fixture
def restriction():
    page = Site.objects.get(is_default_site=True).root_page
    return PageViewRestriction.objects.create(page=page, restriction_type="password", password="moon")


def test_the_password_of_a_private_page_is_not_guessed_either(client, restriction):
    form = f"/_util/authenticate_with_password/{restriction.pk}/{restriction.page_id}/"

    def try_it(password):
        return client.post(form, {"password": password, "return_url": "/"})

    assert [try_it("sun").status_code for _ in range(PAIR.failures - 1)] == [200] * (PAIR.failures - 1)
    assert try_it("moon").status_code == 302
    assert [try_it("sun").status_code for _ in range(PAIR.failures)] == [200] * PAIR.failures
    assert try_it("moon").status_code == 429
