"""What is particular about the database's cluster."""

import dataclasses

import pytest
from botocore.stub import Stubber

from provisioning.engine.events import Failed
from provisioning.engine.graph import Graph
from provisioning.engine.plan import plan
from provisioning.engine.problem import Problem
from provisioning.engine.run import apply


def like(env, **changes):
    """The environment's cluster with these changes."""
    return dataclasses.replace(env.the("Cluster"), **changes)


def test_a_cluster_gets_the_newest_minor_version_that_can_pause(environment):
    env = environment("version")
    env.apply(env.the("Cluster"))
    found = env.client("rds").describe_db_clusters(DBClusterIdentifier="scale0-version")["DBClusters"][0]
    offered = env.client("rds").describe_db_engine_versions(Engine="aurora-postgresql")["DBEngineVersions"]
    newest = max(
        (e["EngineVersion"] for e in offered if e["EngineVersion"].startswith("17.")),
        key=lambda v: [int(part) for part in v.split(".")],
    )
    assert found["EngineVersion"] == newest


@pytest.mark.parametrize("changes", [{"major_version": 12}, {"major_version": 99}])
def test_a_version_that_cannot_pause_or_does_not_exist_is_refused_with_those_that_do(environment, changes):
    env = environment("old")
    (failed,) = [e for e in apply(Graph(like(env, **changes)), env.aws) if isinstance(e, Failed)]
    assert failed.problem.startswith("Cluster scale0-old: cannot be created. AWS offers PostgreSQL")
    assert env.the("Cluster").find(env.aws) is None


def test_a_cluster_whose_minor_version_aws_raised_is_as_wanted(environment):
    found = {"EngineVersion": "17.99", "Status": "available"}
    assert environment("raised").the("Cluster")._values(found)["major_version"] == 17


def test_a_last_snapshot_is_left_unless_it_is_not_wanted(environment):
    env = environment("snapshot")
    kept = like(env, final_snapshot=True)
    env.apply(kept)
    env.teardown(kept)
    snapshots = env.client("rds").describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    names = [each["DBClusterSnapshotIdentifier"] for each in snapshots]
    (name,) = [each for each in names if each.startswith("scale0-snapshot-final-")]
    env.client("rds").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=name)


def test_a_version_without_serverless_or_of_another_brand_is_passed_over(environment):
    env = environment("brands")
    can = {"MinCapacity": 0.0, "MaxCapacity": 256.0}
    versions = [
        {"EngineVersion": "17.4", "ServerlessV2FeaturesSupport": can},
        {"EngineVersion": "17.8-limitless"},
        {"EngineVersion": "17.10"},
        {"EngineVersion": "17.5", "ServerlessV2FeaturesSupport": {**can, "MinCapacity": 0.5}},
    ]
    with Stubber(env.client("rds")) as stubber:
        stubber.add_response("describe_db_engine_versions", {"DBEngineVersions": versions})
        assert env.the("Cluster")._newest_version(env.aws) == "17.4"


def test_what_no_version_can_do_is_refused_in_the_plan_before_anything_is_made(environment):
    env = environment("impossible", postgres=99)
    with pytest.raises(Problem, match="AWS offers PostgreSQL 99 in eu-west-3 as no version at all"):
        plan(env.site, env.aws)
