"""An instance of a cluster as AWS reports it. All of one cluster are the same PostgreSQL here."""

import secrets
from typing import Any

from moto.rds.models import DBInstanceClustered

from ..errors import AwsError
from ..ports import LOOPBACK


class ClusterInstance(DBInstanceClustered):
    def __init__(self, **wanted: Any) -> None:
        super().__init__(**wanted)
        if self.cluster.subnet_group:
            self.db_subnet_group_name = self.cluster.subnet_group.name
        self.status = "creating"
        # moto gives every instance the same one.
        self.dbi_resource_id = "db-" + secrets.token_hex(13).upper()

    @property
    def address(self) -> str:
        return LOOPBACK

    @property
    def endpoint(self) -> dict[str, Any] | None:
        # botocore's model: "The endpoint might not be shown for instances with the status of creating."
        if self.status == "creating":
            return None
        return {
            "Address": self.address,
            "Port": self.cluster.port,
            "HostedZoneId": self.cluster.hosted_zone_id,
        }

    def must_be_available(self) -> None:
        if self.status != "available":  # the code is AWS's, the text believed
            raise AwsError(
                "InvalidDBInstanceState",
                f"Instance {self.db_instance_identifier} is not in available state: it is {self.status}.",
            )

    def save_automated_backup(self) -> None:
        """Aurora backs up the cluster, not the instance."""
