"""What is particular about single kinds."""

import dataclasses
import json

import botocore.session
import pytest
from botocore.stub import Stubber

from provisioning.aws import Aws
from provisioning.config import Config
from provisioning.engine.events import Failed
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, plan
from provisioning.engine.problem import Problem
from provisioning.engine.run import apply
from provisioning.resources.rds import Cluster
from provisioning.resources.s3 import Bucket
from provisioning.stack import everything


class NoAws(Aws):
    """For what needs no AWS but its names."""

    account = "123456789012"

    def __init__(self):
        self.region = "eu-west-3"

    is_local = False

    def check_region(self, services):
        pass


def test_a_bucket_goes_with_all_versions_and_unfinished_uploads_in_it(environment):
    env = environment("full")
    bucket, s3 = env.the("Bucket"), env.client("s3")
    env.apply(bucket)
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    for n in range(3):
        s3.put_object(Bucket=bucket.name, Key="media/a.txt", Body=str(n))
    s3.delete_object(Bucket=bucket.name, Key="media/a.txt")
    s3.create_multipart_upload(Bucket=bucket.name, Key="media/big")
    env.teardown(bucket)
    assert bucket.name not in [each["Name"] for each in s3.list_buckets()["Buckets"]]


def test_a_bucket_of_somebody_else_is_blocked_and_says_so(environment, cloud):
    env = environment("taken")
    other = cloud.another_account()
    stranger = env.aws.session.client(
        "s3", aws_access_key_id=other.key_id, aws_secret_access_key=other.secret, region_name="eu-west-3"
    )
    name = "somebody-elses-bucket"
    stranger.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})
    (step,) = plan(Graph(Bucket(name=name)), env.aws).steps
    assert step.why.startswith("a bucket of this name is somebody else's")


def test_a_bucket_has_the_region_that_was_asked_for(environment):
    env = environment("where")
    env.apply(env.the("Bucket"))
    where = env.client("s3").get_bucket_location(Bucket=env.the("Bucket").name)
    assert where["LocationConstraint"] == env.aws.region


def test_a_secret_key_is_made_up_anew_for_each_environment_and_never_in_the_plan(environment):
    values = []
    for name in ("key-a", "key-b"):
        env = environment(name)
        parameter = env.the("Parameter")
        steps = plan(Graph(parameter), env.aws).steps
        env.apply(parameter)
        value = env.client("ssm").get_parameter(Name=parameter.name, WithDecryption=True)["Parameter"]["Value"]
        assert value not in str(steps) + str(parameter.find(env.aws))
        assert len(value) == 67
        values.append(value)
    assert values[0] != values[1]


def cluster(**changes):
    values = {"major_version": 17, "min_capacity": 0, "max_capacity": 4, "pause_seconds": 300, "database": "site"}
    return Cluster(name="scale0-version", final_snapshot=False, **{**values, **changes})


def test_a_cluster_gets_the_newest_minor_version_that_can_pause(environment):
    env = environment("version")
    env.apply(cluster())
    found = env.client("rds").describe_db_clusters(DBClusterIdentifier="scale0-version")["DBClusters"][0]
    offered = env.client("rds").describe_db_engine_versions(Engine="aurora-postgresql")["DBEngineVersions"]
    newest = max(
        (e["EngineVersion"] for e in offered if e["EngineVersion"].startswith("17.")),
        key=lambda v: [int(part) for part in v.split(".")],
    )
    assert found["EngineVersion"] == newest
    env.teardown(cluster())


@pytest.mark.parametrize("changes", [{"major_version": 12}, {"major_version": 99}])
def test_a_version_that_cannot_pause_or_does_not_exist_is_refused_with_those_that_do(environment, changes):
    env = environment("old")
    (failed,) = [e for e in apply(Graph(cluster(**changes)), env.aws) if isinstance(e, Failed)]
    assert failed.problem.startswith("Cluster scale0-version: cannot be created. AWS offers PostgreSQL")
    with pytest.raises(env.client("rds").exceptions.DBClusterNotFoundFault):
        env.client("rds").describe_db_clusters(DBClusterIdentifier="scale0-version")


def test_a_cluster_whose_minor_version_aws_raised_is_as_wanted():
    found = {"EngineVersion": "17.99", "Status": "available"}
    assert cluster()._values(found)["major_version"] == 17


def test_a_last_snapshot_is_left_unless_it_is_not_wanted(environment):
    env = environment("snapshot")
    kept = Cluster(
        name="scale0-snapshot", major_version=17, min_capacity=0, max_capacity=1, pause_seconds=300, database="site"
    )
    env.apply(kept)
    env.teardown(kept)
    snapshots = env.client("rds").describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    names = [each["DBClusterSnapshotIdentifier"] for each in snapshots]
    (name,) = [each for each in names if each.startswith("scale0-snapshot-final-")]
    env.client("rds").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=name)


def test_the_site_may_do_what_it_needs_and_nothing_else(environment):
    env = environment("rights")
    role = env.the("Role", "-site")
    env.apply(role)
    policy = env.client("iam").get_role_policy(RoleName=role.name, PolicyName="site")["PolicyDocument"]
    allowed = {action: each["Resource"] for each in policy["Statement"] for action in each["Action"]}
    bucket = env.the("Bucket").arn()
    assert set(allowed) == {
        *("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"),
        *("ssm:GetParameters", "secretsmanager:GetSecretValue"),
    }
    assert allowed["s3:PutObject"] == [f"{bucket}/media/*"]
    assert allowed["s3:ListBucket"] == [bucket]
    assert "*" not in json.dumps([arn for action, arn in allowed.items() if not action.startswith("s3:")])


