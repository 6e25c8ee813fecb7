"""Who is sent to the login without the database, and who is let through to it."""

import pytest
from django.test import RequestFactory, override_settings
from django.urls import resolve

from sleeping.door import turned_back


def asked(path, method="GET", **headers):
    request = RequestFactory().generic(method, path, **headers)
    return request, resolve(request.path).view_name


@pytest.mark.parametrize(
    "path, login", [("/admin/", "/admin/login/"), ("/admin/pages/3/", "/admin/login/"), ("/django-admin/", "/django-")]
)
def test_somebody_without_a_session_is_sent_to_the_login_and_back(path, login):
    response = turned_back(*asked(f"{path}?page=2"))
    assert response.status_code == 302
    assert response["Location"].startswith(login)
    assert response["Location"].endswith(f"?next={path}%3Fpage%3D2")


@pytest.mark.parametrize(
    "path",
    ["/admin/login/", "/admin/password_reset/", "/admin/jsi18n/", "/admin/sprite/", "/django-admin/login/", "/"],
)
def test_what_is_for_everybody_is_not_kept_from_anybody(path):
    assert turned_back(*asked(path)) is None


def test_a_session_may_be_somebodys_and_so_may_any_other_proof():
    request, view = asked("/admin/")
    request.COOKIES["sessionid"] = "perhaps"
    assert turned_back(request, view) is None
    for headers in (
        {"HTTP_AUTHORIZATION": "Bearer x"},
        {"REMOTE_USER": "ada"},
        {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
    ):
        assert turned_back(*asked("/admin/", **headers)) is None
    assert turned_back(*asked("/admin/", "POST")) is None


def test_a_project_with_a_login_of_its_own_is_obeyed():
    with override_settings(WAGTAILADMIN_LOGIN_URL="/sso/"):
        assert turned_back(*asked("/admin/"))["Location"] == "/sso/?next=/admin/"


def test_it_answers_as_the_admin_itself_would(client, db):
    assert client.get("/admin/pages/?a=1")["Location"] == turned_back(*asked("/admin/pages/?a=1"))["Location"]
