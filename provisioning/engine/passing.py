"""What AWS says when nothing is wrong but the moment, and the patience for it outside the one loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ProxyConnectionError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError

from .clock import Clock
from .problem import code

# AWS asks for patience, whatever the service; botocore has tried again by then.
THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "ThrottledException", "TooManyRequestsException"}
    | {"RequestLimitExceeded", "SlowDown"}
)
PASSING = THROTTLED | frozenset(
    {"InternalError", "InternalFailure", "InternalServiceErrorException", "ServerException"}
    | {"ServiceUnavailable", "ServiceUnavailableException"}
)
NOT_REACHED = (EndpointConnectionError, ConnectTimeoutError, ProxyConnectionError)
NOT_IMPLEMENTED = 501  # which no time cures
PAUSES = (0.5, 1.0, 2.0, 4.0, 8.0)  # seconds between two tries, each of which is several of boto3's

Found = TypeVar("Found")


def passes(error: Exception) -> bool:
    """True if AWS, or the network, says that time alone cures it."""
    return code(error) in PASSING or isinstance(error, NOT_REACHED) or is_lost(error)


def is_lost(error: Exception) -> bool:
    """True if nobody knows whether the call took effect: the connection ended, or AWS failed half way."""
    if isinstance(error, ClientError):
        if code(error) in THROTTLED:  # EC2 and S3 say so with a 503, before they do anything
            return False
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return bool(status >= 500 and status != NOT_IMPLEMENTED)
    return isinstance(error, (AwsConnectionError, HTTPClientError)) and not isinstance(error, NOT_REACHED)


def patiently(read: Callable[[], Found], clock: Clock | None = None) -> Found:
    """What it returns, once AWS is in the mood; of something that may be done twice, such as reading."""
    for pause in PAUSES:
        try:
            return read()
        except (ClientError, BotoCoreError) as error:
            # Where nothing answers at all, a person who waits for a first word is better told so at once.
            if not passes(error) or isinstance(error, NOT_REACHED):
                raise
        (clock or Clock()).sleep(pause)
    return read()
