"""A database of the local AWS that boto3 finds, and what its endpoint costs."""

from __future__ import annotations

from pathlib import Path

import boto3

from .front.bench import Measured, measure
from .rds.models import find_cluster

NAME, MASTER, PASSWORD = "bench", "captain", "only-for-this-run"
SOON = {"Delay": 1, "MaxAttempts": 300}


def measure_front(manage: Path, region: str, turns: int) -> Measured:
    """By the pages of the site that `manage` manages. Raises Failed."""
    make_database()
    cluster = find_cluster(NAME, region)
    return measure(manage, cluster.front.port, cluster.server.port, f"{MASTER}:{PASSWORD}", turns)


def make_database() -> None:
    """One that does not pause."""
    rds = boto3.client("rds")
    rds.create_db_cluster(
        DBClusterIdentifier=NAME,
        Engine="aurora-postgresql",
        DatabaseName="site",
        MasterUsername=MASTER,
        MasterUserPassword=PASSWORD,
        ServerlessV2ScalingConfiguration={"MinCapacity": 1, "MaxCapacity": 4},
    )
    rds.get_waiter("db_cluster_available").wait(DBClusterIdentifier=NAME, WaiterConfig=SOON)
    rds.create_db_instance(
        DBClusterIdentifier=NAME,
        DBInstanceIdentifier=f"{NAME}-1",
        DBInstanceClass="db.serverless",
        Engine="aurora-postgresql",
    )
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=f"{NAME}-1", WaiterConfig=SOON)
