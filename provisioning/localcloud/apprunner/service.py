"""A service as DescribeService reports it, with the record of its operations."""

import copy
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from .autoscaling import Configuration
from .errors import InvalidState
from .front import Front
from .settings import Settings

IN_PROGRESS = "OPERATION_IN_PROGRESS"


@dataclass
class Operation:
    type: str
    target: str
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "IN_PROGRESS"
    started: datetime = field(default_factory=utcnow)
    updated: datetime = field(default_factory=utcnow)
    ended: datetime | None = None

    def end(self, status: str) -> None:
        self.status, self.updated = status, utcnow()
        self.ended = self.updated

    def summary(self) -> dict[str, Any]:
        return {
            "Id": self.id,
            "Type": self.type,
            "Status": self.status,
            "TargetArn": self.target,
            "StartedAt": self.started,
            "EndedAt": self.ended,
            "UpdatedAt": self.updated,
        }


@dataclass
class Service:
    name: str
    account: str
    region: str
    settings: Settings
    scaling: Configuration
    front: Front
    status: str = IN_PROGRESS
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: datetime = field(default_factory=utcnow)
    updated: datetime = field(default_factory=utcnow)
    deleted: datetime | None = None
    operations: list[Operation] = field(default_factory=list)

    @property
    def arn(self) -> str:
        return f"arn:aws:apprunner:{self.region}:{self.account}:service/{self.name}/{self.id}"

    @property
    def url(self) -> str:
        """On AWS a host name without a scheme, to be reached by https; here an address and port, by http."""
        return self.front.address

    def begin(self, type: str, verb: str, *allowed: str) -> Operation:
        """Raises InvalidState when the service is in none of the allowed states."""
        self.must_be(verb, *allowed)
        operation = Operation(type, self.arn)
        self.operations.insert(0, operation)
        self.move(IN_PROGRESS)
        return operation

    def must_be(self, verb: str, *allowed: str) -> None:
        if self.status not in allowed:
            raise InvalidState(f"Service cannot be {verb} in the current state: {self.status}.")

    def move(self, status: str) -> None:
        self.status, self.updated = status, utcnow()

    def summary(self) -> dict[str, Any]:
        return {
            "ServiceName": self.name,
            "ServiceId": self.id,
            "ServiceArn": self.arn,
            "ServiceUrl": self.url,
            "CreatedAt": self.created,
            "UpdatedAt": self.updated,
            "Status": self.status,
        }

    def describe(self) -> dict[str, Any]:
        return {
            **self.summary(),
            "DeletedAt": self.deleted,
            **copy.deepcopy(self.settings.described()),
            "AutoScalingConfigurationSummary": {
                "AutoScalingConfigurationArn": self.scaling.arn,
                "AutoScalingConfigurationName": self.scaling.name,
                "AutoScalingConfigurationRevision": self.scaling.revision,
            },
        }
