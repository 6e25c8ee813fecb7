"""A person's credentials end half way: each call of theirs is refused from then on.

A role's session is not meant: who runs as one is handed new ones in time.
"""

from typing import ClassVar

from ..answers import Refused
from ..calls import Call
from .day import BadDay

LEAST, SPREAD = 40, 80  # calls


class Expired(BadDay):
    name: ClassVar[str] = "expired-credentials"
    source: ClassVar[str] = (
        "AWS's common errors; the words: terraform#5579 (ExpiredToken), terraform-provider-aws#32809 "
        "(ExpiredTokenException, 403), EC2's error list (RequestExpired), S3's (ExpiredToken)"
    )

    def refuse(self, call: Call, caller: str) -> Refused | None:
        if ":user/" not in caller:
            return None
        held = LEAST + int(SPREAD * self.chance.of(self.name))
        return ended(call) if self.chance.count(self.name, caller) >= held else None


def ended(call: Call) -> Refused:
    if call.protocol == "ec2":
        return Refused("ec2", "RequestExpired", "Request has expired.", 400)
    if call.service == "s3":
        return Refused("s3", "ExpiredToken", "The provided token has expired.", 400)
    text = "The security token included in the request is expired"
    if call.protocol == "query":
        return Refused(call.service, "ExpiredToken", text, 403)
    return Refused(call.service, "ExpiredTokenException", text, 403 if call.protocol == "rest-json" else 400)
