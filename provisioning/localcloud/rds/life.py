"""What happens to clusters and instances while time passes."""

from typing import TYPE_CHECKING

from ..ground import ground, lasting
from ..processes import CommandFailed
from .cluster import Cluster, ClusterInstance

if TYPE_CHECKING:
    from .models import LocalRDSBackend


@lasting
def create_cluster(cluster: Cluster) -> None:
    say(cluster, "creating")
    timer = ground().clock.timer("rds create cluster")
    try:
        cluster.server.prepare()
    except CommandFailed as failure:
        cluster.status = "failed"
        say(cluster, f"failed: {failure}")
        return
    timer.rest()
    cluster.status = "available"
    say(cluster, "available, without an instance yet")


@lasting
def create_instance(instance: ClusterInstance) -> None:
    say(instance, "creating")
    cluster = instance.cluster
    timer = ground().clock.timer("rds create instance")
    try:
        cluster.start_serving()
    except CommandFailed as failure:
        instance.status = "failed"
        say(instance, f"failed: {failure}")
        return
    timer.rest()
    instance.status = "available"
    say(instance, f"available; PostgreSQL answers on 127.0.0.1:{cluster.port}")


@lasting
def settle(thing: Cluster | ClusterInstance, what: str) -> None:
    say(thing, "modifying")
    ground().clock.timer(what).rest()
    thing.status = "available"
    say(thing, "available")


@lasting
def stop_cluster(cluster: Cluster) -> None:
    say(cluster, "stopping")
    timer = ground().clock.timer("rds stop cluster")
    cluster.stop_serving()
    timer.rest()
    become(cluster, "stopped")


@lasting
def start_cluster(cluster: Cluster) -> None:
    say(cluster, "starting")
    timer = ground().clock.timer("rds start cluster")
    try:
        if cluster.members:
            cluster.start_serving()
    except CommandFailed as failure:
        cluster.status = "failed"
        say(cluster, f"failed: {failure}")
        return
    timer.rest()
    become(cluster, "available")


def become(cluster: Cluster, status: str) -> None:
    for thing in (cluster, *cluster.members):
        thing.status = status
    say(cluster, status)


@lasting
def delete_instance(backend: "LocalRDSBackend", instance: ClusterInstance) -> None:
    say(instance, "deleting")
    timer = ground().clock.timer("rds delete instance")
    if all(member.status == "deleting" for member in instance.cluster.members):
        instance.cluster.stop_serving()
    timer.rest()
    with ground().lock:
        backend.databases.pop(instance.db_instance_identifier, None)
    say(instance, "gone")


@lasting
def delete_cluster(backend: "LocalRDSBackend", cluster: Cluster) -> None:
    say(cluster, "deleting")
    timer = ground().clock.timer("rds delete cluster")
    timer.rest()
    while cluster.members:  # AWS takes the order while instances are still on their way out
        ground().clock.sleep(0.05)
    cluster.front.close()
    cluster.server.remove()
    forget(backend, cluster)
    say(cluster, "gone, with its data")


def forget(backend: "LocalRDSBackend", cluster: Cluster) -> None:
    with ground().lock:
        if backend.clusters.get(cluster.db_cluster_identifier) is not cluster:
            return  # it has gone already
        if cluster.manage_master_user_password:
            cluster.master_user_secret.delete_secret()
        del backend.clusters[cluster.db_cluster_identifier]


def say(thing: Cluster | ClusterInstance, what: str) -> None:
    kind = "cluster" if isinstance(thing, Cluster) else "instance"
    ground().say(f"{kind} {thing.resource_id}: {what}")
