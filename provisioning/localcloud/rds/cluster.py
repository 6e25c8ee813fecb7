"""A cluster and its instances as AWS reports them, with a real PostgreSQL behind the endpoint."""

import json
import secrets
from collections.abc import Mapping
from typing import Any

from moto.rds.exceptions import InvalidDBClusterStateFault
from moto.rds.models import DBCluster, DBInstanceClustered, MasterUserSecret

from ..ground import ground
from ..ports import LOOPBACK
from ..postgres import Postgres
from .scaling import scaling
from .versions import resolve


class ManagedSecret(MasterUserSecret):
    """moto writes the same user and password into every secret; this one opens the database."""

    def __init__(self, cluster: "Cluster", kms_key_id: str | None, password: str) -> None:
        self._content = {"username": cluster.master_username, "password": password}
        super().__init__(cluster, kms_key_id)

    def _generate_secret_string(self) -> str:
        return json.dumps(self._content)

    @property
    def secret_status(self) -> str:
        return "creating" if self.resource.status == "creating" else "active"


class Cluster(DBCluster):
    def __init__(self, backend: Any, **wanted: Any) -> None:
        wanted["engine_version"] = resolve(wanted.get("engine_version"))
        asked = pascal(wanted.pop("serverless_v2_scaling_configuration", None))
        # Checked before anything is made: a refused request leaves nothing behind.
        configuration = scaling(asked, None, wanted["engine_version"]) if asked else None
        managed = wanted.pop("manage_master_user_password", False)
        key = wanted.pop("master_user_secret_kms_key_id", None)
        password = secrets.token_urlsafe(21) if managed else wanted.pop("master_user_password", None)
        http_endpoint = bool(wanted.pop("enable_http_endpoint", False))
        super().__init__(backend, master_user_password=password, **wanted)
        self.http_endpoint = http_endpoint
        self.serverless_v2_scaling_configuration = configuration
        self.status = "creating"
        self.manage_master_user_password = managed
        if managed:
            self.master_user_secret = ManagedSecret(self, key, password)
        self.server = Postgres(
            ground().databases / f"{self.db_cluster_identifier}-{self.db_cluster_resource_id[-6:]}",
            str(self.master_username),
            str(password),
        )
        self.port = self.server.port

    # moto's own `status` becomes "available" as soon as it was looked at.
    @property
    def status(self) -> str:
        return self._status

    @status.setter
    def status(self, value: str) -> None:
        self._status = value

    @property
    def endpoint(self) -> str:
        return LOOPBACK

    @property
    def reader_endpoint(self) -> str:
        return LOOPBACK

    @property
    def http_endpoint_enabled(self) -> bool:
        return self.http_endpoint

    @property
    def members(self) -> list[DBInstanceClustered]:
        self.designate_writer()
        return self._members

    def must_be(self, *states: str) -> None:
        if self.status not in states:
            raise InvalidDBClusterStateFault(
                f"DbCluster {self.db_cluster_identifier} is in {self.status} state but expected it to be one "
                f"of {','.join(states)}."
            )

    def save_automated_backup(self) -> None:
        """AWS's automated backups go with the cluster; here there are none."""


class ClusterInstance(DBInstanceClustered):
    def __init__(self, **wanted: Any) -> None:
        super().__init__(**wanted)
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

    def save_automated_backup(self) -> None:
        """Aurora backs up the cluster, not the instance."""


def pascal(given: Mapping[str, Any] | None) -> dict[str, Any]:
    """moto hands over names it has already changed to snake_case; AWS's own are stored and returned."""
    names = {
        "min_capacity": "MinCapacity",
        "max_capacity": "MaxCapacity",
        "seconds_until_auto_pause": "SecondsUntilAutoPause",
    }
    return {names.get(name, name): value for name, value in dict(given or {}).items()}
