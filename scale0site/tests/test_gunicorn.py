"""How gunicorn is told to serve."""

import runpy

import pytest
from django.conf import settings


@pytest.fixture
def gunicorn(monkeypatch):
    def settings_of(**environment: str) -> dict:
        for name in ("BIND", "PORT", "WEB_WORKERS", "WEB_THREADS", "PGOPTIONS"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(settings.BASE_DIR / "gunicorn.conf.py"))

    return settings_of


def test_only_this_machine_is_served_unless_told_otherwise(gunicorn):
    assert gunicorn()["bind"] == "127.0.0.1:8000"
    assert gunicorn(BIND="0.0.0.0", PORT="8080")["bind"] == "0.0.0.0:8080"


def test_workers_and_threads_are_bounded_and_can_be_set(gunicorn):
    assert (gunicorn()["workers"], gunicorn()["threads"]) == (2, 4)
    found = gunicorn(WEB_WORKERS="1", WEB_THREADS="8")
    assert (found["workers"], found["threads"]) == (1, 8)


def test_the_server_is_asked_to_close_idle_connections_unless_a_person_set_options(gunicorn):
    assert gunicorn()["raw_env"] == ["PGOPTIONS=-c idle_session_timeout=60000"]
    assert gunicorn(PGOPTIONS="-c work_mem=8MB")["raw_env"] == ["PGOPTIONS=-c work_mem=8MB"]
