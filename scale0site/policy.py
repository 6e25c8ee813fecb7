"""Which policy an answer goes out with: the public one, or the admin's.

Both are in settings/policy.py. Nothing in an answer itself decides, so a saved page goes out with today's.
"""

import contextlib
from functools import cache

from csp.constants import SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import NoReverseMatch, reverse

ADMINS = ("wagtailadmin_home", "admin:index")


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
        response = super().process_response(request, response)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response


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
