"""What is answered to whoever has failed too often, and the passwords of pages and documents."""

import math
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from .network import network
from .throttle import Refused, throttle

# A password for a part of the site, which Wagtail compares itself. One name each: it is one password for all.
PASSWORDS = {
    "wagtailcore_authenticate_with_password": "page_view_restriction_id",
    "wagtaildocs_authenticate_with_password": "restriction_id",
}


class LoginMiddleware:
    """Stands last: an attempt that CSRF refuses is none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if name := getattr(request, "asked_for_password_of", ""):
            if response.status_code == 302:
                throttle.came_in(name, network(request))
            elif response.status_code == 200:  # the form again
                throttle.failed(name, network(request))
        return response

    def process_view(
        self, request: HttpRequest, view: Any, arguments: Any, named: dict[str, Any]
    ) -> HttpResponse | None:
        match = request.resolver_match
        if request.method == "POST" and match is not None and match.view_name in PASSWORDS:
            name = f"{match.view_name} {named[PASSWORDS[match.view_name]]}"
            try:
                throttle.check(name, network(request))
            except Refused as refused:
                return _too_many(refused)
            request.asked_for_password_of = name
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _too_many(exception) if isinstance(exception, Refused) else None


def _too_many(refused: Refused) -> HttpResponse:
    # Without the request: a project's context processors may ask the database.
    content = render_to_string("login/too_many.html", {"minutes": math.ceil(refused.seconds / 60)})
    headers = {"Retry-After": str(refused.seconds), "Cache-Control": "no-store"}
    return HttpResponse(content, status=429, headers=headers)
