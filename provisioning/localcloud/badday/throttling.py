"""Too many calls, AWS finds: one here and there, and now and then more in a row than boto3 tries."""

from typing import ClassVar

from ..answers import Refused
from ..calls import Call
from .day import BadDay

ONE = 0.12  # of all calls
ROW = 6  # calls; boto3's standard mode tries three times, ours four
ROWS = 0.06  # of all rows


class Throttling(BadDay):
    name: ClassVar[str] = "throttling"
    source: ClassVar[str] = (
        "AWS's common errors (ThrottlingException), EC2's (RequestLimitExceeded), S3's (SlowDown), "
        "Lambda's model (TooManyRequestsException), and botocore's list of what its retries take for throttling"
    )

    def refuse(self, call: Call, caller: str) -> Refused | None:
        count = self.chance.count(self.name, call.service, call.operation)
        about = (self.name, call.service, call.operation)
        struck = self.chance.of(*about, count) < ONE or self.chance.of(*about, "row", count // ROW) < ROWS
        return too_many(call) if struck else None


def too_many(call: Call) -> Refused:
    if call.protocol == "ec2":
        return Refused(call.service, "RequestLimitExceeded", "Request limit exceeded.", 503)
    if call.service == "s3":
        return Refused("s3", "SlowDown", "Please reduce your request rate.", 503)
    if call.service == "lambda":
        return Refused("lambda", "TooManyRequestsException", "Rate exceeded", 429)
    if call.service == "tagging":
        return Refused("tagging", "ThrottledException", "Rate exceeded")
    code = "Throttling" if call.protocol == "query" else "ThrottlingException"
    return Refused(call.service, code, "Rate exceeded")
