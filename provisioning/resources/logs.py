"""What the site and its operations print, kept for a while."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from ..aws import Aws, absent
from ..engine.resource import Live, Lives, Resource, Retry, Values, resource
from ..pricing import Meter, Usage
from .apprunner import Service

DAYS = 30


@resource
class LogGroup(Resource):
    """Made before anything writes to it: AWS would make it itself, without an end to what it keeps."""

    service: ClassVar[str] = "logs"
    retries: ClassVar = (Retry("OperationAbortedException"),)
    name_limit: ClassVar[int] = 512

    days: int = DAYS

    def find(self, aws: Aws) -> Live | None:
        return _live(aws, self.name)

    def wanted(self, lives: Lives) -> Values:
        return {"days": self.days}

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("logs").create_log_group(logGroupName=self.name, tags=dict(aws.tags))
        self.update(aws, Live(id=self.name), wanted)

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        aws.client("logs").put_retention_policy(logGroupName=live.id, retentionInDays=changes["days"])

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("ResourceNotFoundException"):
            aws.client("logs").delete_log_group(logGroupName=live.id)

    def meters(self, usage: Usage) -> Iterable[Meter]:
        yield Meter("CloudWatch Logs GB", usage.log_gb)


@resource
class ServiceLogGroup(Resource):
    """One of the two that App Runner makes under a name that only it knows: ours as its service is."""

    service: ClassVar[str] = "logs"
    retries: ClassVar = (Retry("OperationAbortedException"),)
    name_limit: ClassVar[int] = 512

    of: Service
    part: str
    """"application", which the site prints, or "service", where App Runner tells what it does."""
    days: int = DAYS

    def find(self, aws: Aws) -> Live | None:
        owner = self.of.brief(aws)
        found = _live(aws, self._name(owner)) if owner else None
        if not (owner and found):
            return None
        return Live(found.id, found.arn, {**found.values, "tagged": found.ours}, ours=owner.ours)

    def wanted(self, lives: Lives) -> Values:
        return {"days": self.days, "tagged": True}

    def create(self, aws: Aws, wanted: Values) -> None:
        """Before App Runner does, which makes each when it has something to write into it."""
        name = self._name(self.of.brief(aws))
        with absent("ResourceAlreadyExistsException"):
            aws.client("logs").create_log_group(logGroupName=name, tags=dict(aws.tags))
        aws.client("logs").put_retention_policy(logGroupName=name, retentionInDays=wanted["days"])

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        logs = aws.client("logs")
        if "tagged" in changes:
            logs.tag_resource(resourceArn=live.arn, tags=dict(aws.tags))
        if "days" in changes:
            logs.put_retention_policy(logGroupName=live.id, retentionInDays=changes["days"])

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("ResourceNotFoundException"):
            aws.client("logs").delete_log_group(logGroupName=live.id)

    def _name(self, owner: Live | None) -> str:
        assert owner is not None  # it is needed, so it came first
        return f"/aws/apprunner/{self.of.name}/{owner.id}/{self.part}"


def _live(aws: Aws, name: str) -> Live | None:
    logs = aws.client("logs")
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]  # sorted, so the exact name comes first
    group: dict[str, Any] = next((each for each in found if each["logGroupName"] == name), {})
    if not group:
        return None
    arn = group["arn"].removesuffix(":*")
    with absent("ResourceNotFoundException"):
        tags = logs.list_tags_for_resource(resourceArn=arn)["tags"]
        ours = aws.owns([{"Key": key, "Value": value} for key, value in tags.items()])
        return Live(id=name, arn=arn, values={"days": group.get("retentionInDays")}, ours=ours)
    return None
