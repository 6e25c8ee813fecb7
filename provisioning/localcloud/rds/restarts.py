"""What restarts a database or moves its writer, and the parameters that wait for it."""

from collections.abc import Iterable
from typing import Any

from moto.rds.exceptions import DBClusterNotFoundError, DBInstanceNotFoundError, InvalidDBClusterStateFault
from moto.rds.models import DBCluster, DBClusterParameterGroup, DBInstance

from ..ground import ground
from . import life
from .cluster import Cluster
from .instance import ClusterInstance
from .subnet_groups import SubnetGroupsBackend


class RestartsBackend(SubnetGroupsBackend):
    def reboot_db_instance(self, db_instance_identifier: str) -> DBInstance:
        instance = self.databases.get(db_instance_identifier)
        if instance is None:
            raise DBInstanceNotFoundError(db_instance_identifier)
        if not isinstance(instance, ClusterInstance):
            return super().reboot_db_instance(db_instance_identifier)
        instance.must_be_available()
        instance.status = "rebooting"
        ground().begin(life.reboot_instance, instance)
        return instance

    def failover_db_cluster(
        self, db_cluster_identifier: str, target_db_instance_identifier: str | None = None
    ) -> DBCluster:
        cluster = self.clusters.get(db_cluster_identifier)
        if cluster is None:
            raise DBClusterNotFoundError(db_cluster_identifier)
        if not isinstance(cluster, Cluster):
            return super().failover_db_cluster(db_cluster_identifier, target_db_instance_identifier)
        cluster.must_be("available")
        readers = [
            member
            for member in cluster.members
            if isinstance(member, ClusterInstance)
            and not member.is_cluster_writer
            and member.status == "available"
            and target_db_instance_identifier in (None, member.db_instance_identifier)
        ]
        if not readers:  # the code is botocore's model's, the text moto's
            raise InvalidDBClusterStateFault(
                f"Database cluster:{db_cluster_identifier} should have at least two database instances in valid "
                "states or a valid target instance for failover."
            )
        across = cluster.writer is not None and cluster.writer.availability_zone != readers[0].availability_zone
        cluster.status = "failing-over"
        ground().begin(life.fail_over, cluster, readers[0], across)
        return cluster

    def modify_db_cluster_parameter_group(
        self, db_cluster_parameter_group_name: str, db_cluster_parameter_group_parameters: Iterable[dict[str, Any]]
    ) -> DBClusterParameterGroup:
        """AWS documents: it resumes the paused instances of all clusters that use the group."""
        changed = super().modify_db_cluster_parameter_group(
            db_cluster_parameter_group_name, db_cluster_parameter_group_parameters
        )
        for cluster in self.clusters.values():
            if isinstance(cluster, Cluster) and cluster.parameter_group == changed.name and cluster.serves:
                cluster.pause.wake_for_service()
        return changed
