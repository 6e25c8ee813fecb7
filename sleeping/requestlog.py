"""One line in the log for each request: what it was, how long it took, and what of that was the database's."""

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse

from .record import MARK, record
from .secrecy import without_secrets

logger = logging.getLogger("sleeping.requests")


class RequestLogMiddleware:
    """Stands first. Nothing personal is written: no address, no user, no query string, no browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if MARK in request.META:  # no visitor asks, but we ourselves (saved/rendering.py)
            return self.get_response(request)
        line = Line(request)
        with ExitStack() as counting:
            for connection in connections.all():  # which opens none of them
                counting.enter_context(connection.execute_wrapper(line.count))
            response = self.get_response(request)
            if not response.streaming:
                line.write(response, len(response.content))
                return response
            still_counting = counting.pop_all()
        self._write_when_sent(line, response, still_counting)
        return response

    def _write_when_sent(self, line: "Line", response: StreamingHttpResponse, counting: ExitStack) -> None:
        sent = Sent()
        if isinstance(response, FileResponse):  # the server may send the file by itself: it stays as it is
            sent.bytes = int(response.headers.get("Content-Length", 0))
        elif not response.is_async:
            response.streaming_content = sent.counted(response.streaming_content)
        close = response.close

        def closed() -> None:
            close()
            counting.close()
            line.write(response, sent.bytes)

        response.close = closed


class Sent:
    """How much of a stream the server has fetched."""

    bytes = 0

    def counted(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        for part in parts:
            self.bytes += len(part)
            yield part


class Line:
    """What is found out about a request while it is worked on."""

    def __init__(self, request: HttpRequest):
        self.request = request
        self.began = time.monotonic()
        self.querying = 0.0

    def count(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        began = time.monotonic()
        try:
            return execute(sql, params, many, context)
        finally:
            self.querying += time.monotonic() - began
            record(self.request).queries += 1

    def write(self, response: HttpResponse, size: int) -> None:
        request, found = self.request, record(self.request)
        if request.path_info == settings.HEALTH_PATH and response.status_code == 200:
            return  # one every few seconds for ever, that say nothing
        logger.info(
            "%s %s %d",
            request.method,
            path := without_secrets(request),
            response.status_code,
            extra={
                "method": request.method,
                "path": path,
                "status": response.status_code,
                "ms": _ms(time.monotonic() - self.began),
                "bytes": size,
                "queries": found.queries,
                "query_ms": _ms(self.querying),
                "connection_ms": _ms(found.connecting),
                "woke": found.woke,
                "why": found.why,
                **({"saved": found.saved} if found.saved else {}),
            },
        )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
