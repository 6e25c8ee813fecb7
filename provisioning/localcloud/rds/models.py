"""moto's RDS with AWS's refusals, and with changes that take time."""

import re
from collections.abc import Callable, Iterator
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.rds.exceptions import (
    DBClusterNotFoundError,
    DBClusterSnapshotAlreadyExistsError,
    DBClusterToBeDeletedHasActiveMembers,
    DBInstanceAlreadyExists,
    DBInstanceNotFoundError,
    InvalidDBClusterStateFault,
    InvalidDBInstanceEngine,
    InvalidParameterCombination,
    InvalidParameterValue,
)
from moto.rds.models import DBCluster, DBInstance, rds_backends

from ..errors import AwsError
from ..ground import ground
from . import life, logs, network
from .cluster import Cluster, pascal
from .events import tell
from .instance import ClusterInstance
from .restarts import RestartsBackend
from .scaling import scaling
from .versions import ENGINE, resolve

# Settings that ModifyDBCluster can change here, by the attribute that moto's response shows.
CHANGEABLE = {
    "deletion_protection": "deletion_protection",
    "copy_tags_to_snapshot": "copy_tags_to_snapshot",
    "backup_retention_period": "backup_retention_period",
    "preferred_backup_window": "preferred_backup_window",
    "preferred_maintenance_window": "preferred_maintenance_window",
    "enable_iam_database_authentication": "iam_auth",
    "auto_minor_version_upgrade": "auto_minor_version_upgrade",
    "db_cluster_parameter_group_name": "parameter_group",
}

RESERVED = ("admin", "rdsadmin")


