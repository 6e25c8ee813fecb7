"""A request's path as it may be written into a log: some paths are as good as a password."""

from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.http import HttpRequest
from django.urls import Resolver404, ResolverMatch, resolve

SECRET = ("token", "key", "secret", "uidb64")


def without_secrets(request: HttpRequest) -> str:
    """The path without its query; where a part of it is a secret, the pattern of its address instead."""
    match = request.resolver_match or _match(request.path_info)  # answered before any view was looked for
    if match and any(part in name.lower() for name in match.kwargs for part in SECRET):
        return f"/{match.route}"
    return request.path


@lru_cache(maxsize=200)
def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


@setting_changed.connect
def _forget(*, setting: str, **_: Any) -> None:
    if setting in ("ROOT_URLCONF", "LANGUAGE_CODE"):
        _match.cache_clear()