def test_a_new_scaling_revision_reaches_the_service_in_the_same_run(environment):
    env = environment("scale")
    service = env.the("Service")
    env.apply(service)
    wider = dataclasses.replace(service, scaling=dataclasses.replace(service.scaling, max_size=7))
    changed = [step.resource.kind for step in plan(Graph(wider), env.aws).steps if step.changes]
    assert changed == ["AutoScalingConfiguration", "Service"]
    env.apply(wider)
    assert plan(Graph(wider), env.aws).empty


def test_an_image_that_is_not_there_says_how_to_bring_it(environment):
    env = environment("image")
    missing = dataclasses.replace(env.the("Image"), tag="never-pushed")
    (failed,) = [e for e in apply(Graph(missing), env.aws) if isinstance(e, Failed)]
    assert "It is not in the repository" in failed.problem
    assert "push it under the tag never-pushed" in failed.problem


def test_what_cannot_be_read_is_a_problem_and_not_an_absence(environment, monkeypatch):
    env = environment("denied")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    with pytest.raises(Problem, match="could not be looked up"):
        plan(Graph(env.the("Parameter")), type(env.aws)(tags=env.config.tags))


def test_a_service_that_fails_says_why_and_the_next_run_makes_it_again(environment):
    env = environment("fails")
    service = env.the("Service")
    not_allowed = f"arn:aws:ssm:{env.aws.region}:{env.aws.account}:parameter/somebody-elses"
    wrong = dataclasses.replace(service, secrets={**service.secrets, "OTHER": not_allowed})
    (failed,) = [e for e in apply(Graph(wrong), env.aws) if isinstance(e, Failed)]
    assert "CREATE_SERVICE FAILED" in failed.problem
    assert f"does not allow ssm:GetParameters on {not_allowed}" in failed.problem

    assert plan(Graph(service), env.aws).steps[-1].action is Action.REPLACE
    env.apply(service)
    assert plan(Graph(service), env.aws).empty


def test_a_deployment_that_is_rolled_back_fails_with_its_reason(environment):
    env = environment("rolls-back")
    service = env.the("Service")
    env.apply(service)
    not_allowed = f"arn:aws:ssm:{env.aws.region}:{env.aws.account}:parameter/somebody-elses"
    wrong = dataclasses.replace(service, secrets={**service.secrets, "OTHER": not_allowed})
    (failed,) = [e for e in apply(Graph(wrong), env.aws) if isinstance(e, Failed)]
    assert "ROLLBACK_SUCCEEDED" in failed.problem
    assert "does not allow ssm:GetParameters" in failed.problem
    assert plan(Graph(service), env.aws).empty  # what was there goes on as it was


def test_a_scaling_configuration_can_be_changed_more_often_than_it_may_have_revisions(environment):
    env = environment("often")
    scaling = env.the("AutoScalingConfiguration")
    for size in range(1, 9):
        env.apply(dataclasses.replace(scaling, max_size=size))


def test_a_bucket_that_cannot_be_emptied_says_what_aws_said(environment):
    env = environment("locked")
    bucket, s3 = env.the("Bucket"), env.client("s3")
    env.apply(bucket)
    s3.put_object(Bucket=bucket.name, Key="media/a", Body="a")
    errors = [{"Key": "media/a", "Code": "AccessDenied", "Message": "no"}]
    with Stubber(s3) as stubber:
        stubber.add_response("list_multipart_uploads", {})
        stubber.add_response("list_object_versions", {"Versions": [{"Key": "media/a", "VersionId": "1"}]})
        stubber.add_response("delete_objects", {"Errors": errors})
        with pytest.raises(Problem, match=r"could not be emptied\. AWS says of media/a: "):
            bucket.delete(env.aws, bucket)


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
        assert cluster()._newest_version(env.aws) == "17.4"


def test_what_no_version_can_do_is_refused_in_the_plan_before_anything_is_made(environment):
    env = environment("impossible", postgres=99)
    with pytest.raises(Problem, match="AWS offers PostgreSQL 99 in eu-west-3 as no version at all"):
        plan(env.site, env.aws)


def test_a_service_that_is_built_from_code_can_be_read_though_it_has_no_image(environment):
    env = environment("code")
    service = env.the("Service")
    env.apply(service)
    found = env.client("apprunner").describe_service(ServiceArn=service.find(env.aws).arn)["Service"]
    found["SourceConfiguration"] = {"CodeRepository": {}}
    assert service._values(found)["image"] is None


@pytest.mark.parametrize("kind", sorted({type(each) for each in everything(Config(), NoAws())}, key=str))
def test_every_error_code_that_a_kind_knows_is_one_of_its_service(kind):
    """As botocore's models have them; S3 and EC2 list few of theirs."""
    model = botocore.session.get_session().get_service_model(kind.service)
    codes = {shape.error_code for shape in model.error_shapes} | {shape.name for shape in model.error_shapes}
    unlisted = {"OperationAborted", "BucketNotEmpty", "NoSuchBucket", "BucketAlreadyExists"}
    assert {*kind.advice, *(retry.code for retry in kind.retries)} <= codes | unlisted
