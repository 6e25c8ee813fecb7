"""Capacity: it follows what PostgreSQL does, between its limits, and CloudWatch tells of it."""

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioning.localcloud.rds.capacity import Capacity
from provisioning.localcloud.rds.models import find_cluster

from .conftest import REGION, Aws, wait_for
from .databases import WAKEFUL, Databases, connect

NAME = "scaling"
SPIN = "SELECT count(*) FROM generate_series(1, 1000000)"
BY_CLUSTER = {"DBClusterIdentifier": NAME}
BY_INSTANCE = {"DBInstanceIdentifier": f"{NAME}-1"}
BY_ROLE = {"DBClusterIdentifier": NAME, "Role": "WRITER"}


@pytest.fixture(scope="module")
def databases(aws: Aws) -> Databases:
    made = Databases(aws)
    made.serve(NAME, ServerlessV2ScalingConfiguration=WAKEFUL)
    return made


def metric(databases: Databases, name: str, named: dict[str, str], period: int = 1) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    found = databases.aws.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/RDS",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in named.items()],
        StartTime=now - timedelta(minutes=3),
        EndTime=now + timedelta(minutes=1),
        Period=period,
        Statistics=["Maximum", "Minimum"],
    )
    return sorted(found["Datapoints"], key=lambda each: each["Timestamp"])


def latest(databases: Databases, name: str, named: dict[str, str]) -> float | None:
    found = metric(databases, name, named)
    return found[-1]["Maximum"] if found else None


def test_it_grows_quickly_and_shrinks_slowly_between_its_limits() -> None:
    """botocore's model: half steps and both limits; how quickly is believed. The guide: the larger, the faster."""
    capacity = Capacity()
    assert [capacity.follow(100, 0, 16, 1) for _ in range(8)] == [1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0, 13.0]
    assert [capacity.follow(100, 0, 16, 1) for _ in range(3)] == [16.0, 16.0, 16.0]
    assert [capacity.follow(0, 0, 16, 10) for _ in range(4)] == [16.0, 16.0, 15.5, 15.5]
    assert capacity.follow(0, 0, 16, 3600) == 0.5  # awake, it has half a unit at least
    assert capacity.follow(0, 2, 16, 0) == 2  # a limit that was changed counts at once
    assert capacity.follow(100, 0, 1, 3600) == 1
    assert Capacity().follow(0.3, 0, 16, 3600) == 1.5  # a processor is four units
    capacity.rest()
    assert capacity.units == 0


def test_sessions_that_work_raise_it_to_the_most_and_no_further(databases: Databases) -> None:
    """AWS documents: ACUUtilization is the capacity's part of the greatest; both are gauges of the instance.

    CPUUtilization, of as many processors as the most units have, is believed.
    """
    cluster = find_cluster(NAME, REGION)
    wait_for(lambda: cluster.watch.capacity.units, 0.5)
    stopped = threading.Event()

    def work() -> None:
        with closing(connect(databases, NAME)) as connection, connection.cursor() as cursor:
            while not stopped.is_set():
                cursor.execute(SPIN)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    try:
        wait_for(lambda: latest(databases, "ServerlessDatabaseCapacity", BY_CLUSTER) == 4)
        wait_for(lambda: latest(databases, "DatabaseConnections", BY_CLUSTER) == 2)
        assert latest(databases, "ACUUtilization", BY_INSTANCE) == 100
        wait_for(lambda: latest(databases, "CPUUtilization", BY_INSTANCE) == 100)
    finally:
        stopped.set()
        for worker in workers:
            worker.join()
    wait_for(lambda: latest(databases, "ServerlessDatabaseCapacity", BY_CLUSTER) == 0.5)
    told = metric(databases, "ServerlessDatabaseCapacity", BY_CLUSTER, 300)
    assert max(each["Maximum"] for each in told) == 4


def test_an_idle_session_is_no_load(databases: Databases) -> None:
    """AWS documents of Performance Insights: who waits for its client is not on a processor."""
    with closing(connect(databases, NAME)):
        wait_for(lambda: latest(databases, "DatabaseConnections", BY_ROLE) == 1)
        assert latest(databases, "ServerlessDatabaseCapacity", BY_ROLE) == 0.5


def test_asleep_it_has_none_and_tells_no_connections(databases: Databases) -> None:
    """AWS documents: while it is paused, three metrics are 0 and there are no others."""
    cluster = find_cluster(NAME, REGION)
    cluster.pause_now()
    wait_for(lambda: latest(databases, "ServerlessDatabaseCapacity", BY_INSTANCE) == 0)
    for name in ("ServerlessDatabaseCapacity", "ACUUtilization", "CPUUtilization"):
        unit = "Count" if name == "ServerlessDatabaseCapacity" else "Percent"
        for named in (BY_CLUSTER, BY_INSTANCE, BY_ROLE):
            assert (metric(databases, name, named)[-1]["Unit"], latest(databases, name, named)) == (unit, 0)
    asleep = metric(databases, "CPUUtilization", BY_CLUSTER)[-1]["Timestamp"]
    assert all(each["Timestamp"] <= asleep for each in metric(databases, "DatabaseConnections", BY_CLUSTER))
    before = len(metric(databases, "DatabaseConnections", BY_CLUSTER))
    wait_for(lambda: metric(databases, "CPUUtilization", BY_CLUSTER)[-1]["Timestamp"] > asleep)
    assert len(metric(databases, "DatabaseConnections", BY_CLUSTER)) == before
    connect(databases, NAME).close()
    wait_for(lambda: latest(databases, "ServerlessDatabaseCapacity", BY_INSTANCE) == 0.5)
