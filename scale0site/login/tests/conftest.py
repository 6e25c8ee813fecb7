from datetime import UTC, datetime, timedelta

import pytest

from scale0site.login.throttle import throttle


class Clock:
    def __init__(self):
        self.now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def __call__(self):
        return self.now

    def go_on(self, **how_long):
        self.now += timedelta(**how_long)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def forgetful():
    """The process's own remembers nothing of another test."""
    throttle.forget()
    yield
    throttle.forget()


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A password that is looked at takes half a second otherwise, which is what it should take."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
