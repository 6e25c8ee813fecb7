"""How long network interfaces outlive what they were for: looked at whenever the teardown rests."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..aws import Aws
from ..engine.clock import Clock

EVERY = 5.0  # seconds between two looks

LAMBDA, APP_RUNNER = "Lambda", "App Runner"


class Lookout(Clock):
    """The teardown's clock: where the loop sleeps, it looks. It counts from its beginning, as the loop does."""

    def __init__(self, clock: Clock, aws: Aws, vpc: str) -> None:
        self._clock, self._aws, self._vpc = clock, aws, vpc
        self._began = self._next = clock.now()
        self.last_seen: dict[str, float] = {}
        """Seconds since the beginning, by whose they are."""
        self._look()

    def now(self) -> float:
        return self._clock.now()

    def sleep(self, seconds: float) -> None:
        self._clock.sleep(seconds)
        if self.now() >= self._next:
            self._look()

    def _look(self) -> None:
        at = self.now()
        self._next = at + EVERY
        try:
            for owner in self._owners():
                self.last_seen[owner] = at - self._began
        except (ClientError, BotoCoreError):
            pass  # the teardown matters more, and the next look comes soon

    def _owners(self) -> Iterator[str]:
        within = [{"Name": "vpc-id", "Values": [self._vpc]}]
        pages = self._aws.client("ec2").get_paginator("describe_network_interfaces").paginate(Filters=within)
        for page in pages:
            for each in page["NetworkInterfaces"]:
                if owner := _owner(each):
                    yield owner


def _owner(interface: Mapping[str, Any]) -> str:
    """Empty for the database's, which go with it."""
    description = interface.get("Description", "")
    if interface.get("InterfaceType") == "lambda" or description.startswith("AWS Lambda"):
        return LAMBDA
    ours_by_tag = any(tag["Key"] == "AWSAppRunnerManaged" for tag in interface.get("TagSet", []))
    return APP_RUNNER if ours_by_tag or "App Runner" in description else ""
