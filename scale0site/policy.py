"""Which policy an answer goes out with: the public one, or the admin's.

Both are in settings/policy.py. Nothing in an answer itself decides, so a saved page goes out with today's.
"""

import contextlib
from functools import cache
from typing import Any

from csp.constants import HEADER, SELF
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.conf import settings
from django.core.signals import setting_changed
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse

ADMINS = ("wagtailadmin_home", "admin:index")
OWN = ("_csp_config", "_csp_exempt", "_csp_replace", "_csp_update")  # what django-csp's decorators say of one answer


class PolicyMiddleware(CSPMiddleware):
    """Stands right behind Django's SecurityMiddleware: static files, saved pages and the waking page pass it, too."""

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if report_only:
            return parts
        if parts.config is None and _is_of_the_admin(request, response):
            parts.config = settings.ADMIN_CONTENT_SECURITY_POLICY
        # What the editor's preview panel shows: a preview, or a page that stands for it. X-Frame-Options says so, too.
        if response.headers.get("X-Frame-Options") == "SAMEORIGIN":
            parts.replace = {"frame-ancestors": [SELF], **(parts.replace or {})}
        return parts

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if getattr(request, "is_dummy", False):
            # A preview is made by a request of its own, through all middleware. What comes out is a page of the
            # site, which then goes out as the answer of an address in the admin.
            response._csp_config = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
            return response
        if self._is_usual(request, response):
            policy = _public(response.headers.get("X-Frame-Options") == "SAMEORIGIN")
            response.headers.setdefault(HEADER, policy)
        else:
            response = super().process_response(request, response)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response

    def _is_usual(self, request: HttpRequest, response: HttpResponseBase) -> bool:
        """Whether the public policy as it stands is the answer's: django-csp puts it together anew for each."""
        return (
            _is_one_for_all()
            and not any(name in vars(response) for name in OWN)
            and not getattr(request, "_csp_nonce", None)
            and not _is_of_the_admin(request, response)
        )


@cache
def _is_one_for_all() -> bool:
    """Whether the settings say nothing that goes by the request."""
    only_told = getattr(settings, "CONTENT_SECURITY_POLICY_REPORT_ONLY", None)
    return not (settings.DEBUG or only_told or "EXCLUDE_URL_PREFIXES" in settings.CONTENT_SECURITY_POLICY)


@cache
def _public(may_be_framed: bool) -> str:
    return build_policy(replace={"frame-ancestors": [SELF]} if may_be_framed else None)


@setting_changed.connect
def _forget(*, setting: str, **_: Any) -> None:
    if setting in ("CONTENT_SECURITY_POLICY", "CONTENT_SECURITY_POLICY_REPORT_ONLY", "DEBUG"):
        _is_one_for_all.cache_clear()
        _public.cache_clear()


def _is_of_the_admin(request: HttpRequest, response: HttpResponseBase) -> bool:
    """A page of the admin for somebody who is logged in. The form to log in is strict: it is there for anybody.

    So is what tells of an error or a refusal: it may come from where nobody has asked who it is, and asking takes
    the database.
    """
    return (
        response.status_code < 400
        and response.headers.get("Content-Type", "").startswith("text/html")
        and request.path.startswith(_admins())
        and hasattr(request, "user")
        and request.user.is_authenticated
    )


@cache
def _admins() -> tuple[str, ...]:
    """Where they begin."""
    found = []
    for name in ADMINS:
        with contextlib.suppress(NoReverseMatch):
            found.append(reverse(name))
    return tuple(found)
