"""Who counts as somebody."""

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
from django.http import HttpResponse
from django.test import RequestFactory

from sleeping.saved import person


def request_with(**cookies):
    request = RequestFactory().get("/")
    request.COOKIES.update({name.replace("_", "-"): value for name, value in cookies.items()})
    return request


def marked(session, response=None):
    """The cookies of a browser to which this session was given."""
    response = response or HttpResponse()
    response.set_cookie("sessionid", session, max_age=100)
    person.follow(request_with(), response)
    return {"sessionid": session, "sessionid_is": response.cookies["sessionid-is"].value}


def test_who_has_both_cookies_is_somebody():
    assert person.is_someone(request_with(**marked("abc")))


@pytest.mark.parametrize(
    "change",
    [
        {"sessionid": "another"},
        {"sessionid": ""},
        {"sessionid_is": "made-up"},
        {"sessionid_is": ""},
        {"sessionid_is": signing.TimestampSigner(salt="other").sign("abc")},
    ],
)
def test_who_made_one_of_them_up_is_nobody(change):
    assert not person.is_someone(request_with(**{**marked("abc"), **change}))


def test_the_second_cookie_ends_when_a_session_does(settings, monkeypatch):
    cookies = marked("abc")
    monkeypatch.setattr("django.core.signing.time.time", lambda: 4e9)
    assert not person.is_someone(request_with(**cookies))


def test_the_second_cookie_goes_the_way_of_the_first():
    response = HttpResponse()
    response.set_cookie("sessionid", "abc", max_age=100)
    person.follow(request_with(), response)
    mark = response.cookies["sessionid-is"]
    assert (mark["max-age"], mark["httponly"], mark["samesite"], mark["path"]) == (100, True, "Lax", "/")
    response = HttpResponse()
    response.delete_cookie("sessionid")
    person.follow(request_with(**marked("abc")), response)
    assert response.cookies["sessionid-is"]["max-age"] == 0


def test_a_second_cookie_that_was_left_alone_is_removed():
    response = HttpResponse()
    person.follow(request_with(sessionid_is="left"), response)
    assert response.cookies["sessionid-is"]["max-age"] == 0


@pytest.mark.django_db
def test_a_session_from_before_gets_its_second_cookie_as_soon_as_it_is_looked_at():
    session = SessionStore()
    session["of"] = "somebody"
    session.save()
    request = request_with(sessionid=session.session_key)
    request.session = SessionStore(session.session_key)
    response = HttpResponse()
    person.follow(request, response)
    assert not response.cookies  # nobody has looked whether it is one
    assert request.session["of"] == "somebody"
    person.follow(request, response)
    assert person.is_someone(
        request_with(sessionid=session.session_key, sessionid_is=response.cookies["sessionid-is"].value)
    )


@pytest.mark.django_db
def test_a_made_up_session_gets_none():
    request = request_with(sessionid="made-up")
    request.session = SessionStore("made-up")
    request.session.get("of")
    response = HttpResponse()
    person.follow(request, response)
    assert "sessionid-is" not in response.cookies
