"""Who is let in, by which password, and which address means what."""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from moto.ecr.models import ecr_backends

from ..ecr.models import LocalECRBackend
from ..ground import ground
from .blobs import add_to_upload, begin_upload, cancel_upload, end_upload, file, get_blob, get_upload
from .manifests import get_manifest, list_tags, put_manifest
from .request import PREFIX, Answer, Environ, Refused, Request, text

NAME = r"(?P<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
VERSION = ("Docker-Distribution-Api-Version", "registry/2.0")


def serves(path: str) -> bool:
    # No bucket can have this name: three letters are the least.
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def registry(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
    try:
        status, headers, body = answer(environ)
    except Refused as refused:
        status = refused.status
        error = {"errors": [{"code": refused.code, "message": refused.message}]}
        body = [json.dumps(error).encode()]
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body[0]))), *refused.headers]
    start_response(f"{status} ", [VERSION, *headers])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else body


def answer(environ: Environ) -> Answer:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if ticket := re.fullmatch(rf"{PREFIX}/\.download/([\w-]+)", path):
        return download(ticket[1])
    backend = admit(environ)
    if path.rstrip("/") == PREFIX:
        return text("application/json", "{}")
    for pattern, methods in ROUTES:
        if found := re.fullmatch(PREFIX + pattern, path):
            if method not in methods:
                raise Refused(405, "UNSUPPORTED", "The operation is unsupported.")
            name, *rest = found.groups()
            return methods[method](Request(backend, name, environ), *rest)
    raise Refused(404, "NOT_FOUND", f"{path} is not of a registry.")


def admit(environ: Environ) -> LocalECRBackend:
    """The registry, of one account in one region, that the password opens."""
    scheme, _, encoded = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    try:
        user, _, password = base64.b64decode(encoded).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        scheme = user = password = ""
    if scheme.lower() == "basic" and user == "AWS":
        for backend in all_backends():
            if backend.tokens.knows(password):
                if backend.tokens.has_expired(password):
                    # AWS's status and words, as met by many (serverless#13116, vscode#205489).
                    expired = "Your authorization token has expired. Reauthenticate and try again."
                    raise Refused(403, "DENIED", expired)
                return backend
    challenge = f'Basic realm="{ground().endpoint}/",service="ecr.amazonaws.com"'
    raise Refused(401, "UNAUTHORIZED", "Not Authorized", ("WWW-Authenticate", challenge))


def all_backends() -> list[LocalECRBackend]:
    return [backend for account in list(ecr_backends.values()) for backend in list(account.values())]


def download(ticket: str) -> Answer:
    """By an address that GetDownloadUrlForLayer gave."""
    digest = next((found for each in all_backends() if (found := each.tickets.digest(ticket))), None)
    if digest is None:
        raise Refused(403, "DENIED", "Request has expired")
    return file(digest)


# Addresses after /v2, each with what its methods do.
ROUTES: tuple[tuple[str, dict[str, Callable[..., Answer]]], ...] = (
    (rf"/{NAME}/tags/list", {"GET": list_tags}),
    (rf"/{NAME}/blobs/uploads/?", {"POST": begin_upload}),
    (
        rf"/{NAME}/blobs/uploads/([\w-]+)",
        {"GET": get_upload, "PATCH": add_to_upload, "PUT": end_upload, "DELETE": cancel_upload},
    ),
    (rf"/{NAME}/blobs/(sha256:[0-9a-f]+)", {"GET": get_blob, "HEAD": get_blob}),
    (rf"/{NAME}/manifests/([\w.:-]+)", {"GET": get_manifest, "HEAD": get_manifest, "PUT": put_manifest}),
)
