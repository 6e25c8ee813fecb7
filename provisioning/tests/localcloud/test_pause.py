"""A database that pauses when nobody uses it, and one that is stopped."""

import socket
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from botocore.exceptions import ClientError

from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.ground import ground
from provisioning.localcloud.rds import pause
from provisioning.localcloud.rds.cluster import Cluster
from provisioning.localcloud.rds.models import find_cluster
from provisioning.localcloud.rds.pause import Pause
from provisioning.localcloud.rules import Manner
from provisioning.localcloud.times import Clock

from .conftest import REGION, Aws, wait_for
from .databases import SCALING, Databases, connect, refused
from .test_rdsdata import DataApi

NAME = "sleepy"


@pytest.fixture(scope="module")
def databases(aws: Aws) -> Databases:
    made = Databases(aws)
    made.serve(NAME, EnableHttpEndpoint=True, ServerlessV2ScalingConfiguration=SCALING)
    return made


@pytest.fixture
def cluster(databases: Databases) -> Cluster:
    return find_cluster(NAME, REGION)


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS's five minutes are as short as the cloud's speed makes them."""
    monkeypatch.setattr(pause, "LEAST", 0.0)


class At:
    """The time of a pause without a database, and what it has slept while it resumed."""

    def __init__(self, speed: float) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self.clock = Clock(speed)
        self.clock.sleep = self.slept.append  # type: ignore[method-assign]

    def monotonic(self) -> float:
        return self.now

    def begin(self, work: Callable[[], None]) -> None:
        work()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> At:
    """At the speed of AWS, or at that which the test names."""
    at = At(getattr(request, "param", 1.0))
    monkeypatch.setattr(pause, "time", at)
    monkeypatch.setattr(pause, "ground", lambda: at)
    return at


def pause_of(seconds: float | None) -> Pause:
    return Pause(lambda: seconds, lambda word: None, lambda: None)


def test_it_waits_for_all_of_its_seconds_since_the_last_session_and_since_it_woke(at: At) -> None:
    """AWS documents SecondsUntilAutoPause, from 300; that its own waking counts as use is believed."""
    unused, never = pause_of(300), pause_of(None)
    at.now = 299
    assert not unused.is_due(idle_seconds=86_400)
    at.now = 300
    assert unused.is_due(idle_seconds=300)
    assert not unused.is_due(idle_seconds=299)
    assert not unused.is_due(idle_seconds=0)
    assert not never.is_due(idle_seconds=300)


@pytest.mark.parametrize("at", [3000.0], indirect=True)
def test_at_high_speed_it_waits_for_three_of_our_seconds(at: At) -> None:
    """Ours."""
    unused = pause_of(300)
    at.now = 2.9
    assert not unused.is_due(idle_seconds=2.9)
    at.now = 3.0
    assert unused.is_due(idle_seconds=3.0)


@pytest.mark.parametrize(
    ("at", "hours", "takes"),
    [(1.0, 23.9, 15), (1.0, 24.1, 30), (5.0, 23.9, 3), (5.0, 24.1, 6)],
    indirect=["at"],
)
def test_it_resumes_in_15_seconds_and_after_a_day_in_30_which_the_speed_divides(
    at: At, hours: float, takes: float
) -> None:
    """AWS documents both; it promises neither."""
    asleep = pause_of(300)
    asleep.begin(still_idle=lambda: True)
    at.now += hours * 3600 / at.clock.speed
    assert not asleep.wake()
    assert asleep.wake()
    (slept,) = at.slept
    assert takes - 1 < slept <= takes


def test_after_an_administrators_change_it_stays_up_for_20_minutes(at: At) -> None:
    """AWS documents."""
    changed = pause_of(300)
    changed.begin(still_idle=lambda: True)
    changed.wake_for_service()
    at.now = 1199
    assert not changed.is_due(idle_seconds=1199)
    at.now = 1200
    assert changed.is_due(idle_seconds=1200)


@pytest.fixture
def slow_resume(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """It resumes when the test lets it."""
    held = cluster.pause._resume
    monkeypatch.setattr(cluster.pause, "_resume", lambda: None)
    return held


@pytest.mark.usefixtures("soon")
def test_an_unused_database_pauses_and_shows_it_nowhere(databases: Databases, cluster: Cluster) -> None:
    """AWS documents: no session for SecondsUntilAutoPause. Its status stays: seen in reports."""
    wait_for(lambda: cluster.pause.paused)
    assert databases.describe(NAME)["Status"] == "available"


@pytest.mark.usefixtures("soon")
def test_an_open_session_keeps_it_awake(databases: Databases, cluster: Cluster) -> None:
    """AWS documents: any session, also one that does nothing."""
    with closing(connect(databases, NAME)):
        assert not cluster.pause.paused
        assert cluster.front.idle_seconds == 0
        assert not cluster.pause.is_due(cluster.front.idle_seconds)
        with pytest.raises(AssertionError):
            wait_for(lambda: cluster.pause.paused, within=5 * 300 / ground().clock.speed)
    wait_for(lambda: cluster.pause.paused)


def test_whoever_connects_wakes_it_and_waits(databases: Databases, cluster: Cluster) -> None:
    """AWS documents: the connection is held until the database is up."""
    cluster.pause_now()
    assert cluster.pause.paused
    connect(databases, NAME).close()
    assert not cluster.pause.paused


def test_a_failed_attempt_wakes_it_too(
    databases: Databases, cluster: Cluster, slow_resume: Callable[[], None]
) -> None:
    """Seen in reports: whoever finds the port keeps it awake."""
    cluster.pause_now()
    socket.create_connection(("127.0.0.1", cluster.port)).close()
    wait_for(lambda: cluster.pause.paused, False)
    slow_resume()
    cluster.pause_now()
    with pytest.raises(psycopg2.OperationalError, match="timeout expired"):
        psycopg2.connect(host="127.0.0.1", port=cluster.port, user="nobody", password="x", connect_timeout=2)
    wait_for(lambda: cluster.front.idle_seconds > 0)  # the client has given up, and the front with it
    slow_resume()
    connect(databases, NAME).close()


@pytest.mark.parametrize(
    ("manner", "says"),
    [
        ("close", "server closed the connection unexpectedly"),
        ("no-pg-hba", 'no pg_hba.conf entry for host "127.0.0.1", user "owner", database "owner", no encryption'),
    ],
)
def test_who_comes_before_it_is_up_meets_what_the_real_one_shows_and_wakes_it(
    databases: Databases,
    cluster: Cluster,
    cloud: LocalCloud,
    slow_resume: Callable[[], None],
    manner: Manner,
    says: str,
) -> None:
    """Seen in reports, the second in terraform-provider-postgresql#540. psycopg2 tells no SQLSTATE of either."""
    cloud.while_resuming = manner
    try:
        cluster.pause_now()
        for _ in range(2):
            with pytest.raises(psycopg2.OperationalError, match=says) as met:
                psycopg2.connect(host="127.0.0.1", port=cluster.port, user="owner", password="x", connect_timeout=5)
            assert met.value.pgcode is None
        assert not cluster.pause.paused
        slow_resume()
        connect(databases, NAME).close()
    finally:
        cloud.while_resuming = "hang"


