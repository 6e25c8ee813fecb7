"""The database: an Aurora cluster that pauses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from ...aws import Aws, absent
from ...engine.problem import Problem
from ...engine.resource import Live, Lives, Resource, Values, in_order, resource
from ...pricing import Meter, Usage
from ..ec2 import SecurityGroup
from .states import BUSY, ENGINE, state
from .subnets import SubnetGroup


@resource
class Cluster(Resource):
    """Storage, endpoint and master user of an Aurora PostgreSQL Serverless v2 database.

    `Live.values` also holds `endpoint`, `port`, `secret_arn` (the master's password, kept by RDS),
    `resource_id` and `tags`.
    """

    service: ClassVar[str] = "rds"
    fixed: ClassVar[frozenset[str]] = frozenset({"major_version", "encrypted", "database", "master", "subnet_group"})
    keeps_data: ClassVar[bool] = True
    retries: ClassVar = BUSY
    patience: ClassVar[int] = 1800
    usual: ClassVar[int] = 60
    name_limit: ClassVar[int] = 63
    advice: ClassVar = {
        "DBClusterQuotaExceededFault": "Remove a cluster that you no longer need, or ask AWS for a higher quota",
    }

    major_version: int
    min_capacity: float
    max_capacity: float
    pause_seconds: int
    database: str
    subnet_group: SubnetGroup
    security_groups: tuple[SecurityGroup, ...]
    master: str = "postgres"
    final_snapshot: bool = True
    """Whether removing it leaves a snapshot of its data."""

    def find(self, aws: Aws) -> Live | None:
        with absent("DBClusterNotFoundFault"):
            found = aws.client("rds").describe_db_clusters(DBClusterIdentifier=self.name)["DBClusters"][0]
            return Live(
                id=found["DBClusterIdentifier"],
                arn=found["DBClusterArn"],
                values=self._values(found),
                state=state(found["Status"]),
                word=found["Status"],
                ours=aws.owns(found.get("TagList", [])),
            )
        return None

    def wanted(self, lives: Lives) -> Values:
        # The minor version is AWS's to raise (AutoMinorVersionUpgrade), so only the major is compared.
        scaling = {"MinCapacity": float(self.min_capacity), "MaxCapacity": float(self.max_capacity)}
        if self.min_capacity == 0:  # with any other minimum AWS drops the pause
            scaling["SecondsUntilAutoPause"] = self.pause_seconds
        return {
            "major_version": self.major_version,
            "scaling": scaling,
            "database": self.database,
            "master": self.master,
            "subnet_group": self.subnet_group.name,
            "security_groups": in_order(lives[each].id for each in self.security_groups),
            "encrypted": True,
            "managed_password": True,
            "iam_sign_in": True,
            "data_api": True,
            "copy_tags_to_snapshot": True,
        }

    def check(self, aws: Aws) -> None:
        self._newest_version(aws)

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("rds").create_db_cluster(
            DBClusterIdentifier=self.name,
            Engine=ENGINE,
            EngineMode="provisioned",  # what Serverless v2 runs in; "serverless" was v1
            EngineVersion=self._newest_version(aws),
            ServerlessV2ScalingConfiguration=wanted["scaling"],
            DatabaseName=wanted["database"],
            MasterUsername=wanted["master"],
            DBSubnetGroupName=wanted["subnet_group"],
            VpcSecurityGroupIds=wanted["security_groups"],
            ManageMasterUserPassword=wanted["managed_password"],
            StorageEncrypted=wanted["encrypted"],
            EnableIAMDatabaseAuthentication=wanted["iam_sign_in"],
            EnableHttpEndpoint=wanted["data_api"],
            CopyTagsToSnapshot=wanted["copy_tags_to_snapshot"],
            Tags=aws.tag_list(),
        )

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        rds = aws.client("rds")
        if "data_api" in changes:  # ModifyDBCluster's own flag is for Serverless v1
            rds.enable_http_endpoint(ResourceArn=live.arn)
        settings = {
            "ServerlessV2ScalingConfiguration": changes.get("scaling"),
            "ManageMasterUserPassword": changes.get("managed_password"),
            "EnableIAMDatabaseAuthentication": changes.get("iam_sign_in"),
            "CopyTagsToSnapshot": changes.get("copy_tags_to_snapshot"),
            "VpcSecurityGroupIds": changes.get("security_groups"),
        }
        settings = {key: value for key, value in settings.items() if value is not None}
        if settings:
            rds.modify_db_cluster(DBClusterIdentifier=self.name, ApplyImmediately=True, **settings)

    def delete(self, aws: Aws, live: Live) -> None:
        last: dict[str, Any] = {"SkipFinalSnapshot": True}
        if self.final_snapshot:  # dated, because a fixed name collides the second time
            now = datetime.now(UTC)
            last = {
                "SkipFinalSnapshot": False,
                "FinalDBSnapshotIdentifier": f"{self.name}-final-{now:%Y%m%d-%H%M%S}",
            }
        with absent("DBClusterNotFoundFault"):
            aws.client("rds").delete_db_cluster(DBClusterIdentifier=self.name, **last)

    def meters(self, usage: Usage) -> Iterable[Meter]:
        yield Meter("Aurora GB-month", usage.database_gb)
        yield Meter("Secrets Manager secret-month", 1)  # the master's password

    def _values(self, found: Mapping[str, Any]) -> Values:
        return {
            "major_version": int(found["EngineVersion"].split(".")[0]),
            "scaling": dict(found.get("ServerlessV2ScalingConfiguration", {})),
            "database": found.get("DatabaseName"),
            "master": found.get("MasterUsername"),
            "subnet_group": found.get("DBSubnetGroup"),
            "security_groups": sorted(each["VpcSecurityGroupId"] for each in found.get("VpcSecurityGroups", [])),
            "encrypted": found.get("StorageEncrypted"),
            "managed_password": "MasterUserSecret" in found,
            "iam_sign_in": found.get("IAMDatabaseAuthenticationEnabled"),
            "data_api": found.get("HttpEndpointEnabled", False),
            "copy_tags_to_snapshot": found.get("CopyTagsToSnapshot"),
            "endpoint": found.get("Endpoint"),
            "port": found.get("Port"),
            "secret_arn": found.get("MasterUserSecret", {}).get("SecretArn"),
            "resource_id": found.get("DbClusterResourceId"),
            "tags": {each["Key"]: each["Value"] for each in found.get("TagList", [])},
        }

    def _newest_version(self, aws: Aws) -> str:
        """The newest minor version with this minimum and maximum. Raises Problem if there is none."""
        pages = aws.client("rds").get_paginator("describe_db_engine_versions")
        family = f"{ENGINE}{self.major_version}"
        offered = [
            version
            for page in pages.paginate(Engine=ENGINE, DBParameterGroupFamily=family)
            for version in page["DBEngineVersions"]
            if re.fullmatch(rf"{self.major_version}(\.\d+)*", version["EngineVersion"])  # not 16.6-limitless
        ]
        fitting = [each["EngineVersion"] for each in offered if self._fits(each)]
        if fitting:
            return max(fitting, key=lambda version: [int(part) for part in version.split(".")])
        raise Problem(
            f"{self}: cannot be created",
            f"AWS offers PostgreSQL {self.major_version} in {aws.region} as "
            f"{', '.join(each['EngineVersion'] for each in offered) or 'no version at all'}, "
            f"none of which scales from {self.min_capacity:g} to {self.max_capacity:g} capacity units",
            'Choose another PROVISIONING["POSTGRES"] or ["MAX_CAPACITY"] and run again',
        )

    def _fits(self, version: Mapping[str, Any]) -> bool:
        can = version.get("ServerlessV2FeaturesSupport") or {}
        return bool(can) and can["MinCapacity"] <= self.min_capacity and self.max_capacity <= can["MaxCapacity"]
