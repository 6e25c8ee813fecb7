"""Reads that run behind writes, where AWS documents that they may: EC2, IAM, and the list of tagged things.

Not S3 and not DynamoDB's strongly consistent reads: what S3 answers is true at once (its guide says so).
"""

import json
import re
import time
from collections.abc import Iterator
from typing import Any, ClassVar

from ..answers import Answer, Refused
from ..calls import Call
from .day import BadDay, Spell

LAG = Spell(seconds=10, least=0.4)
OLD = 0.6  # of the reads meanwhile: each may come to another of AWS's copies
LAGGING = ("ec2", "iam", "tagging")
IDS = re.compile(rb"<(?:vpcId|subnetId|groupId|routeTableId|vpcEndpointId)>((?:vpc|subnet|sg|rtb|vpce)-[0-9a-f]+)<")
NOT_FOUND = {
    "vpc": ("InvalidVpcID.NotFound", "The vpc ID '{}' does not exist"),
    "subnet": ("InvalidSubnetID.NotFound", "The subnet ID '{}' does not exist"),
    "sg": ("InvalidGroup.NotFound", "The security group '{}' does not exist"),
    "rtb": ("InvalidRouteTableID.NotFound", "The routeTable ID '{}' does not exist"),
    "vpce": ("InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '{}' does not exist"),
}
MOST = 5_000  # answers kept


class LaggingReads(BadDay):
    name: ClassVar[str] = "lagging-reads"
    source: ClassVar[str] = (
        "EC2's developer guide (Eventual consistency: also an id that was just given is answered with NotFound); "
        "IAM's guide (Changes that I make are not always immediately visible); believed of the list of tagged things"
    )

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._seen: dict[tuple[str, ...], Answer] = {}
        self._until: dict[tuple[str, str], float] = {}  # by account and service
        self._known_from: dict[str, float] = {}  # by id

    def refuse(self, call: Call, caller: str) -> Refused | None:
        """An id that was just given, for all that this copy of EC2's knows, is none."""
        if call.service != "ec2":
            return None
        for each in texts(call.parameters):
            if time.monotonic() < self._known_from.get(each, 0.0) and self._strikes(call):
                code, text = NOT_FOUND[each.partition("-")[0]]
                return Refused("ec2", code, text.format(each))
        return None

    def instead(self, call: Call) -> Answer | None:
        if call.service not in LAGGING or not call.reads:
            return None
        # What is tagged is changed by all services' calls.
        written = list(self._until.items())  # at once: other calls go on meanwhile
        ends = [end for (account, service), end in written if call.service in (service, "tagging")]
        if time.monotonic() >= max(ends, default=0.0) or not self._strikes(call):
            return None
        return self._seen.get(key(call))

    def after(self, call: Call, answer: Answer) -> None:
        if call.reads:
            # Within the lag, the older answer goes on being the old one.
            if call.service in LAGGING and time.monotonic() >= self._until.get((call.account, call.service), 0.0):
                self._seen[key(call)] = answer
            if len(self._seen) > MOST:
                self._seen.clear()
        elif answer.code < 400:
            part = 0.3 + 0.7 * self.chance.of(self.name, call.operation)
            self._until[call.account, call.service] = end = LAG.end(self.speed, part)
            if call.service == "ec2" and call.operation.startswith("Create"):
                given = {found.decode() for found in IDS.findall(answer.body)} - set(texts(call.parameters))
                self._known_from |= dict.fromkeys(given, end)

    def _strikes(self, call: Call) -> bool:
        count = self.chance.count(self.name, call.service, call.operation)
        return self.chance.of(self.name, call.service, call.operation, count) < OLD


def key(call: Call) -> tuple[str, ...]:
    asked = json.dumps(call.parameters, sort_keys=True, default=str)
    return call.account, call.region, call.service, call.operation, asked


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, str):
        yield value
