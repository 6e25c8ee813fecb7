"""What is particular about single kinds."""

import dataclasses
from collections import defaultdict

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
from provisioning.resources.apprunner.closed import CLOSED
from provisioning.resources.apprunner.settings import values_of
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


def test_a_bucket_has_the_region_that_was_asked_for(standing):
    env = standing
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


def test_the_site_may_do_what_it_needs_and_nothing_else(standing):
    env = standing
    role = env.the("Role", "-site")
    env.apply(role)
    policy = env.client("iam").get_role_policy(RoleName=role.name, PolicyName="site")["PolicyDocument"]
    allowed = defaultdict(set)
    for each in policy["Statement"]:
        for action in each["Action"]:
            allowed[action].update(each["Resource"])
    bucket = env.the("Bucket").arn()
    assert set(allowed) == {
        *("s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"),
        *("ssm:GetParameters", "rds-db:connect"),
    }
    resource_id = env.the("Cluster").find(env.aws).values["resource_id"]
    assert allowed["rds-db:connect"] == {f"arn:aws:rds-db:eu-west-3:{env.aws.account}:dbuser:{resource_id}/site"}
    # The files of a release are not the site's to write.
    assert allowed["s3:PutObject"] == allowed["s3:DeleteObject"] == {f"{bucket}/media/*", f"{bucket}/saved/*"}
    assert allowed["s3:GetObject"] == {f"{bucket}/{folder}/*" for folder in ("media", "saved", "static")}
    assert allowed["s3:ListBucket"] == {bucket}
    assert "*" not in "".join(arn for action, arns in allowed.items() if not action.startswith("s3:") for arn in arns)


def test_a_new_scaling_revision_reaches_the_service_in_the_same_run(standing):
    env = standing
    service = env.the("Service")
    env.apply(service)
    wider = dataclasses.replace(service, scaling=dataclasses.replace(service.scaling, max_size=7))
    changed = [step.resource.kind for step in plan(Graph(wider), env.aws).steps if step.changes]
    assert changed == ["AutoScalingConfiguration", "Service"]
    env.apply(wider)
    assert plan(Graph(wider), env.aws).empty


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


def test_a_deployment_that_is_rolled_back_fails_with_its_reason(standing):
    env = standing
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


def test_a_bucket_that_cannot_be_emptied_says_what_aws_said(standing):
    env = standing
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


def test_a_service_that_is_built_from_code_can_be_read_though_it_has_no_image(standing):
    env = standing
    service = env.the("Service")
    env.apply(service)
    found = env.client("apprunner").describe_service(ServiceArn=service.find(env.aws).arn)["Service"]
    found["SourceConfiguration"] = {"CodeRepository": {}}
    assert values_of(found)["image"] is None


ALSO = {"Image": ["codebuild"], "Operation": ["rds-data"]}  # kinds that call more than one service
EC2 = {  # its API reference, "Error codes"
    *("DependencyViolation", "VpcLimitExceeded", "InvalidVpcID.NotFound", "InvalidSubnetID.NotFound"),
    *(
        "InvalidGroup.NotFound",
        "InvalidGroup.Duplicate",
        "InvalidRouteTableID.NotFound",
        "InvalidVpcEndpointId.NotFound",
    ),
}


@pytest.mark.parametrize("kind", sorted({type(each) for each in everything(Config(), NoAws())}, key=str))
def test_every_error_code_that_a_kind_knows_is_one_of_its_service(kind):
    """As botocore's models have them; S3 and EC2 list few of theirs."""
    session = botocore.session.get_session()
    codes = {
        code
        for service in (kind.service, *ALSO.get(kind.__name__, ()))
        for shape in session.get_service_model(service).error_shapes
        for code in (shape.error_code, shape.name)
    }
    unlisted = {"OperationAborted", "BucketNotEmpty", "NoSuchBucket", "BucketAlreadyExists", *CLOSED, *EC2}
    assert {*kind.advice, *(retry.code for retry in kind.retries)} <= codes | unlisted