def test_a_manner_that_is_none_is_refused(cloud: LocalCloud) -> None:
    """Ours."""
    with pytest.raises(ValueError, match="hang, close, no-pg-hba"):
        cloud.while_resuming = "sulk"  # type: ignore[assignment]


@pytest.mark.parametrize(("hours", "takes"), [(1, "rds resume"), (48, "rds resume after a day")])
def test_after_a_day_it_takes_twice_as_long(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, hours: int, takes: str
) -> None:
    """AWS documents: about 15 seconds, and 30 or more after 24 hours."""
    cluster.pause_now()
    monkeypatch.setattr(cluster.pause, "_paused_since", time.monotonic() - hours * 3600 / ground().clock.speed)
    with ground().clock.hold(takes):
        cluster.pause.wake()
        with pytest.raises(AssertionError):
            wait_for(cluster.pause.wake, within=0.3)
    wait_for(cluster.pause.wake)


def test_the_data_api_wakes_it_and_asks_to_come_back(
    databases: Databases, cluster: Cluster, slow_resume: Callable[[], None]
) -> None:
    """botocore's model: DatabaseResumingException, at once; the text is from reports."""
    data = DataApi(databases, NAME)
    cluster.pause_now()
    for _ in range(2):
        refused(
            lambda: data.execute("SELECT 1"),
            "DatabaseResumingException",
            "is resuming after being auto-paused. Please wait a few seconds and try again",
        )
    refused(lambda: data.begin(), "DatabaseResumingException")
    slow_resume()
    assert data.row("SELECT 1") == [{"longValue": 1}]
    wait_for(lambda: cluster.front.idle_seconds > 0)  # and it holds no session afterwards


