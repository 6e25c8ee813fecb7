"""The witness after a teardown: what still carries our tags or lies under our path, whatever our graph says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..aws import Aws, absent
from ..config import Config
from ..engine.passing import patiently


def leftovers(config: Config, aws: Aws) -> list[str]:
    """ARNs, in order. AWS's own list of tagged things may run some minutes behind."""
    asked: tuple[Callable[[], Iterator[str]], ...] = (
        lambda: tagged(aws),
        lambda: _roles(config, aws),
        lambda: _snapshots(aws),
        lambda: _repositories(config, aws),
        lambda: _logs(config, aws),
    )
    return sorted({arn for each in asked for arn in patiently(lambda each=each: list(each()))})  # type: ignore[misc]


def sweep_logs(config: Config, aws: Aws) -> None:
    """Remove the logs that outlive our service. The last thing of a teardown: nothing writes to them any more."""

    def sweep() -> None:
        for each in list(_log_groups(config, aws)):
            with absent("ResourceNotFoundException"):
                aws.client("logs").delete_log_group(logGroupName=each["logGroupName"])

    patiently(sweep)


def tagged(aws: Aws) -> Iterator[str]:
    """AWS's own list."""
    filters = [{"Key": key, "Values": [value]} for key, value in aws.tags.items()]
    pages = aws.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
    for page in pages:
        yield from (each["ResourceARN"] for each in page["ResourceTagMappingList"])


def _roles(config: Config, aws: Aws) -> Iterator[str]:
    for page in aws.client("iam").get_paginator("list_roles").paginate(PathPrefix=config.path):
        for each in page["Roles"]:
            tags = aws.client("iam").list_role_tags(RoleName=each["RoleName"])["Tags"]
            if not aws.elsewhere(tags):  # the path is the same in all regions
                yield each["Arn"]


def _snapshots(aws: Aws) -> Iterator[str]:
    pages = aws.client("rds").get_paginator("describe_db_cluster_snapshots").paginate(SnapshotType="manual")
    for page in pages:
        for each in page["DBClusterSnapshots"]:
            if aws.owns(each.get("TagList", [])):
                yield each["DBClusterSnapshotArn"]


def _repositories(config: Config, aws: Aws) -> Iterator[str]:
    ecr = aws.client("ecr")
    for page in ecr.get_paginator("describe_repositories").paginate():
        for each in page["repositories"]:
            arn = each["repositoryArn"]
            if each["repositoryName"] == config.name and aws.owns(ecr.list_tags_for_resource(resourceArn=arn)["tags"]):
                yield arn


def _logs(config: Config, aws: Aws) -> Iterator[str]:
    yield from (each["arn"].removesuffix(":*") for each in _log_groups(config, aws))


def _log_groups(config: Config, aws: Aws) -> Iterator[dict[str, Any]]:
    """App Runner makes them by itself, under the service's name, without a tag of ours."""
    pages = aws.client("logs").get_paginator("describe_log_groups")
    for page in pages.paginate(logGroupNamePrefix=f"/aws/apprunner/{config.name}/"):
        yield from page["logGroups"]
