"""Whether an answer may be saved. When in doubt, not."""

import re
import time
from collections.abc import Callable
from contextlib import nullcontext
from functools import cache
from inspect import isclass
from typing import Any

from django.conf import settings
from django.conf.urls.i18n import is_language_prefix_patterns_used
from django.core.signals import setting_changed
from django.http import HttpRequest, HttpResponse
from django.middleware.locale import LocaleMiddleware
from django.urls import Resolver404, resolve
from django.utils.http import parse_http_date_safe
from django.utils.module_loading import import_string
from django.utils.translation import get_language_from_path, override
from wagtail.models import Site

from ..conf import conf
from .address import Address, split_port
from .rendering import Rendered

PAGES, DOCUMENTS = "wagtail_serve", "wagtaildocs_serve"
LARGEST = 2_000_000  # bytes of an answer
REDIRECTS = (301, 302, 303, 307, 308)
VARIES = {"cookie", "accept-encoding"}
LANGUAGE = "accept-language"
FORBIDS = re.compile(r"\b(private|no-store|no-cache)\b")
AGE = re.compile(r"(?<!-)\bmax-age=(\d+)")
SHARED_AGE = re.compile(r"\bs-maxage=(\d+)")


def view_of(path: str) -> str:
    """The name of the view that answers a path; Wagtail's where none does, for that is where a 404 comes from.

    Django's own middleware for languages has not been met yet: what stands in the path counts.
    """
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE) if by_language() else nullcontext():
        try:
            return resolve(path).view_name
        except Resolver404:
            return PAGES


def by_language() -> type[LocaleMiddleware] | None:
    """What chooses the language for each request, if anything does: Django's own, or one derived of it."""
    return _locale_middleware() if settings.USE_I18N else None


@cache
def _locale_middleware() -> type[LocaleMiddleware] | None:
    found = (import_string(name) for name in settings.MIDDLEWARE)
    return next((each for each in found if isclass(each) and issubclass(each, LocaleMiddleware)), None)


@setting_changed.connect
def _forget(*, setting: str, **_: Any) -> None:
    if setting == "MIDDLEWARE":
        _locale_middleware.cache_clear()


def is_savable(view: str) -> bool:
    return view in (PAGES, DOCUMENTS, *conf().saved_views)


def before_page(page: Any, request: HttpRequest, *_: Any) -> None:
    """A hook of Wagtail's that comes first: this page is there."""
    request.page_found = page


def behind_restrictions(serve: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """And one that goes around nothing but the page itself: no restriction has answered in its place."""

    def served(page: Any, request: HttpRequest, *arguments: Any) -> HttpResponse:
        request.page_served = page
        return serve(page, request, *arguments)

    return served


def is_at_home(request: HttpRequest) -> bool:
    """Whether it was asked for under the name, and at the port, that the site's own record has.

    Wagtail goes by the port that the visitor came to; what is saved is found again by the one in the Host.
    """
    site = Site.find_for_request(request)
    name, port = split_port(request.get_host())
    if site is None:
        return False
    is_its_port = port == str(site.port) if port else site.port in (80, 443)
    return site.hostname.lower() == name.lower() and is_its_port


def why_not(request: HttpRequest, response: HttpResponse, address: Address) -> str:
    """Why the answer to this plain request is not saved; empty when it is."""
    return _of_view(request, response, address) or _of_any(request, response)


def is_for_everybody(request: HttpRequest, response: HttpResponse) -> bool:
    """Whether nothing in the answer to this plain request is for one visitor only, saved or not."""
    return not _of_any(request, response)


def why_no_404(one: Rendered, another: Rendered) -> str:
    """The same of what is said where nothing is, at two addresses: neither must show."""
    if one.copy is None or another.copy is None or one.copy.status != 404:
        return one.why_not_saved or "something is there"
    return _of_any(one.request, one.response) or (one.copy.digest != another.copy.digest) * "repeats the address"


def _of_any(request: HttpRequest, response: HttpResponse) -> str:
    if response.streaming:
        return "streamed"
    if request.META.get("CSRF_COOKIE_NEEDS_UPDATE") or "CSRF_COOKIE" in request.META:
        return "csrf-token"
    if response.cookies:
        return "cookie"
    if response.has_header("Content-Encoding"):
        return "encoded"
    if FORBIDS.search(response.headers.get("Cache-Control", "").lower()) or lifetime(response) == 0:
        return "cache-control"
    if varies(response) - VARIES - _said_by_django(request):
        return "vary"
    if len(response.content) > LARGEST:
        return "too-large"
    return "" if is_at_home(request) else "host"


def varies(response: HttpResponse) -> set[str]:
    """The headers of a request that the answer depends on, in small letters."""
    return {name.strip().lower() for name in response.headers.get("Vary", "").split(",") if name.strip()}


def _said_by_django(request: HttpRequest) -> set[str]:
    """What its middleware for languages says of every path without one, though there it is always the first language.

    Unless the page itself has said so before: that is known of what a template makes.
    """
    _, first_has_one = is_language_prefix_patterns_used(getattr(request, "urlconf", settings.ROOT_URLCONF))
    inside = getattr(request, "varies", {LANGUAGE})
    return {LANGUAGE} if by_language() and not first_has_one and LANGUAGE not in inside else set()


def _of_view(request: HttpRequest, response: HttpResponse, address: Address) -> str:
    view = request.resolver_match.view_name if request.resolver_match else PAGES
    if view == DOCUMENTS:
        return "" if getattr(response, "signs", "") else "document"
    if view in conf().saved_views:
        return _of_status(response) or _undeclared(address, conf().saved_parameters)
    found, served = getattr(request, "page_found", None), getattr(request, "page_served", None)
    if found is None:  # a redirect, or nothing
        return "" if response.status_code in REDIRECTS else f"status-{response.status_code}"
    if served is None:
        return "restricted"
    if not getattr(served, "saved", True):
        return "declared"
    return _of_status(response) or _undeclared(address, getattr(served, "saved_parameters", ()))


def _of_status(response: HttpResponse) -> str:
    return "" if response.status_code in (200, 410, *REDIRECTS) else f"status-{response.status_code}"


def _undeclared(address: Address, declared: Any) -> str:
    return "parameters" if address.parameters - set(declared) else ""


def lifetime(response: HttpResponse) -> int | None:
    """Seconds for which the page itself says that it is good; None where it says nothing."""
    if getattr(response, "signs", ""):
        return None  # what it says is about the signature, and each visitor gets a fresh one
    said = response.headers.get("Cache-Control", "").lower().replace(" ", "")
    if found := SHARED_AGE.search(said) or AGE.search(said):
        return int(found[1])
    if "Expires" not in response.headers:
        return None
    until = parse_http_date_safe(response.headers["Expires"])  # what is no date, such as 0, is over
    return max(0, int(until - time.time())) if until else 0
