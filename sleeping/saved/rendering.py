"""A page as somebody sees it who is nobody in particular: what is saved must hold nothing of whoever asked first."""

import secrets
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.core.handlers.wsgi import WSGIRequest
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.urls import get_script_prefix
from django.utils.translation import get_language, override

from ..record import MARK, record
from .address import Address, split_port
from .copy import Copy

NOBODY = {"REMOTE_ADDR": "192.0.2.1", "HTTP_USER_AGENT": "saved-pages", "HTTP_ACCEPT": "text/html,*/*"}
# Who is told apart by a server's variable of another name, such as REMOTE_USER, is told apart from nobody here.
KEPT = ("SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", MARK)


def plain(request: HttpRequest, address: Address) -> WSGIRequest:
    """The same request with nothing but what says where it is: no cookie, no body, nothing of whoever asks."""
    by_proxy = (settings.SECURE_PROXY_SSL_HEADER or [""])[0]
    kept = {*KEPT, "HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", by_proxy}
    environ = {name: value for name, value in request.META.items() if name in kept or name.startswith("wsgi.")}
    environ["PATH_INFO"] = request.path_info.encode().decode("latin-1")  # Django has put the decoded one there
    clean = _made({**environ, **NOBODY}, address)
    clean.sleeping = record(request)
    return clean


@dataclass(frozen=True)
class Rendered:
    why_not_saved: str
    request: HttpRequest | None = None
    response: HttpResponse | None = None
    copy: Copy | None = None
    """None if it was answered before it came to be made."""


def render(address: Address) -> Rendered:
    """Asks for it through all the middleware, as if from outside. `Saving` saves it on the way, if it can be."""
    name, port = split_port(address.host)
    below = get_script_prefix().rstrip("/")
    environ = {
        "SERVER_NAME": name,
        "SERVER_PORT": port or ("443" if address.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": address.host,
        "SCRIPT_NAME": below,
        "PATH_INFO": address.path.removeprefix(below).encode().decode("latin-1"),
        "wsgi.url_scheme": address.scheme,
        "wsgi.errors": BytesIO(),
        MARK: True,
    }
    request = _made({**environ, **NOBODY}, address)
    with override(get_language()):  # a page of another language leaves that behind it
        response = _handler().get_response(request)
    return getattr(request, "rendered", None) or Rendered(f"status-{response.status_code}")


def is_ours(request: HttpRequest) -> bool:
    """Whether render() asks, nobody else."""
    return MARK in request.META


def csrf(request: HttpRequest) -> dict[str, str]:
    """A context processor: while a page is made to be saved, a placeholder stands where the form's token belongs."""
    placeholder = getattr(request, "placeholder", "")
    return {"csrf_token": placeholder} if placeholder and not settings.CSRF_USE_SESSIONS else {}


@cache
def _handler() -> BaseHandler:
    handler = BaseHandler()
    handler.load_middleware()
    return handler


def _made(environ: dict[str, Any], address: Address) -> WSGIRequest:
    request = WSGIRequest({**environ, "REQUEST_METHOD": "GET", "QUERY_STRING": address.query, "wsgi.input": BytesIO()})
    request.placeholder = f"csrf{secrets.token_hex(16)}"  # which no filter of a template spells otherwise
    return request


@setting_changed.connect
def _forget(*, setting: str, **_: Any) -> None:
    if setting in ("MIDDLEWARE", "STORAGES", "SLEEPING"):
        _handler.cache_clear()
