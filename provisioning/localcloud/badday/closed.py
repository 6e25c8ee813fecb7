"""An account that came too late for App Runner."""

from typing import ClassVar

from ..answers import Refused
from ..calls import Call
from .day import BadDay

# AWS documents neither the code nor the text for a closed App Runner: believed. Other services that need a
# subscription answer so.
CODE = "SubscriptionRequiredException"
TEXT = "The AWS Access Key Id needs a subscription for the service. AWS App Runner is no longer open to new customers."


class Closed(BadDay):
    name: ClassVar[str] = "closed"
    source: ClassVar[str] = "App Runner's guide (no new customers since 2026-04-30); which call says so is believed"

    def refuse(self, call: Call, caller: str) -> Refused | None:
        return Refused("apprunner", CODE, TEXT) if self.closes(call) else None

    def closes(self, call: Call) -> bool:
        return call.service == "apprunner"


class ClosedAtCreate(Closed):
    name: ClassVar[str] = "closed-at-create"

    def closes(self, call: Call) -> bool:
        return (call.service, call.operation) == ("apprunner", "CreateService")
