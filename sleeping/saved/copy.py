"""One saved answer: as it lies in the storage, and as it is given to a visitor."""

import gzip
import hashlib
import json
import math
import zlib
from dataclasses import asdict, dataclass
from typing import Any, Self

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.utils.cache import get_conditional_response

from ..media import signed

AGE = 5  # seconds that a browser shows a page without asking
CACHE_STATUS = "Cache-Status"  # RFC 9211
NAME = "saved-pages"
FORMAT = 1

# Made anew for each visitor, or about one connection only.
NOT_SAVED = {
    *("age", "cache-control", "connection", "content-encoding", "content-length", "date", "etag", "expires"),
    *("keep-alive", "server", "set-cookie", "transfer-encoding", "vary"),
}


@dataclass(frozen=True)
class Copy:
    body: bytes
    """Compressed by gzip."""
    status: int
    headers: tuple[tuple[str, str], ...]
    generation: int
    made: float
    """Seconds since 1970."""
    until: float | None = None
    """Seconds since 1970, where the page itself said how long it is good for."""
    digest: str = ""
    """SHA-256 of the body before it was compressed."""
    token: str = ""
    """What stands where a CSRF token belongs."""
    signs: str = ""
    """The file of the storage to whose signed address the answer leads."""

    @classmethod
    def of(
        cls, response: HttpResponse, generation: int, made: float, placeholder: str = "", until: float | None = None
    ) -> Self:
        """`placeholder` is what a CSRF token was rendered as, if there is one."""
        signs = getattr(response, "signs", "")
        not_saved = NOT_SAVED | ({"location"} if signs else set())  # it is signed, and ends
        headers = tuple((name, value) for name, value in response.items() if name.lower() not in not_saved)
        content = response.content
        return cls(
            body=gzip.compress(content, compresslevel=6, mtime=0),
            status=response.status_code,
            headers=headers,
            generation=generation,
            made=made,
            until=until,
            digest=hashlib.sha256(content).hexdigest(),
            token=placeholder if placeholder and placeholder.encode() in content else "",
            signs=signs,
        )

    def pack(self) -> bytes:
        """A line of JSON, then the body."""
        about = {key: value for key, value in asdict(self).items() if key != "body"}
        return json.dumps({"format": FORMAT, "length": len(self.body), **about}).encode() + b"\n" + self.body

    @classmethod
    def unpack(cls, packed: bytes) -> Self | None:
        """None for what is not whole, or was written by another version of this."""
        line, _, body = packed.partition(b"\n")
        try:
            about: dict[str, Any] = json.loads(line)
            if about.pop("format") != FORMAT or about.pop("length") != len(body):
                return None
            about["headers"] = tuple((name, value) for name, value in about["headers"])
            copy = cls(body=body, **about)
            whole = hashlib.sha256(copy.content).hexdigest() == copy.digest
        except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, zlib.error):
            return None
        return copy if whole else None

    @property
    def content(self) -> bytes:
        return gzip.decompress(self.body)

    @property
    def size(self) -> int:
        """Bytes, about."""
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers) + 500

    def answer(self, request: HttpRequest, how: str, now: float) -> HttpResponse:
        """`how` is what Cache-Status says of it; whatever is not the present generation's has an Age."""
        if self.signs:
            response = signed(self.signs, request.method)
        elif self.token:
            response = self._with_token(request)
        else:
            response = self._plain(request, now)
        if "stale" in how:
            response.headers["Age"] = str(max(0, int(now - self.made)))
        response.headers[CACHE_STATUS] = f"{NAME}; {how}"
        return response

    def _plain(self, request: HttpRequest, now: float) -> HttpResponse:
        zipped = _takes_gzip(request)
        response = self._response(self.body if zipped else self.content)
        if zipped:
            response.headers["Content-Encoding"] = "gzip"
        seconds = AGE if self.until is None else min(AGE, math.ceil(self.until - now))
        response.headers["Cache-Control"] = f"max-age={max(seconds, 0)}"
        if self.status != 200:
            return response
        # Weak: the same for both encodings.
        etag = f'W/"{self.digest[:32]}"'
        response.headers["ETag"] = etag
        if "HTTP_IF_NONE_MATCH" not in request.META:
            return response
        return get_conditional_response(request, etag=etag, response=response)

    def _with_token(self, request: HttpRequest) -> HttpResponse:
        """Each visitor has a token of their own, and the cookie that belongs to it."""

        def filled(request: HttpRequest) -> HttpResponse:
            response = self._response(self.content.replace(self.token.encode(), get_token(request).encode()))
            response.headers["Cache-Control"] = "private, no-cache"
            return response

        return CsrfViewMiddleware(filled)(request)

    def _response(self, content: bytes) -> HttpResponse:
        response = HttpResponse(content, status=self.status)
        for name, value in self.headers:
            response.headers[name] = value
        response.headers["Vary"] = "Cookie, Accept-Encoding"
        return response


def _takes_gzip(request: HttpRequest) -> bool:
    for each in request.META.get("HTTP_ACCEPT_ENCODING", "").split(","):
        name, _, weight = each.strip().partition(";")
        if name.strip().lower() in ("gzip", "x-gzip"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
