"""The health path. No test here may touch the database: pytest-django lets none through unasked."""

import pytest


def test_health_is_answered_without_a_query(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer["Content-Type"] == "text/plain"
    assert answer["Cache-Control"] == "no-store"


def test_a_head_request_is_answered_too(client):
    answer = client.head("/healthz")
    assert (answer.status_code, answer.content) == (200, b"")


def test_a_host_that_is_not_ours_is_answered(client, settings):
    settings.ALLOWED_HOSTS = ["www.example.org"]
    assert client.get("/healthz", headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/robots.txt", headers={"host": "www.example.org"}).status_code == 200


def test_plain_http_is_not_sent_to_https(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/healthz").status_code == 200
    assert client.get("/elsewhere").status_code == 301


def test_a_visitor_with_a_session_is_answered_without_looking_it_up(client, settings):
    client.cookies[settings.SESSION_COOKIE_NAME] = "whatever"
    assert client.get("/healthz").status_code == 200


def test_the_path_is_a_setting(client, settings):
    settings.HEALTH_PATH = "/are/you/well"
    assert client.get("/are/you/well").content == b"ok"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz/", "/healthz/more", "/health"])
def test_only_that_path_is_health(client, path):
    assert client.get(path).status_code != 200


@pytest.mark.django_db
def test_nothing_else_can_be_done_there(client):
    assert client.post("/healthz").status_code != 200
