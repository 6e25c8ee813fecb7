"""What is said instead of a service's own answer, in the words and the protocol of the service that was called."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.model import OperationModel
from moto.core.request import determine_request_protocol
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model

from .errors import AwsError

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]

# Where the name that signs differs from botocore's name of the service.
BOTO_NAMES = {
    "tagging": "resourcegroupstaggingapi",
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
    "email": "sesv2",
}


class Refused(Exception):
    def __init__(self, service: str, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.service, self.code, self.message, self.status = service, code, message, status


@dataclass
class Answer:
    """All that goes back for one request."""

    status: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def code(self) -> int:
        return int(self.status.split()[0])

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        start_response(self.status, self.headers)
        return [self.body]


def answered(app: App, environ: Environ) -> Answer:
    """What an application answers, kept instead of sent."""
    kept = Answer("500 ")

    def start_response(status: str, headers: list[tuple[str, str]], *more: Any) -> None:
        kept.status, kept.headers = status, list(headers)

    body = app(environ, start_response)
    try:
        kept.body = b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
    return kept


def protocol_of(service: str, content_type: str = "") -> str:
    """Some services speak several: the request tells which one its sender does."""
    try:
        return determine_request_protocol(get_service_model(BOTO_NAMES.get(service, service)), content_type)
    except (UnknownServiceError, NotImplementedError):
        return "json"


def refusal(refused: Refused, environ: Environ) -> Answer:
    name = BOTO_NAMES.get(refused.service, refused.service)
    try:
        model = get_service_model(name)
    except UnknownServiceError:
        body = json.dumps({"__type": refused.code, "message": refused.message}).encode()
        return plain(refused.status, "application/x-amz-json-1.0", body)
    protocol = protocol_of(refused.service, environ.get("CONTENT_TYPE", ""))
    serializer = get_serializer_class(name, protocol)(operation_model=OperationModel({}, model))
    serialized = serializer.serialize(AwsError(refused.code, refused.message))
    body = serialized["body"]
    kind = serialized["headers"].get("Content-Type", "text/xml")
    kept = plain(refused.status, kind, body.encode() if isinstance(body, str) else body)
    # CBOR is only taken for CBOR with a header of its own.
    kept.headers += [
        (name, value) for name, value in serialized["headers"].items() if name.lower() == "smithy-protocol"
    ]
    return kept


def plain(status: int, kind: str, body: bytes) -> Answer:
    return Answer(f"{status} ", [("Content-Type", kind), ("Content-Length", str(len(body)))], body)


def not_emulated(service: str, what: str) -> Refused:
    return Refused(service, "NotImplemented", f"The local AWS does not emulate this: {what}.")
