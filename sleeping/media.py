"""Pictures at an address that lasts: /media/<name>, which leads to one that is signed when it is asked for.

A page may be kept for longer than any signature holds, so it must not hold one. Nothing here asks the database.
"""

import mimetypes
import re
from collections.abc import Callable
from dataclasses import replace

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.core.files.storage import default_storage
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseNotFound,
    HttpResponseRedirect,
)
from django.utils.encoding import filepath_to_uri
from django.views.static import serve

from .conf import conf
from .signing import PAUSE, CannotSign, Wanted, signatures, signs

LOST = "not-found"  # Wagtail's name for a picture whose original is gone
LONGEST = 1024  # bytes of a name: S3 has no longer ones
# What could be read as another name, here or further on: `%` is what is left of an address encoded twice, or wrongly.
AMBIGUOUS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\\%]")
MARGIN = 60  # seconds before its end in which a signature is not relied on: clocks differ, and people are slow
DOCUMENT_KEPT = 60  # seconds for which the way to a public document may be kept: its collection may turn private

mimetypes.add_type("image/webp", ".webp")  # older Pythons have it from /etc/mime.types alone, which an image has not


class MediaMiddleware:
    """Answers for all below MEDIA_URL: stands behind MissingFile, before all that opens a connection.

    What is not public is refused as what is not there. Where the storage signs nothing, the files of a folder are
    sent; with DEBUG that is left to the project's `static()`, as Django has it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        if not re.fullmatch(r"/[^/].*/", settings.MEDIA_URL):
            raise MiddlewareNotUsed(f"MEDIA_URL is {settings.MEDIA_URL!r}: it is not below this site.")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(settings.MEDIA_URL) or (settings.DEBUG and not signs()):
            return self.get_response(request)
        name = request.path_info.removeprefix(settings.MEDIA_URL)
        if not is_public(name):
            return _missing()
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return _picture(name, request.method) if signs() else _from_folder(request, name)


def is_public(name: str) -> bool:
    """Whether everyone may have the file of this name: it is in a public folder, and spelled in the one right way."""
    return (
        any(name.startswith(f"{folder.strip('/')}/") for folder in conf().public_media)
        and not AMBIGUOUS.search(name)
        and not {"", ".", ".."}.intersection(name.split("/"))
        and len(name.encode()) <= LONGEST
    )


def address(name: str) -> str | None:
    """The lasting address of a file that everyone may have; None for any other, whose addresses must end."""
    # A page says /media/not-found, which is not there: a signed address would not be either, and it would end.
    return f"{settings.MEDIA_URL}{filepath_to_uri(name)}" if name == LOST or is_public(name) else None


def signed(what: str, method: str = "GET") -> HttpResponse:
    """The way to a public document, without a query. `what` is the `signs` of a response that `document` made."""
    return document(replace(Wanted.of(what), method=method), public=True)


def document(wanted: Wanted, public: bool) -> HttpResponse:
    """The way to a document that this visitor may have; `public` if everyone may: then it `signs` what may be kept."""
    seconds = conf().document_seconds
    if not public:
        return _way(replace(wanted, cache_control="private, no-store"), seconds, 0)
    response = _way(replace(wanted, cache_control=f"public, max-age={seconds}"), seconds, DOCUMENT_KEPT)
    if response.status_code == 302:
        response.signs = str(wanted)
    return response


def _picture(name: str, method: str) -> HttpResponse:
    seconds = conf().picture_seconds
    # Not `immutable`: once a picture is deleted, another of its name may take its address.
    return _way(Wanted(name, method=method, cache_control=f"public, max-age={seconds}"), seconds, seconds)


def _way(wanted: Wanted, seconds: int, kept: int) -> HttpResponse:
    """There, by a signature of so many seconds at most, which others may be handed, too, and `kept` for at most."""
    shared = kept > 0 and wanted.method == "GET"  # what is kept of a HEAD may be used for a GET
    try:
        found = (signatures.of if shared else signatures.fresh)(wanted, seconds)
    except CannotSign:
        return _unavailable()
    response = HttpResponseRedirect(found.url)
    left = min(kept, int(found.until - signatures.now()) - MARGIN)
    response["Cache-Control"] = (
        f"public, max-age={left}, must-revalidate" if shared and left > 0 else "private, no-store"
    )
    return response


def _from_folder(request: HttpRequest, name: str) -> HttpResponse:
    try:
        return serve(request, name, document_root=default_storage.path(""))
    except (Http404, NotImplementedError):  # not there, or in no folder
        return _missing()


def _missing() -> HttpResponse:
    return HttpResponseNotFound("There is no such file.\n", content_type="text/plain")


def _unavailable() -> HttpResponse:
    headers = {"Retry-After": str(int(PAUSE)), "Cache-Control": "no-store"}
    return HttpResponse("The file cannot be fetched now.\n", status=503, content_type="text/plain", headers=headers)
