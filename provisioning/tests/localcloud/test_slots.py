"""How many may be connected at once, and what of the cluster's settings waits for a reboot."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import psycopg2
import pytest

from provisioning import budget
from provisioning.localcloud.ground import ground
from provisioning.localcloud.rds import pause
from provisioning.localcloud.rds.models import find_cluster
from provisioning.localcloud.rds.parameters import max_connections

from .conftest import REGION, Aws, wait_for
from .databases import SCALING, Databases, connect

NAME = "crowded"
ONE = {"MinCapacity": 0, "MaxCapacity": 1, "SecondsUntilAutoPause": 86_400}


@pytest.fixture(scope="module")
def databases(aws: Aws) -> Databases:
    made = Databases(aws)
    made.serve(NAME, ServerlessV2ScalingConfiguration=ONE)
    with closing(connect(made, NAME)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("CREATE ROLE site LOGIN PASSWORD 'secret'")
    return made


def show(databases: Databases, name: str) -> str:
    with closing(connect(databases, NAME)) as connection, connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return str(cursor.fetchone()[0])


def status(databases: Databases) -> str:
    [member] = databases.describe(NAME)["DBClusterMembers"]
    return str(member["DBClusterParameterGroupStatus"])


def modify(databases: Databases, **wanted: Any) -> None:
    databases.api.modify_db_cluster(DBClusterIdentifier=NAME, ApplyImmediately=True, **wanted)
    databases.wait(NAME)


@pytest.mark.parametrize(
    ("least", "most", "connections"),
    [
        (1, 1, 189),
        (1, 4, 823),
        (1, 8, 1669),
        (1, 16, 3360),
        (1, 32, 5000),
        (1, 128, 5000),
        (0.5, 128, 2000),
        (0, 16, 2000),
    ],
)
def test_connections_follow_the_greatest_capacity(least: float, most: float, connections: int) -> None:
    """AWS documents the table, and the cap with a least of 0.5; of 0, its newer edition."""
    assert max_connections({"MinCapacity": least, "MaxCapacity": most}) == connections


def test_the_plans_budget_counts_with_as_many() -> None:
    """Ours: two tables of one fact, the one in the plan and the one here."""
    for half_units in range(2, 257):
        for least in (0, 0.5, 1):
            most = half_units / 2
            mine = max_connections({"MinCapacity": least, "MaxCapacity": most})
            assert budget.max_connections(most, least) == mine


def test_the_last_slots_are_reserved_in_postgresqls_words(databases: Databases) -> None:
    """AWS's knowledge center: 3 for superusers and 2 for rds_superuser. RDS's own session takes one, as on AWS.

    The budget leaves more than these to spare.
    """
    login: dict[str, Any] = {"user": "site", "password": "secret", "dbname": "site", "host": "127.0.0.1"}
    port = databases.describe(NAME)["Port"]
    with ExitStack() as sessions:
        try:
            for count in range(190):  # noqa: B007
                sessions.enter_context(closing(psycopg2.connect(port=port, connect_timeout=5, **login)))
        except psycopg2.OperationalError as error:
            said = str(error)
        assert 189 - budget.RESERVED <= count == 189 - 3 - 2 - 1
        assert "FATAL:  remaining connection slots are reserved for roles with privileges of the" in said
        for _ in range(2):  # the master's
            sessions.enter_context(closing(connect(databases, NAME)))
        with pytest.raises(psycopg2.OperationalError, match="reserved for roles with the SUPERUSER attribute"):
            connect(databases, NAME)
    wait_for(lambda: find_cluster(NAME, REGION).front.idle_seconds > 0)


def test_a_changed_capacity_changes_them_after_a_reboot(databases: Databases) -> None:
    """AWS documents the whole walk: pending-reboot, the old value, RebootDBInstance, in-sync, the new value."""
    assert (status(databases), show(databases, "max_connections")) == ("in-sync", "189")
    modify(databases, ServerlessV2ScalingConfiguration={"MaxCapacity": 2})
    assert (status(databases), show(databases, "max_connections")) == ("pending-reboot", "189")
    databases.api.reboot_db_instance(DBInstanceIdentifier=f"{NAME}-1")
    databases.wait_for_instance(f"{NAME}-1")
    assert (status(databases), show(databases, "max_connections")) == ("in-sync", "400")


def test_a_resume_applies_what_waits_for_a_reboot(databases: Databases) -> None:
    """AWS documents it for auto-pause."""
    modify(databases, ServerlessV2ScalingConfiguration={"MaxCapacity": 1})
    assert status(databases) == "pending-reboot"
    find_cluster(NAME, REGION).pause_now()
    assert (show(databases, "max_connections"), status(databases)) == ("189", "in-sync")


@pytest.fixture
def parameters(databases: Databases) -> Iterator[str]:
    databases.api.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="replicating", DBParameterGroupFamily="aurora-postgresql17", Description="test"
    )
    yield "replicating"
    modify(databases, DBClusterParameterGroupName="default.aurora-postgresql17")
    databases.api.delete_db_cluster_parameter_group(DBClusterParameterGroupName="replicating")


def test_logical_replication_keeps_it_awake(
    databases: Databases, parameters: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS documents: with logical replication enabled, an instance does not pause; its slot is enough (believed)."""
    cluster = find_cluster(NAME, REGION)
    assert databases.describe(NAME)["DBClusterParameterGroup"] == "default.aurora-postgresql17"
    modify(databases, DBClusterParameterGroupName=parameters)
    assert status(databases) == "in-sync"
    wanted = {"ParameterName": "rds.logical_replication", "ParameterValue": "1", "ApplyMethod": "pending-reboot"}
    databases.api.modify_db_cluster_parameter_group(DBClusterParameterGroupName=parameters, Parameters=[wanted])
    assert status(databases) == "pending-reboot"
    databases.api.reboot_db_instance(DBInstanceIdentifier=f"{NAME}-1")
    databases.wait_for_instance(f"{NAME}-1")
    assert show(databases, "wal_level") == "logical"

    monkeypatch.setattr(pause, "LEAST", 0.0)
    monkeypatch.setattr(cluster, "serverless_v2_scaling_configuration", {**ONE, "SecondsUntilAutoPause": 300})
    wait_for(lambda: cluster.pause.is_due(cluster.front.idle_seconds))
    assert cluster.watch.is_blocked()
    cluster.own.ask("SELECT pg_create_logical_replication_slot('elsewhere', 'pgoutput')")
    monkeypatch.setattr(type(cluster), "replicates", False)
    assert cluster.watch.is_blocked()
    cluster.own.ask("SELECT pg_drop_replication_slot('elsewhere')::text")
    assert not cluster.watch.is_blocked()
    wait_for(lambda: cluster.pause.paused)


def test_a_changed_parameter_wakes_it_and_keeps_it_up_for_a_while(
    databases: Databases, parameters: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS documents: it resumes all clusters that use the group, and they stay up for 20 minutes."""
    cluster = find_cluster(NAME, REGION)
    modify(databases, DBClusterParameterGroupName=parameters)
    cluster.pause_now()
    monkeypatch.setattr(pause, "LEAST", 0.0)
    monkeypatch.setattr(cluster, "serverless_v2_scaling_configuration", {**ONE, **SCALING, "SecondsUntilAutoPause": 0})
    monkeypatch.setattr(ground().clock, "speed", 300.0)
    wanted = {"ParameterName": "work_mem", "ParameterValue": "8192", "ApplyMethod": "immediate"}
    databases.api.modify_db_cluster_parameter_group(DBClusterParameterGroupName=parameters, Parameters=[wanted])
    wait_for(lambda: cluster.pause.awake)
    assert not cluster.pause.is_due(1_000_000)
