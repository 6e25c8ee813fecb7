"""The witness after a teardown: what still carries our tags or lies under our path, whatever our graph says."""

from __future__ import annotations

from collections.abc import Iterator

from ..aws import Aws
from ..config import Config


def leftovers(config: Config, aws: Aws) -> list[str]:
    """ARNs, in order. AWS's own list of tagged things may run some minutes behind."""
    return sorted({*_tagged(aws), *_roles(config, aws), *_snapshots(aws), *_repositories(config, aws)})


def _tagged(aws: Aws) -> Iterator[str]:
    filters = [{"Key": key, "Values": [value]} for key, value in aws.tags.items()]
    pages = aws.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate(TagFilters=filters)
    for page in pages:
        yield from (each["ResourceARN"] for each in page["ResourceTagMappingList"])


def _roles(config: Config, aws: Aws) -> Iterator[str]:
    for page in aws.client("iam").get_paginator("list_roles").paginate(PathPrefix=config.path):
        yield from (each["Arn"] for each in page["Roles"])


def _snapshots(aws: Aws) -> Iterator[str]:
    pages = aws.client("rds").get_paginator("describe_db_cluster_snapshots").paginate(SnapshotType="manual")
    for page in pages:
        for each in page["DBClusterSnapshots"]:
            if aws.owns(each.get("TagList", [])):
                yield each["DBClusterSnapshotArn"]


def _repositories(config: Config, aws: Aws) -> Iterator[str]:
    for page in aws.client("ecr").get_paginator("describe_repositories").paginate():
        yield from (each["repositoryArn"] for each in page["repositories"] if each["repositoryName"] == config.name)
