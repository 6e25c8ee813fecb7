"""One call of an engine, and the forms of an answer."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qs

from moto.ecr.exceptions import RepositoryNotFoundException
from werkzeug.wsgi import get_input_stream

from ..ecr.models import LocalECRBackend

PREFIX = "/v2"

Environ = dict[str, Any]
Answer = tuple[int, list[tuple[str, str]], Iterable[bytes]]


class Refused(Exception):
    def __init__(self, status: int, code: str, message: str, *headers: tuple[str, str]) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.headers = status, code, message, headers


class Request:
    """One call that concerns one repository, which has to exist: pushing does not make it."""

    def __init__(self, backend: LocalECRBackend, name: str, environ: Environ) -> None:
        self.backend, self.name, self.environ = backend, name, environ
        self.query = {key: values[0] for key, values in parse_qs(environ.get("QUERY_STRING", "")).items()}
        # Ends where the body ends: by its length, by its last chunk, or at once.
        self.body = get_input_stream(environ)
        try:
            self.repository = backend.repository(name)
        except RepositoryNotFoundException as missing:
            raise Refused(404, "NAME_UNKNOWN", str(missing.message)) from None

    @property
    def path(self) -> str:
        return f"{PREFIX}/{self.name}"


def text(kind: str, content: str, *headers: tuple[str, str]) -> Answer:
    body = content.encode()
    return 200, [("Content-Type", kind), ("Content-Length", str(len(body))), *headers], [body]


def created(where: str, digest: str) -> Answer:
    return 201, [("Location", where), ("Docker-Content-Digest", digest), ("Content-Length", "0")], []
