"""The Lambda Runtime API: where a function's process asks for its next invocation and leaves the answer.

Lambda's guide, "Using the Lambda runtime API"; its client in an image is AWS's own awslambdaric. Each process
has one of its own, on a port of its own.
"""

import json
import queue
import re
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ..ports import LOOPBACK

VERSION = "/2018-06-01/runtime"
ANSWER = re.compile(re.escape(VERSION) + r"/invocation/(?P<id>[0-9a-f-]+)/(?P<kind>response|error)")
LONGEST_ANSWER = 6 * 1024 * 1024  # bytes; botocore's model of Invoke


@dataclass
class Outcome:
    payload: bytes
    error: str | None = None  # as X-Amz-Function-Error tells it


@dataclass
class Invocation:
    payload: bytes
    arn: str
    timeout: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    client_context: str | None = None
    outcome: Outcome | None = None
    done: threading.Event = field(default_factory=threading.Event)
    started: float | None = None

    def end(self, outcome: Outcome) -> None:
        """The first one counts."""
        if self.outcome is None:
            self.outcome = outcome
            self.done.set()

    def headers(self) -> dict[str, str]:
        found = {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.id,
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + self.timeout) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self.arn,
            "Lambda-Runtime-Trace-Id": f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0",
        }
        return (
            found if self.client_context is None else {**found, "Lambda-Runtime-Client-Context": self.client_context}
        )


class RuntimeApi:
    def __init__(self) -> None:
        self.ready = threading.Event()  # the process has asked for work
        self.init_error: Outcome | None = None
        self._waiting: queue.SimpleQueue[Invocation | None] = queue.SimpleQueue()
        self._current: Invocation | None = None
        self._server = ThreadingHTTPServer((LOOPBACK, 0), self._handler())
        self._server.daemon_threads = True
        self.address = f"{LOOPBACK}:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="lambda runtime api", daemon=True
        )
        self._thread.start()

    def give(self, invocation: Invocation) -> None:
        self._waiting.put(invocation)

    def close(self) -> None:
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()

    def next(self) -> Invocation | None:
        self.ready.set()
        self._current = self._waiting.get()
        if self._current is not None:
            self._current.started = time.monotonic()
        return self._current

    def take(self, id: str, kind: str, body: bytes) -> bool:
        """What the process answered; False when nobody asked that."""
        invocation = self._current
        if invocation is None or invocation.id != id:
            return False
        if kind == "error":
            invocation.end(Outcome(body, "Unhandled"))
        elif len(body) > LONGEST_ANSWER:
            invocation.end(too_large(len(body)))
        else:
            invocation.end(Outcome(body))
        return True

    def _handler(api: "RuntimeApi") -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                with suppress(ConnectionError):  # the process was killed while it talked
                    super().handle()

            def do_GET(self) -> None:
                invocation = api.next() if self.path == f"{VERSION}/invocation/next" else None
                if invocation is None:  # the process is gone, or about to be
                    self.close_connection = True
                    return
                self._answer(200, invocation.payload, invocation.headers())

            def do_POST(self) -> None:
                body = self._body()
                answered = ANSWER.fullmatch(self.path)
                if self.path == f"{VERSION}/init/error":
                    api.init_error = Outcome(body, "Unhandled")
                    self._answer(202, b'{"status":"OK"}')
                elif answered and api.take(answered["id"], answered["kind"], body):
                    self._answer(202, b'{"status":"OK"}')
                else:
                    self._answer(400, b'{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}')

            def _body(self) -> bytes:
                if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                    return self.rfile.read(int(self.headers.get("Content-Length") or 0))
                found = b""
                while size := int(self.rfile.readline().split(b";")[0], 16):
                    found += self.rfile.read(size)
                    self.rfile.readline()
                self.rfile.readline()
                return found

            def _answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", **(headers or {})}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *arguments: Any) -> None:
                """What happens is told by the invocation."""

        return Handler


def failure(kind: str, text: str) -> Outcome:
    return Outcome(json.dumps({"errorType": kind, "errorMessage": text}).encode(), "Unhandled")


def too_large(size: int) -> Outcome:
    return failure(
        "Function.ResponseSizeTooLarge",
        f"Response payload size ({size} bytes) exceeded maximum allowed payload size ({LONGEST_ANSWER} bytes).",
    )
