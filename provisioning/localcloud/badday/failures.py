"""AWS fails by itself: 500 and 503, in the words of the service."""

from functools import cache
from typing import ClassVar

from moto.core.utils import get_service_model

from ..answers import Refused
from ..calls import Call
from .day import BadDay

ONE = 0.12  # of all calls
ROW = 6  # calls; more than boto3 tries
ROWS = 0.06  # of all rows
UNKNOWN = "The request processing has failed because of an unknown error, exception or failure."
FAULTS = ("Internal", "ServerException", "ServiceException", "ServiceFailure")


class Failures(BadDay):
    name: ClassVar[str] = "failures"
    source: ClassVar[str] = (
        "AWS's common errors (InternalFailure 500, ServiceUnavailable 503); EC2's (InternalError, Unavailable) and "
        "S3's (InternalError, ServiceUnavailable); else what botocore's model of the operation names"
    )

    def refuse(self, call: Call, caller: str) -> Refused | None:
        count = self.chance.count(self.name, call.service, call.operation)
        about = (self.name, call.service, call.operation)
        if self.chance.of(*about, count) >= ONE and self.chance.of(*about, "row", count // ROW) >= ROWS:
            return None
        return fault(call) if self.chance.of(*about, "which", count) < 0.5 else unavailable(call)


def fault(call: Call) -> Refused:
    if call.service in ("ec2", "s3"):
        text = "We encountered an internal error. Please try again."
        return Refused(call.service, "InternalError", text, 500)
    return Refused(call.service, own_fault(call.boto_name, call.operation) or "InternalFailure", UNKNOWN, 500)


def unavailable(call: Call) -> Refused:
    if call.service == "ec2":
        return Refused("ec2", "Unavailable", "The server is overloaded and can't handle the request.", 503)
    if call.service == "s3":
        return Refused("s3", "ServiceUnavailable", "Please reduce your request rate.", 503)
    text = "The request has failed due to a temporary failure of the server."
    return Refused(call.service, "ServiceUnavailable", text, 503)


@cache
def own_fault(boto_name: str, operation: str) -> str:
    """What botocore's model calls a failure that is the service's own; "" if it names none."""
    for shape in get_service_model(boto_name).operation_model(operation).error_shapes:
        told = shape.metadata.get("error", {})
        if shape.name.startswith(FAULTS) or told.get("httpStatusCode") == 500:
            return str(told.get("code") or shape.name)
    return ""
