"""Aurora: what takes time, what is refused, and the PostgreSQL behind the endpoint."""

from collections.abc import Iterator

import psycopg2
import pytest
from moto.rds.models import RDSBackend
from moto.rds.responses import RDSResponse
from moto.rdsdata.models import RDSDataServiceBackend, rdsdata_backends

from .conftest import Aws
from .databases import SCALING, Databases, connect, refused


@pytest.fixture(scope="module")
def databases(aws: Aws) -> Databases:
    return Databases(aws)


@pytest.fixture(scope="module")
def ready(databases: Databases) -> Iterator[str]:
    """A cluster that is available, without an instance."""
    databases.create("ready", CopyTagsToSnapshot=True, Tags=[{"Key": "env", "Value": "test"}])
    databases.wait("ready")
    yield "ready"


def test_a_cluster_lives_from_creating_to_gone_with_a_real_database_meanwhile(databases: Databases) -> None:
    """AWS documents: an empty cluster, an instance that serves it, a managed secret, a final snapshot."""
    created = databases.create("whole", EnableHttpEndpoint=True, StorageEncrypted=True)
    assert created["Status"] == "creating"
    refused(lambda: databases.create_instance("whole", "early"), "InvalidDBClusterStateFault")
    databases.wait("whole")
    with pytest.raises(psycopg2.OperationalError, match="refused"):
        connect(databases, "whole")

    databases.create_instance("whole", "whole-1")
    databases.wait_for_instance("whole-1")
    with connect(databases, "whole") as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n int); SELECT current_user, current_setting('max_connections')")
        assert cursor.fetchone() == ("captain", "823")
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        connect(databases, "whole", password="guessed")
    cluster = databases.describe("whole")
    assert cluster["HttpEndpointEnabled"] is True and cluster["StorageEncrypted"] is True
    assert [each["IsClusterWriter"] for each in cluster["DBClusterMembers"]] == [True]
    assert cluster["MasterUserSecret"]["SecretStatus"] == "active"
    secret = cluster["MasterUserSecret"]["SecretArn"]
    assert ":secret:rds!cluster-" in secret

    delete = databases.api.delete_db_cluster
    refused(
        lambda: delete(DBClusterIdentifier="whole", SkipFinalSnapshot=True),
        "InvalidDBClusterStateFault",
        "still contains DB instances in non-deleting state",
    )
    databases.api.delete_db_instance(DBInstanceIdentifier="whole-1")
    delete(DBClusterIdentifier="whole", FinalDBSnapshotIdentifier="whole-last")
    databases.wait_until_gone("whole")
    snapshots = databases.api.describe_db_cluster_snapshots(DBClusterIdentifier="whole")["DBClusterSnapshots"]
    assert [(each["DBClusterSnapshotIdentifier"], each["Status"]) for each in snapshots] == [
        ("whole-last", "available")
    ]
    databases.api.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="whole-last")
    with pytest.raises(databases.secrets.exceptions.ResourceNotFoundException):
        databases.secrets.describe_secret(SecretId=secret)


def test_a_name_in_use_is_refused(databases: Databases, ready: str) -> None:
    """botocore's model: DBClusterAlreadyExistsFault, DBInstanceAlreadyExists."""
    refused(lambda: databases.create(ready), "DBClusterAlreadyExistsFault")
    refused(lambda: databases.create(ready.upper()), "DBClusterAlreadyExistsFault")  # stored in lower case


