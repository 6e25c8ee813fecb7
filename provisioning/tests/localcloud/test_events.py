"""What RDS tells of a cluster and its instances by DescribeEvents, and of PostgreSQL in the logs."""

from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest

from provisioning.localcloud.rds import pause
from provisioning.localcloud.rds.events import Event
from provisioning.localcloud.rds.models import find_cluster

from .conftest import ACCOUNT, REGION, Aws, wait_for
from .databases import SCALING, Databases, connect, refused

NAME = "telling"
GROUP = f"/aws/rds/cluster/{NAME}/postgresql"


@pytest.fixture(scope="module")
def databases(aws: Aws) -> Databases:
    made = Databases(aws)
    made.serve(NAME, EnableCloudwatchLogsExports=["postgresql"])
    return made


def events(databases: Databases, kind: str = "db-cluster", name: str = NAME, **more: Any) -> list[dict[str, Any]]:
    return databases.api.describe_events(SourceType=kind, SourceIdentifier=name, **more)["Events"]


def messages(databases: Databases, kind: str = "db-cluster", name: str = NAME) -> list[str]:
    return [each["Message"] for each in events(databases, kind, name)]


def test_an_event_says_of_what_it_is_and_of_which_category(databases: Databases) -> None:
    """AWS documents texts and categories; botocore's model: Event."""
    [created] = events(databases, EventCategories=["creation"])
    assert created["Message"] == "DB cluster created."
    assert created["SourceArn"] == f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:{NAME}"
    assert (created["SourceType"], created["EventCategories"]) == ("db-cluster", ["creation"])
    assert datetime.now(UTC) - created["Date"] < timedelta(minutes=10)
    assert messages(databases, "db-instance", f"{NAME}-1") == ["DB instance created."]