class LocalRDSBackend(RestartsBackend):
    # moto registers its taggable backends by this name.
    SERVICE_NAMESPACE = "rds"

    def create_db_cluster(self, kwargs: dict[str, Any]) -> DBCluster:
        name = kwargs["db_cluster_identifier"].lower()
        if kwargs.get("engine") != ENGINE:
            return super().create_db_cluster(kwargs)
        must_be_identifier(name, "DBClusterIdentifier")
        if name in self.clusters:
            raise AwsError("DBClusterAlreadyExistsFault", "DB Cluster already exists")
        master = kwargs.get("master_username")
        if str(master).lower() in RESERVED:
            raise InvalidParameterValue(
                f"MasterUsername {master} cannot be used as it is a reserved word used by the engine"
            )
        logs.must_be_known(
            kwargs.get("enable_cloudwatch_logs_exports") or (), ENGINE, resolve(kwargs.get("engine_version"))
        )
        cluster = Cluster(self, **kwargs)
        self.clusters[name] = cluster
        ground().begin(life.create_cluster, cluster)
        return cluster

    def modify_db_cluster(self, kwargs: dict[str, Any]) -> DBCluster:
        cluster = self._cluster(kwargs["db_cluster_identifier"])
        if not isinstance(cluster, Cluster):
            return super().modify_db_cluster(kwargs)
        cluster.must_be("available")
        asked = pascal(kwargs.get("serverless_v2_scaling_configuration"))
        version = resolve(kwargs["engine_version"]) if kwargs.get("engine_version") else cluster.engine_version
        exports = kwargs.get("cloudwatch_logs_export_configuration") or {}
        logs.must_be_known(exports.get("EnableLogTypes", ()), ENGINE, version)
        if asked or kwargs.get("db_cluster_parameter_group_name"):
            # AWS documents both: the capacity's range, and another parameter group.
            cluster.pause.wake_for_service()
        if asked:
            cluster.serverless_v2_scaling_configuration = scaling(
                asked, cluster.serverless_v2_scaling_configuration, version
            )
        if groups := kwargs.get("vpc_security_group_ids"):
            cluster.vpc_security_group_ids = network.security_groups(self, groups, cluster.subnet_group)
        wanted = {*cluster.enabled_cloudwatch_logs_exports, *exports.get("EnableLogTypes", ())}
        cluster.enabled_cloudwatch_logs_exports = sorted(wanted - {*exports.get("DisableLogTypes", ())})
        cluster.engine_version = version
        for name, attribute in CHANGEABLE.items():
            if kwargs.get(name) is not None:
                setattr(cluster, attribute, kwargs[name])
        if password := kwargs.get("master_user_password"):
            if cluster.manage_master_user_password:
                raise InvalidParameterCombination(
                    "You can't specify MasterUserPassword for a cluster whose master user password is "
                    "managed in AWS Secrets Manager."
                )
            cluster.server.change_password(password)
            tell(cluster, "RDS-EVENT-0016")
        cluster.status = "modifying"
        ground().begin(life.settle, cluster, "rds modify cluster")
        return cluster

    def delete_db_cluster(
        self, cluster_identifier: str, snapshot_name: str | None = None, skip_final_snapshot: bool = False
    ) -> DBCluster:
        cluster = self._cluster(cluster_identifier)
        if not isinstance(cluster, Cluster):
            return super().delete_db_cluster(cluster_identifier, snapshot_name)
        if cluster.deletion_protection:
            raise InvalidParameterCombination(
                "Cannot delete protected Cluster, please disable deletion protection and try again."
            )
        cluster.must_be("available")
        if any(member.status != "deleting" for member in cluster.members):
            raise DBClusterToBeDeletedHasActiveMembers()
        if skip_final_snapshot and snapshot_name:
            raise InvalidParameterCombination(
                "You cannot specify both FinalDBSnapshotIdentifier and SkipFinalSnapshot"
            )
        if not skip_final_snapshot:
            if not snapshot_name:
                raise InvalidParameterCombination(
                    "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
                )
            must_be_identifier(snapshot_name, "FinalDBSnapshotIdentifier", longest=255)
            if snapshot_name.lower() in self.cluster_snapshots:
                raise DBClusterSnapshotAlreadyExistsError(snapshot_name)
            self.create_db_cluster_snapshot(cluster_identifier, snapshot_name.lower())
        cluster.status = "deleting"
        ground().begin(life.delete_cluster, self, cluster)
        return cluster

    def stop_db_cluster(self, cluster_identifier: str) -> DBCluster:
        cluster = self._cluster(cluster_identifier)
        if not isinstance(cluster, Cluster):
            return super().stop_db_cluster(cluster_identifier)
        cluster.must_be("available")
        for instance in cluster.members:
            instance.must_be_available()
        for thing in (cluster, *cluster.members):
            thing.status = "stopping"
        ground().begin(life.stop_cluster, cluster)
        return cluster

    def start_db_cluster(self, cluster_identifier: str) -> DBCluster:
        cluster = self._cluster(cluster_identifier)
        if not isinstance(cluster, Cluster):
            return super().start_db_cluster(cluster_identifier)
        cluster.must_be("stopped", "inaccessible-encryption-credentials-recoverable")
        for thing in (cluster, *cluster.members):
            thing.status = "starting"
        ground().begin(life.start_cluster, cluster)
        return cluster

    def create_db_instance(self, db_kwargs: dict[str, Any]) -> DBInstance:
        cluster_name = db_kwargs.get("db_cluster_identifier")
        cluster = self.clusters.get(cluster_name) if cluster_name else None
        if cluster_name and cluster is None:
            raise DBClusterNotFoundError(cluster_name)
        if not isinstance(cluster, Cluster):
            return super().create_db_instance(db_kwargs)
        name = db_kwargs["db_instance_identifier"].lower()
        must_be_identifier(name, "DBInstanceIdentifier")
        if name in self.databases:
            raise DBInstanceAlreadyExists()
        cluster.must_be("available")
        if db_kwargs["engine"] != cluster.engine:
            raise InvalidDBInstanceEngine(db_kwargs["engine"], cluster.engine)
        serverless = db_kwargs["db_instance_class"] == "db.serverless"
        if serverless and not cluster.serverless_v2_scaling_configuration:
            raise InvalidDBClusterStateFault(
                "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a "
                "Serverless v2 DB instance."
            )
        instance = ClusterInstance(backend=self, **db_kwargs)
        self.databases[name] = instance
        ground().begin(life.create_instance, instance)
        return instance

    def modify_db_instance(self, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> DBInstance:
        instance = self._instance(db_instance_identifier)
        if isinstance(instance, ClusterInstance):
            instance.must_be_available()
        changed = super().modify_db_instance(db_instance_identifier, db_kwargs)
        if isinstance(changed, ClusterInstance):
            changed.status = "modifying"
            ground().begin(life.settle, changed, "rds modify instance")
        return changed

    def delete_db_instance(
        self,
        db_instance_identifier: str,
        final_db_snapshot_identifier: str | None = None,
        skip_final_snapshot: bool | None = False,
        delete_automated_backups: bool | None = True,
    ) -> DBInstance:
        instance = self._instance(db_instance_identifier)
        if not isinstance(instance, ClusterInstance):
            return super().delete_db_instance(
                db_instance_identifier,
                final_db_snapshot_identifier,
                skip_final_snapshot,
                delete_automated_backups,
            )
        if final_db_snapshot_identifier:
            raise InvalidParameterCombination(
                "FinalDBSnapshotIdentifier can not be specified when deleting a cluster instance"
            )
        if instance.deletion_protection:
            raise InvalidParameterCombination(
                "Cannot delete protected DB Instance, please disable deletion protection and try again."
            )
        instance.must_be_available()
        instance.status = "deleting"
        ground().begin(life.delete_instance, self, instance)
        return instance

    def set_http_endpoint(self, arn: str, enabled: bool) -> Cluster:
        for cluster in self.clusters.values():
            if cluster.arn == arn and isinstance(cluster, Cluster):
                cluster.http_endpoint = enabled
                return cluster
        raise AwsError("ResourceNotFoundFault", f"The specified resource ARN {arn} was not found.")

    def revive(self) -> Iterator[Callable[[], None]]:
        """What has to run again after the cloud was stopped."""
        for cluster in list(self.clusters.values()):
            if not isinstance(cluster, Cluster):
                continue
            if cluster.status not in ("creating", "deleting") and not cluster.server.has_data:
                # Its last moments were too late for the snapshot: the cloud was killed.
                for member in cluster.members:
                    del self.databases[member.db_instance_identifier]
                life.forget(self, cluster)
                continue
            yield from cluster.revive()

    def _cluster(self, name: str) -> DBCluster:
        if name not in self.clusters:
            raise DBClusterNotFoundError(name)
        return self.clusters[name]

    def _instance(self, name: str) -> DBInstance:
        if name not in self.databases:
            raise DBInstanceNotFoundError(name)
        return self.databases[name]


def find_cluster(name: str, region: str, account: str = DEFAULT_ACCOUNT_ID) -> Cluster:
    """For a test that wants to know what AWS does not tell: `pause_now()`, `pause.paused`."""
    found = rds_backends[account][region].clusters[name]
    assert isinstance(found, Cluster)
    return found


def must_be_identifier(name: str, parameter: str, longest: int = 63) -> None:
    if not re.fullmatch(r"[A-Za-z](?:-?[A-Za-z0-9])*", name) or len(name) > longest:
        raise InvalidParameterValue(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; "
            "must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two "
            "consecutive hyphens."
        )


def install() -> None:
    # moto makes its backends from this class, one for each account and region.
    rds_backends.backend = LocalRDSBackend