@pytest.mark.parametrize(
    ("scaling", "complaint"),
    [
        ({"MinCapacity": 0, "MaxCapacity": 0.5}, "maximum capacity 0.5 isn't valid.*at least 1.0"),  # reported
        ({"MaxCapacity": 4}, "Both MinCapacity and MaxCapacity must be specified"),  # reported
        ({"MinCapacity": 1, "MaxCapacity": 4, "SecondsUntilAutoPause": 300}, "when minimum capacity is 0"),
        ({**SCALING, "SecondsUntilAutoPause": 299}, "between 300 and 86400"),  # the range is botocore's
        ({**SCALING, "SecondsUntilAutoPause": 86401}, "between 300 and 86400"),
        ({"MinCapacity": 0, "MaxCapacity": 257}, "maximum capacity 257.0 isn't valid"),
        ({"MinCapacity": 5, "MaxCapacity": 4}, "must not be greater"),
        ({"MinCapacity": 0, "MaxCapacity": 1.25}, "increments of 0.5"),
    ],
)
def test_capacity_is_checked(databases: Databases, ready: str, scaling: dict[str, float], complaint: str) -> None:
    """AWS documents the ranges, people report some of the wordings; at a change as at the creation."""
    wanted = {"ServerlessV2ScalingConfiguration": scaling}
    refused(lambda: databases.create("capacity", **wanted), "InvalidParameterValue", complaint)
    if "MinCapacity" in scaling:
        modify = databases.api.modify_db_cluster
        refused(lambda: modify(DBClusterIdentifier=ready, **wanted), "InvalidParameterValue", complaint)


def test_a_version_that_can_not_pause_refuses_a_minimum_of_zero(databases: Databases) -> None:
    """AWS documents: ServerlessV2FeaturesSupport tells which versions can."""
    versions = databases.api.describe_db_engine_versions(Engine="aurora-postgresql", EngineVersion="16")
    least = {
        each["EngineVersion"]: each["ServerlessV2FeaturesSupport"]["MinCapacity"]
        for each in versions["DBEngineVersions"]
    }
    assert (least["16.2"], least["16.3"]) == (0.5, 0)
    refused(lambda: databases.create("olden", EngineVersion="16.2"), "InvalidParameterValue", "at least 0.5")
    assert databases.create("youngest-16", EngineVersion="16")["EngineVersion"] == max(
        least, key=lambda version: int(version.split(".")[1])
    )


def test_an_unknown_version_is_refused(databases: Databases) -> None:
    """Seen in reports: "Cannot find version … for aurora-postgresql"."""
    refused(
        lambda: databases.create("future", EngineVersion="99.1"),
        "InvalidParameterCombination",
        "Cannot find version 99.1 for aurora-postgresql",
    )


def test_engine_versions_come_in_pages(databases: Databases) -> None:
    """botocore's model: MaxRecords and Marker."""
    pages = databases.api.get_paginator("describe_db_engine_versions").paginate(
        Engine="aurora-postgresql", PaginationConfig={"PageSize": 20}
    )
    found = [each["EngineVersion"] for page in pages for each in page["DBEngineVersions"]]
    assert len(found) == len(set(found)) > 20
    [default] = databases.api.describe_db_engine_versions(Engine="aurora-postgresql", DefaultOnly=True)[
        "DBEngineVersions"
    ]
    assert default["EngineVersion"] in found


def test_a_serverless_instance_needs_a_scaling_configuration(databases: Databases) -> None:
    """Seen in reports: the wording, and that it is an InvalidDBClusterStateFault."""
    databases.create("unscaled", ServerlessV2ScalingConfiguration=None)
    databases.wait("unscaled")
    refused(
        lambda: databases.create_instance("unscaled", "unscaled-1"),
        "InvalidDBClusterStateFault",
        "Set the Serverless v2 scaling configuration on the parent DB cluster",
    )


def test_a_change_shows_and_takes_time(databases: Databases) -> None:
    """botocore's model: SecondsUntilAutoPause goes with a minimum above 0, and comes back as 300."""
    databases.create("changes", ServerlessV2ScalingConfiguration={**SCALING, "SecondsUntilAutoPause": 600})
    modify = databases.api.modify_db_cluster
    refused(lambda: modify(DBClusterIdentifier="changes", DeletionProtection=True), "InvalidDBClusterStateFault")
    databases.wait("changes")
    for scaling, pause in (({"MaxCapacity": 8}, 600), ({"MinCapacity": 1}, None), ({"MinCapacity": 0}, 300)):
        answer = modify(DBClusterIdentifier="changes", ServerlessV2ScalingConfiguration=scaling)
        assert answer["DBCluster"]["Status"] == "modifying"
        databases.wait("changes")
        shown = databases.describe("changes")["ServerlessV2ScalingConfiguration"]
        assert (shown["MaxCapacity"], shown.get("SecondsUntilAutoPause")) == (8, pause)