@pytest.fixture
def asleep(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Lets it fall asleep by itself."""
    cluster = find_cluster(NAME, REGION)

    def sleep() -> None:
        monkeypatch.setattr(pause, "LEAST", 0.0)
        monkeypatch.setattr(cluster, "serverless_v2_scaling_configuration", {**SCALING, "SecondsUntilAutoPause": 300})
        wait_for(lambda: cluster.pause.paused)
        monkeypatch.undo()

    return sleep


def test_pause_and_resume_are_told_of_instance_and_cluster(databases: Databases, asleep: Callable[[], None]) -> None:
    """AWS documents RDS-EVENT-0370 to 0374 of an instance; that 0144 to 0148 are told of v2's cluster is believed."""
    asleep()
    connect(databases, NAME).close()
    assert messages(databases)[-4:] == [
        "The DB cluster is being paused.",
        "The DB cluster is paused.",
        "The DB cluster is being resumed.",
        "The DB cluster is resumed.",
    ]
    told = events(databases, "db-instance", f"{NAME}-1", EventCategories=["serverless"])
    assert [each["Message"] for each in told][-4:] == [
        "Initiated pause for the DB instance.",
        "Successfully paused the DB instance.",
        "Initiated resume for the DB instance.",
        "Successfully resumed the DB instance.",
    ]
    assert told[0]["EventCategories"] == ["notification", "serverless"]


def test_who_comes_while_it_falls_asleep_keeps_it_awake(databases: Databases) -> None:
    """AWS documents RDS-EVENT-0371 of an instance; that v2's cluster tells 0146 is believed."""
    cluster = find_cluster(NAME, REGION)
    cluster.pause.begin(still_idle=lambda: False)
    assert cluster.pause.awake
    assert messages(databases, "db-instance", f"{NAME}-1")[-1] == "Pause was canceled for the DB instance."
    assert messages(databases)[-1] == "Pause was canceled for the DB cluster."


def test_reboot_failover_stop_and_start_are_told(databases: Databases) -> None:
    """AWS documents the texts, and the states rebooting and failing-over."""
    api = databases.api
    assert api.reboot_db_instance(DBInstanceIdentifier=f"{NAME}-1")["DBInstance"]["DBInstanceStatus"] == "rebooting"
    refused(lambda: api.reboot_db_instance(DBInstanceIdentifier=f"{NAME}-1"), "InvalidDBInstanceState")
    databases.wait_for_instance(f"{NAME}-1")
    assert messages(databases, "db-instance", f"{NAME}-1")[-2:] == ["DB instance shutdown.", "DB instance restarted."]

    fail_over = api.failover_db_cluster
    refused(lambda: fail_over(DBClusterIdentifier=NAME), "InvalidDBClusterStateFault")
    databases.create_instance(NAME, f"{NAME}-2", AvailabilityZone=f"{REGION}b")
    databases.wait_for_instance(f"{NAME}-2")
    assert fail_over(DBClusterIdentifier=NAME)["DBCluster"]["Status"] == "failing-over"
    databases.wait(NAME)
    writers = {
        each["DBInstanceIdentifier"]: each["IsClusterWriter"] for each in databases.describe(NAME)["DBClusterMembers"]
    }
    assert writers == {f"{NAME}-1": False, f"{NAME}-2": True}
    assert messages(databases)[-2:] == [
        f"Started cross AZ failover to DB instance: {NAME}-2.",
        f"Completed failover to DB instance: {NAME}-2.",
    ]
    api.delete_db_instance(DBInstanceIdentifier=f"{NAME}-2")
    wait_for(lambda: len(databases.describe(NAME)["DBClusterMembers"]), 1)
    assert messages(databases, "db-instance", f"{NAME}-2")[-1] == "DB instance deleted."

    api.stop_db_cluster(DBClusterIdentifier=NAME)
    databases.wait(NAME, "stopped")
    api.start_db_cluster(DBClusterIdentifier=NAME)
    databases.wait(NAME)
    assert messages(databases)[-2:] == ["DB cluster stopped.", "DB cluster started."]
    assert messages(databases, "db-instance", f"{NAME}-1")[-2:] == ["DB instance stopped.", "DB instance started."]


def test_events_come_of_an_interval_page_by_page_for_two_weeks(databases: Databases) -> None:
    """botocore's model: an hour is usual, 14 days are kept, 20 to 100 records at once."""
    backend, now = find_cluster(NAME, REGION).backend, datetime.now(UTC).replace(tzinfo=None)
    for hours in (400, 300, *[2] * 25):
        backend.events.insert(
            0, Event("aged", "db-cluster", "arn", f"{hours} hours", ["notification"], now - timedelta(hours=hours))
        )
    assert events(databases, name="aged") == []
    month = 31 * 24 * 60
    assert len(events(databases, name="aged", Duration=month)) == 26  # the oldest is older than 14 days
    between = {"StartTime": now - timedelta(hours=310), "EndTime": now - timedelta(hours=290)}
    assert [each["Message"] for each in events(databases, name="aged", **between)] == ["300 hours"]
    pages = databases.api.get_paginator("describe_events").paginate(
        SourceType="db-cluster", SourceIdentifier="aged", Duration=month, PaginationConfig={"PageSize": 20}
    )
    assert [len(page["Events"]) for page in pages] == [20, 6]
    describe = databases.api.describe_events
    refused(lambda: describe(MaxRecords=5), "InvalidParameterValue", "Must be between 20 and 100")
    refused(lambda: describe(SourceIdentifier=NAME), "InvalidParameterCombination")


def test_postgresqls_own_lines_are_in_cloudwatch_where_they_are_asked_for(databases: Databases) -> None:
    """AWS documents the group, and RDS's log_line_prefix; the stream's name is believed."""
    logs = databases.aws.client("logs")
    with closing(connect(databases, NAME)) as connection, connection.cursor() as cursor, pytest.raises(psycopg2.Error):
        cursor.execute("SELECT 1 FROM nowhere")

    def lines() -> list[str]:
        events = logs.filter_log_events(logGroupName=GROUP, logStreamNames=[f"{NAME}-1.0"])["events"]
        return [each["message"] for each in events]

    wait_for(lambda: any("captain@site:[" in line and 'relation "nowhere" does not exist' in line for line in lines()))
    modify = databases.api.modify_db_cluster
    modify(DBClusterIdentifier=NAME, CloudwatchLogsExportConfiguration={"DisableLogTypes": ["postgresql"]})
    databases.wait(NAME)
    assert databases.describe(NAME).get("EnabledCloudwatchLogsExports", []) == []
    refused(
        lambda: databases.create("talkative", EnableCloudwatchLogsExports=["error"]),
        "InvalidParameterCombination",
        "You cannot use the log types 'error' with engine version aurora-postgresql 17.5",
    )
