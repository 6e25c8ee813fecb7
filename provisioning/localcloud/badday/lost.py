"""A call takes effect, and then its connection ends without an answer: boto3 sends it again."""

import socket
from contextlib import suppress
from typing import Any, ClassVar

from ..answers import Answer
from ..calls import Call
from .day import BadDay

ONE = 0.15  # of all calls that change something, and of each operation the first


class LostAnswers(BadDay):
    name: ClassVar[str] = "lost-answers"
    source: ClassVar[str] = (
        "AWS's Builders' Library (Making retries safe with idempotent APIs), EC2's guide (Ensuring idempotency), and "
        "botocore's retries, which repeat a call whose connection was closed"
    )

    def loses(self, call: Call, answer: Answer) -> bool:
        if call.reads or answer.code >= 400:
            return False
        count = self.chance.count(self.name, call.service, call.operation)
        return count == 0 or self.chance.of(self.name, call.service, call.operation, count) < ONE


def hang_up(environ: dict[str, Any]) -> None:
    """Ends the request's connection."""
    connection: socket.socket = environ["werkzeug.socket"]
    with suppress(OSError):  # its other end was quicker
        connection.shutdown(socket.SHUT_RDWR)
