"""Every attempt to log in, whatever form or program it comes by: asked about before it, counted after it."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from .network import network
from .throttle import throttle


class ThrottleBackend:
    """Stands first in AUTHENTICATION_BACKENDS. It knows nobody: either it raises Refused, or the next one decides.

    An attempt without a request is a program's own, such as a command's: nobody guesses there.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        if request is not None:
            throttle.check(_name(credentials), network(request))


@receiver(user_login_failed, dispatch_uid="scale0site.login")
def _count(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    if request is not None:
        throttle.failed(_name(credentials), network(request))


@receiver(user_logged_in, dispatch_uid="scale0site.login")
def _forgive(request: HttpRequest | None, user: Any, **_: Any) -> None:
    if request is not None:
        throttle.came_in(user.get_username(), network(request))


def _name(credentials: dict[str, Any]) -> str:
    return str(credentials.get("username") or credentials.get(get_user_model().USERNAME_FIELD) or "")
