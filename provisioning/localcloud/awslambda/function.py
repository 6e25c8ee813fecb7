"""A function as GetFunctionConfiguration reports it."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from ..ec2.interfaces import Interfaces, network_of
from .errors import Conflict
from .settings import Settings
from .source import Source

LATEST = "$LATEST"


@dataclass
class Function:
    name: str
    account: str
    region: str
    settings: Settings
    source: Source
    interfaces: Interfaces
    state: str = "Pending"
    update: str = ""  # LastUpdateStatus
    deleted: bool = False
    modified: datetime = field(default_factory=utcnow)
    revision: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def arn(self) -> str:
        return f"arn:aws:lambda:{self.region}:{self.account}:function:{self.name}"

    @property
    def log_group(self) -> str:
        return str(self.settings.logging.get("LogGroup") or f"/aws/lambda/{self.name}")

    def change(self) -> None:
        self.modified, self.revision = utcnow(), str(uuid.uuid4())

    def must_be_active(self) -> None:
        if self.state != "Active":
            raise Conflict(
                "The operation cannot be performed at this time. The function is currently in the following state: "
                f"{self.state}"
            )

    def must_be_settled(self) -> None:
        self.must_be_active()
        if self.update == "InProgress":
            raise Conflict(
                f"The operation cannot be performed at this time. An update is in progress for resource: {self.arn}"
            )

    def code(self) -> dict[str, Any]:
        return {"RepositoryType": "ECR", "ImageUri": self.source.given, "ResolvedImageUri": self.source.resolved}

    def describe(self) -> dict[str, Any]:
        settings = self.settings
        pending = self.state == "Pending"
        return {
            "FunctionName": self.name,
            "FunctionArn": self.arn,
            "Role": settings.role,
            "CodeSize": 0,
            "Description": settings.description,
            "Timeout": settings.timeout,
            "MemorySize": settings.memory,
            "LastModified": written(self.modified),
            "CodeSha256": self.source.digest.removeprefix("sha256:"),
            "Version": LATEST,
            "VpcConfig": self._network(),
            "Environment": {"Variables": settings.environment} if settings.environment else None,
            "TracingConfig": {"Mode": "PassThrough"},
            "RevisionId": self.revision,
            "State": self.state,
            "StateReason": "The function is being created." if pending else None,
            "StateReasonCode": "Creating" if pending else None,
            "LastUpdateStatus": self.update or None,
            "LastUpdateStatusReason": "The function is being updated." if self.update == "InProgress" else None,
            "PackageType": "Image",
            "ImageConfigResponse": {"ImageConfig": settings.image_config} if settings.image_config else None,
            "Architectures": ["x86_64"],
            "EphemeralStorage": {"Size": settings.ephemeral},
            "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
            "LoggingConfig": {"LogFormat": "Text", **settings.logging, "LogGroup": self.log_group},
        }

    def _network(self) -> dict[str, Any] | None:
        if not self.settings.subnets:
            return None
        vpc = network_of(self.account, self.region, self.settings.subnets, [])
        return {"Ipv6AllowedForDualStack": False, **self.settings.vpc, "VpcId": vpc}


def written(moment: datetime) -> str:
    """As Lambda spells it: 2026-11-21T05:51:25.000+0000."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"
