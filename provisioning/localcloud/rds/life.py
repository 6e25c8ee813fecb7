"""What happens to clusters and instances while time passes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..ground import ground, lasting
from ..processes import CommandFailed
from ..times import Timer
from .cluster import Cluster
from .events import tell
from .instance import ClusterInstance

if TYPE_CHECKING:
    from .models import LocalRDSBackend


@lasting
def create_cluster(cluster: Cluster) -> None:
    with attempt(cluster, "creating", "rds create cluster") as timer:
        cluster.server.prepare()
        timer.rest()
        cluster.status = "available"
        tell(cluster, "RDS-EVENT-0170")
        say(cluster, "available, without an instance yet")


@lasting
def create_instance(instance: ClusterInstance) -> None:
    with attempt(instance, "creating", "rds create instance") as timer:
        instance.cluster.start_serving()
        timer.rest()
        instance.status = "available"
        tell(instance, "RDS-EVENT-0005")
        say(instance, f"available; PostgreSQL answers on 127.0.0.1:{instance.cluster.port}")


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
    become(cluster, "stopped", "RDS-EVENT-0150", "RDS-EVENT-0087")


@lasting
def start_cluster(cluster: Cluster) -> None:
    with attempt(cluster, "starting", "rds start cluster") as timer:
        if cluster.members:
            cluster.start_serving()
        timer.rest()
        become(cluster, "available", "RDS-EVENT-0151", "RDS-EVENT-0088")


def become(cluster: Cluster, status: str, told: str, told_of_each: str) -> None:
    for thing in (cluster, *cluster.members):
        thing.status = status
    for member in cluster.members:
        tell(member, told_of_each)
    tell(cluster, told)
    say(cluster, status)


@lasting
def reboot_instance(instance: ClusterInstance) -> None:
    """All instances of a cluster are one PostgreSQL here: with the writer, the readers' sessions end too."""
    with attempt(instance, "rebooting", "rds reboot instance") as timer:
        tell(instance, "RDS-EVENT-0004")
        if instance.is_cluster_writer:
            instance.cluster.stop_serving()
            instance.cluster.start_serving()
        timer.rest()
        instance.status = "available"
        tell(instance, "RDS-EVENT-0006")
        say(instance, "available")


@lasting
def fail_over(cluster: Cluster, target: ClusterInstance, across: bool) -> None:
    """Its sessions end, as on AWS; the new writer is there when it has come to its end."""
    say(cluster, f"failing over to {target.resource_id}")
    timer = ground().clock.timer("rds failover")
    tell(cluster, "RDS-EVENT-0073" if across else "RDS-EVENT-0072", target.resource_id)
    cluster.front.end_sessions()
    timer.rest()
    with ground().lock:
        cluster.failover(target)
    cluster.status = "available"
    tell(cluster, "RDS-EVENT-0071", target.resource_id)
    say(cluster, "available")


@lasting
def delete_instance(backend: "LocalRDSBackend", instance: ClusterInstance) -> None:
    say(instance, "deleting")
    timer = ground().clock.timer("rds delete instance")
    if all(member.status == "deleting" for member in instance.cluster.members):
        instance.cluster.stop_serving()
    timer.rest()
    with ground().lock:
        backend.databases.pop(instance.db_instance_identifier, None)
    tell(instance, "RDS-EVENT-0003")
    say(instance, "gone")


@lasting
def delete_cluster(backend: "LocalRDSBackend", cluster: Cluster) -> None:
    say(cluster, "deleting")
    timer = ground().clock.timer("rds delete cluster")
    timer.rest()
    while cluster.members:  # AWS takes the order while instances are still on their way out
        ground().clock.sleep(0.05)
    cluster.front.close()
    cluster.own.close()
    cluster.server.remove()
    forget(backend, cluster)
    tell(cluster, "RDS-EVENT-0171")
    say(cluster, "gone, with its data")


def forget(backend: "LocalRDSBackend", cluster: Cluster) -> None:
    with ground().lock:
        if backend.clusters.get(cluster.db_cluster_identifier) is not cluster:
            return  # it has gone already
        if cluster.manage_master_user_password:
            cluster.master_user_secret.delete_secret()
        del backend.clusters[cluster.db_cluster_identifier]


@contextmanager
def attempt(thing: Cluster | ClusterInstance, word: str, what: str) -> Iterator[Timer]:
    """Its time runs from here. What can't be done is said, and `thing` has failed."""
    say(thing, word)
    try:
        yield ground().clock.timer(what)
    except CommandFailed as failure:
        thing.status = "failed"
        say(thing, f"failed: {failure}")


def say(thing: Cluster | ClusterInstance, what: str) -> None:
    kind = "cluster" if isinstance(thing, Cluster) else "instance"
    ground().say(f"{kind} {thing.resource_id}: {what}")
