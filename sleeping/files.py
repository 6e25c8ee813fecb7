"""A file under STATIC_URL that this release does not hold."""

from collections.abc import Callable

from django.conf import settings
from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from whitenoise.media_types import MediaTypes

from .breaker import REST, Away
from .former import Former
from .releases import ALIAS, is_hashed

types = MediaTypes()  # as WhiteNoise named them while it had these files


class MissingFileMiddleware:
    """Answers without a query. It stands right behind WhiteNoise, which has passed on what it has not got.

    A file of a former release comes from `STORAGES["releases"]`, where there is that. It is not redirected to: a
    style sheet's relative addresses go on working, and no content policy need know the storage. Only what is called
    as a hashed file is looked for: what scanners try is not.

    All else is a 404. Further in, one looks for a redirect and shows the site's navigation: three queries for an old
    style sheet.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.former = Former(storages[ALIAS]) if ALIAS in storages.backends else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(settings.STATIC_URL):
            return self.get_response(request)
        response = self._former(request) or _text("There is no such file.", HttpResponseNotFound.status_code)
        response.headers["Content-Length"] = str(len(response.content))
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response

    def _former(self, request: HttpRequest) -> HttpResponse | None:
        name = request.path_info.removeprefix(settings.STATIC_URL)
        if self.former is None or request.method not in ("GET", "HEAD") or not is_hashed(name):
            return None
        try:
            content = self.former.read(name)
        except Away:
            # Not a 404: who remembers that for a while would remember what is not so.
            response = _text("This file cannot be fetched now. Ask again in a few seconds.", 503)
            response.headers["Retry-After"] = f"{REST:.0f}"
            response.headers["Cache-Control"] = "no-store"
            return response
        if content is None:
            return None
        response = HttpResponse(content, content_type=_type(name))
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def _type(name: str) -> str:
    found = types.get_type(name)
    return f"{found}; charset=utf-8" if found.startswith("text/") else found


def _text(text: str, status: int) -> HttpResponse:
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain")