def test_a_final_snapshot_is_asked_for_or_declined(databases: Databases, ready: str) -> None:
    """Seen in reports: the two wordings; botocore's model: DBClusterSnapshotAlreadyExistsFault."""
    delete = databases.api.delete_db_cluster
    refused(lambda: delete(DBClusterIdentifier=ready), "InvalidParameterCombination", "is required unless")
    refused(
        lambda: delete(DBClusterIdentifier=ready, SkipFinalSnapshot=True, FinalDBSnapshotIdentifier="x"),
        "InvalidParameterCombination",
        "You cannot specify both",
    )
    databases.api.create_db_cluster_snapshot(DBClusterIdentifier=ready, DBClusterSnapshotIdentifier="taken")
    refused(
        lambda: delete(DBClusterIdentifier=ready, FinalDBSnapshotIdentifier="taken"),
        "DBClusterSnapshotAlreadyExistsFault",
    )
    [snapshot] = databases.api.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="taken")["DBClusterSnapshots"]
    assert snapshot["TagList"] == [{"Key": "env", "Value": "test"}]
    databases.api.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="taken")


def test_a_protected_cluster_is_not_deleted(databases: Databases) -> None:
    """AWS documents DeletionProtection."""
    databases.create("protected", DeletionProtection=True)
    databases.wait("protected")
    refused(
        lambda: databases.api.delete_db_cluster(DBClusterIdentifier="protected", SkipFinalSnapshot=True),
        "InvalidParameterCombination",
        "Cannot delete protected Cluster",
    )


def test_the_data_api_can_be_switched_on_later(databases: Databases, ready: str) -> None:
    """botocore's model: EnableHttpEndpoint is for Serverless v2 and provisioned clusters."""
    arn = databases.describe(ready)["DBClusterArn"]
    assert databases.describe(ready)["HttpEndpointEnabled"] is False
    assert databases.api.enable_http_endpoint(ResourceArn=arn)["HttpEndpointEnabled"] is True
    assert databases.describe(ready)["HttpEndpointEnabled"] is True


def test_tags_are_shown_and_changed(databases: Databases, ready: str) -> None:
    """botocore's model: TagList."""
    arn = databases.describe(ready)["DBClusterArn"]
    databases.api.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "more", "Value": "1"}])
    tags = databases.describe(ready)["TagList"]
    assert tags == databases.api.list_tags_for_resource(ResourceName=arn)["TagList"]
    assert {"Key": "more", "Value": "1"} in tags
    databases.api.remove_tags_from_resource(ResourceName=arn, TagKeys=["more"])


def test_a_password_of_ones_own_works_and_can_be_changed(databases: Databases) -> None:
    """botocore's model: MasterUserPassword, instead of a managed one."""
    databases.create("ownpassword", ManageMasterUserPassword=None, MasterUserPassword="first-secret")
    databases.wait("ownpassword")
    databases.create_instance("ownpassword", "ownpassword-1")
    databases.wait_for_instance("ownpassword-1")
    databases.api.modify_db_cluster(DBClusterIdentifier="ownpassword", MasterUserPassword="second-secret")
    cluster = databases.describe("ownpassword")
    where = {"host": cluster["Endpoint"], "port": cluster["Port"], "user": "captain", "dbname": "site"}
    psycopg2.connect(**where, password="second-secret").close()
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(**where, password="first-secret")


@pytest.mark.usefixtures("databases")
def test_what_is_overridden_is_still_there() -> None:
    """Ours: moto promises none of it; see test_moto.py."""
    assert {"create_subnet_group", "modify_db_subnet_group", "delete_subnet_group"} <= set(vars(RDSBackend))
    assert {"stop_db_cluster", "start_db_cluster"} <= set(vars(RDSBackend))
    assert {"create_db_subnet_group", "modify_db_subnet_group"} <= set(vars(RDSResponse))
    assert issubclass(rdsdata_backends.backend, RDSDataServiceBackend)
    assert rdsdata_backends.backend is not RDSDataServiceBackend