def test_pausing_at_once_ends_the_sessions(databases: Databases, cluster: Cluster) -> None:
    """Ours, for tests."""
    with closing(connect(databases, NAME)) as connection, connection.cursor() as cursor:
        cluster.pause_now()
        with pytest.raises(psycopg2.OperationalError, match="closed"):
            cursor.execute("SELECT 1")


@pytest.mark.usefixtures("soon")
def test_a_minimum_above_zero_never_pauses(databases: Databases, cluster: Cluster) -> None:
    """botocore's model: only with a minimum of 0. That the change itself wakes it is believed."""
    cluster.pause_now()
    modify = databases.api.modify_db_cluster
    modify(DBClusterIdentifier=NAME, ServerlessV2ScalingConfiguration={"MinCapacity": 0.5})
    wait_for(lambda: cluster.pause.paused, False)
    databases.wait(NAME)
    assert not cluster.pause.is_due(1_000_000)
    modify(DBClusterIdentifier=NAME, ServerlessV2ScalingConfiguration={"MinCapacity": 0})
    databases.wait(NAME)
    wait_for(lambda: cluster.pause.paused)


def test_a_stopped_cluster_answers_nobody_until_it_is_started(databases: Databases, cluster: Cluster) -> None:
    """AWS documents the states, of cluster and instances; InvalidDBClusterStateFault is botocore's model's."""
    data = DataApi(databases, NAME)
    with closing(connect(databases, NAME)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept (n int)")
    start, stop = databases.api.start_db_cluster, databases.api.stop_db_cluster
    refused(lambda: start(DBClusterIdentifier=NAME), "InvalidDBClusterStateFault", "is in available state")
    assert stop(DBClusterIdentifier=NAME)["DBCluster"]["Status"] == "stopping"
    refused(lambda: data.execute("SELECT 1"), "InvalidResourceStateException")
    databases.wait(NAME, "stopped")
    databases.wait_for_instance(f"{NAME}-1", "stopped")
    refused(lambda: stop(DBClusterIdentifier=NAME), "InvalidDBClusterStateFault", "is in stopped state")
    refused(lambda: data.execute("SELECT 1"), "InvalidResourceStateException")
    with pytest.raises(psycopg2.OperationalError):
        connect(databases, NAME)
    assert start(DBClusterIdentifier=NAME)["DBCluster"]["Status"] == "starting"
    databases.wait(NAME)
    databases.wait_for_instance(f"{NAME}-1")

    def count() -> Any:
        try:
            return data.row("SELECT count(*) FROM kept")
        except ClientError as error:  # it may have paused already
            return error.response["Error"]["Code"]

    wait_for(count, [{"longValue": 0}])
