"""What AWS lets go of late, or not at all: connectors, network interfaces, names, a service's operation."""

import time
from typing import ClassVar

from ..answers import Answer, Refused
from ..calls import Call
from .day import BadDay, Spell

# aws-cli#2593: up to an hour.
BUCKET_NAME = Spell(seconds=600, least=0.4)
OPERATIONS = ("create", "update", "deploy", "delete", "pause", "resume")


class ConnectorsInUse(BadDay):
    name: ClassVar[str] = "connector-in-use"
    source: ClassVar[str] = "aws/apprunner-roadmap#161: it stays in use after its service is gone"

    def stretch(self, what: str) -> float:
        return 6.0 if what == "apprunner release connector" else 1.0  # a quarter of an hour, nearly


class LingeringInterfaces(BadDay):
    name: ClassVar[str] = "lingering-interfaces"
    source: ClassVar[str] = (
        "Lambda's guide (up to 20 minutes); terraform-provider-aws's commit 922037e (40 minutes); "
        "App Runner's, believed"
    )

    def stretch(self, what: str) -> float:
        return {"lambda release interfaces": 8.0, "apprunner release interfaces": 10.0}.get(what, 1.0)


class NamesWaiting(BadDay):
    """A deleted secret of Secrets Manager holds its name on every day."""

    name: ClassVar[str] = "waiting-names"
    source: ClassVar[str] = (
        "S3's error list (OperationAborted) and aws-cli#2593 (up to an hour after the bucket is gone); botocore's "
        "model of App Runner (a deleted connector and its name stay until it is permanently removed)"
    )

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._held: dict[str, float] = {}

    def after(self, call: Call, answer: Answer) -> None:
        if (call.service, call.operation) == ("s3", "DeleteBucket") and answer.code < 400:
            bucket = str(call.parameters["Bucket"])
            part = 0.5 + self.chance.of(self.name, bucket) / 2
            self._held[bucket] = BUCKET_NAME.end(self.speed, part)

    def refuse(self, call: Call, caller: str) -> Refused | None:
        if (call.service, call.operation) != ("s3", "CreateBucket"):
            return None
        if time.monotonic() >= self._held.get(str(call.parameters["Bucket"]), 0.0):
            return None
        return Refused(
            "s3",
            "OperationAborted",
            "A conflicting conditional operation is currently in progress against this resource. Please try again.",
            409,
        )

    def stretch(self, what: str) -> float:
        return 6.0 if what == "apprunner forget" else 1.0  # an hour


class StuckService(BadDay):
    name: ClassVar[str] = "stuck-service"
    source: ClassVar[str] = "hashicorp/terraform-provider-aws#38371: OPERATION_IN_PROGRESS without an end"

    def holds(self, what: str) -> bool:
        return what in {f"apprunner {each}" for each in OPERATIONS}
