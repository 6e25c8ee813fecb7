"""The running site on App Runner: a service."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from ...aws import Aws, absent
from ...engine.resource import Given, Later, Live, Lives, Resource, Retry, State, Values, now, resource, text
from ...logtail import last_lines
from ...pricing import HOURS, Meter, Usage
from ..ecr import Image, Repository
from ..iam import Role
from .closed import CLOSED
from .connector import VpcConnector
from .scaling import AutoScalingConfiguration
from .settings import settings_of, values_of

STATES = {
    "RUNNING": State.READY,
    "PAUSED": State.READY,
    "OPERATION_IN_PROGRESS": State.CHANGING,
    "CREATE_FAILED": State.FAILED,
    "DELETE_FAILED": State.FAILED,
}
ERROR = re.compile(r"error|exception|exited|failed", re.IGNORECASE)
STATUS = "Service status is set to "  # App Runner ends with it, and tells no reason
UNDONE = ("FAILED", "ROLLBACK_SUCCEEDED", "ROLLBACK_FAILED")


@resource
class Service(Resource):
    """The running site. `Live.values` also holds `url`, a host name without a scheme."""

    service: ClassVar[str] = "apprunner"
    disposable: ClassVar[bool] = True
    patience: ClassVar[int] = 1800
    usual: ClassVar[int] = 240
    name_limit: ClassVar[int] = 40
    name_least: ClassVar[int] = 4
    advice: ClassVar = CLOSED
    retries: ClassVar = (
        Retry("InvalidStateException"),  # an operation is in progress, also AWS's own maintenance
        Retry("InvalidRequestException", "assum", at_most=60),  # a new role takes seconds to spread
    )

    image: Image
    repository: Repository
    access_role: Role
    """Pulls the image."""
    instance_role: Role
    """What the site itself may do; it also reads the secrets."""
    scaling: AutoScalingConfiguration
    connector: VpcConnector
    cpu: float
    """vCPU."""
    memory: float
    """GB."""
    port: int
    health_path: str
    environment: Mapping[str, str | Given]
    secrets: Mapping[str, str | Given]
    """ARNs by variable: App Runner itself puts in what they hold, when an instance starts."""
    follows: str = ""
    """A tag of the repository: each image that anybody moves it to is deployed by App Runner itself. Empty: none."""

    def brief(self, aws: Aws) -> Live | None:
        """Its id, which is part of its log groups' names, and whether it is ours."""
        apprunner = aws.client("apprunner")
        arn = self._arn(apprunner)
        with absent("ResourceNotFoundException"):
            if arn:
                ours = aws.owns(apprunner.list_tags_for_resource(ResourceArn=arn)["Tags"])
                return Live(id=arn.rpartition("/")[2], arn=arn, ours=ours)
        return None

    def find(self, aws: Aws) -> Live | None:
        apprunner = aws.client("apprunner")
        arn = self._arn(apprunner)
        if not arn:
            return None
        with absent("ResourceNotFoundException"):
            found = apprunner.describe_service(ServiceArn=arn)["Service"]
            if found["Status"] == "DELETED":
                return None
            return Live(
                id=found["ServiceUrl"],
                arn=arn,
                values=values_of(found),
                state=STATES[found["Status"]],
                word=found["Status"],
                ours=aws.owns(apprunner.list_tags_for_resource(ResourceArn=arn)["Tags"]),
                setback=self._setback(aws, found),
            )
        return None

    def wanted(self, lives: Lives) -> Values:
        return {
            "paused": False,
            "image": self._image(lives),
            "port": str(self.port),
            "environment": {key: now(each, lives) for key, each in self._environment.items()},
            "secrets": {key: now(each, lives) for key, each in self.secrets.items()},
            "access_role": lives[self.access_role].arn,
            "instance_role": lives[self.instance_role].arn,
            "cpu": f"{self.cpu * 1024:.0f}",  # whatever was given, AWS shows 1024 for a vCPU or a GB
            "memory": f"{self.memory * 1024:.0f}",
            "scaling": lives[self.scaling].arn,
            "connector": lives[self.connector].arn,
            "health_path": self.health_path,
            "automatic_deployments": bool(self.follows),
        }

    @property
    def _environment(self) -> Mapping[str, str | Given]:
        """With the digest, where the image is named by a tag: so a new one is a change that we wait for and judge."""
        digest = {"IMAGE_DIGEST": Given("{}", (self.image, "id"))} if self.follows else {}
        return {**self.environment, **digest}

    def _image(self, lives: Lives) -> str | Later:
        """By its digest, so that another image is another value; by the tag that is followed."""
        repository = lives[self.repository].id
        return (
            text("{}:{}", repository, self.follows)
            if self.follows
            else text("{}@{}", repository, lives[self.image].id)
        )

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("apprunner").create_service(ServiceName=self.name, Tags=aws.tag_list(), **settings_of(wanted))

    def update(self, aws: Aws, live: Live, changes: Values) -> Values:
        apprunner = aws.client("apprunner")
        if "paused" in changes:  # nothing else can be changed until it runs again
            apprunner.resume_service(ServiceArn=live.arn)
            return {"paused": False}
        apprunner.update_service(ServiceArn=live.arn, **settings_of({**live.values, **changes}))
        return changes

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("ResourceNotFoundException"):
            aws.client("apprunner").delete_service(ServiceArn=live.arn)

    def meters(self, usage: Usage) -> Iterable[Meter]:
        # One instance: its memory is paid for at all hours, its processor while it answers.
        yield Meter("App Runner GB-hour", self.memory * self.scaling.min_size * HOURS)
        yield Meter("App Runner vCPU-hour", self.cpu * usage.hours)
        if self.follows:
            yield Meter("App Runner automatic deployment-month", 1)

    def _arn(self, apprunner: Any) -> str:
        """Services are described by ARN alone, so the list has to tell it; deleted ones stay a while."""
        page = apprunner.list_services()  # botocore has no paginator for it
        while True:
            for each in page["ServiceSummaryList"]:
                if each["ServiceName"] == self.name and each["Status"] != "DELETED":
                    return each["ServiceArn"]
            if not page.get("NextToken"):
                return ""
            page = apprunner.list_services(NextToken=page["NextToken"])

    def _setback(self, aws: Aws, found: Mapping[str, Any]) -> str:
        """A failed deployment is rolled back and the service reports RUNNING: only the operation tells."""
        operations = aws.client("apprunner").list_operations(ServiceArn=found["ServiceArn"], MaxResults=1)
        last: Mapping[str, Any] = next(iter(operations["OperationSummaryList"]), {})
        if last.get("Status") not in UNDONE:
            return ""
        told = f"{last['Type']} {last['Status']}, operation {last['Id']}"
        since = last["StartedAt"]
        for part in ("service", "application"):  # why it failed is in one of the two, if anywhere
            if line := self._last_line(aws, f"/aws/apprunner/{self.name}/{found['ServiceId']}/{part}", since):
                told += f": {line}" if part == "service" else f". The site printed: {line}"
        return told

    @staticmethod
    def _last_line(aws: Aws, group: str, since: datetime) -> str:
        """Of a log, from then on: the last line that tells of an error, or else the last one."""
        lines = [each for each in last_lines(aws, group, since) if STATUS not in each]
        return next((each for each in reversed(lines) if ERROR.search(each)), lines[-1] if lines else "")
