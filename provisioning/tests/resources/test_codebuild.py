"""A project is found as it was asked for, and what somebody changed is put right."""

import json

import botocore.session
import pytest
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from provisioning.aws import Aws
from provisioning.engine.loop import _passes
from provisioning.engine.plan import Action, decide
from provisioning.engine.resource import Live, Lives
from provisioning.resources.codebuild import Project
from provisioning.resources.iam import Role
from provisioning.resources.s3 import Bucket

ROLE = Role(name="scale0-x-build", path="/scale0/x/", trusts="codebuild.amazonaws.com", allows=())
PROJECT = Project(name="scale0-x-image", role=ROLE, bucket=Bucket(name="b"), log_group="/aws/codebuild/scale0-x-image")


class CodeBuild(Aws):
    """One that keeps what it is given, as the API's model names it."""

    def __init__(self):
        self.projects, self.region = {}, "eu-west-3"
        self.tags = {"scale0:environment": "x"}

    def client(self, service):
        assert service == "codebuild"
        return self

    def create_project(self, **given):
        self.projects[given["name"]] = {**given, "arn": f"arn:aws:codebuild:eu-west-3:1:project/{given['name']}"}

    def update_project(self, **given):
        self.projects[given["name"]].update(given)

    def batch_get_projects(self, names):
        return {"projects": [self.projects[name] for name in names if name in self.projects], "projectsNotFound": []}

    def delete_project(self, name):
        self.projects.pop(name, None)


@pytest.fixture
def aws():
    return CodeBuild()


@pytest.fixture
def lives():
    lives = Lives()
    lives[ROLE] = Live(id="scale0-x-build", arn="arn:aws:iam::1:role/scale0/x/scale0-x-build")
    return lives


@pytest.fixture
def live(aws, lives):
    assert PROJECT.find(aws) is None
    PROJECT.create(aws, decide(PROJECT, None, lives).values)
    return PROJECT.find(aws)


def test_a_project_is_as_wanted_and_goes(aws, lives, live):
    assert live.ours
    assert decide(PROJECT, live, lives).action is Action.KEEP
    PROJECT.delete(aws, live)
    PROJECT.delete(aws, live)
    assert PROJECT.find(aws) is None


def test_it_may_run_docker_for_half_an_hour_on_the_smallest_machine(aws, live):
    made = aws.projects[PROJECT.name]
    assert made["environment"]["privilegedMode"] is True
    assert made["environment"]["computeType"] == "BUILD_GENERAL1_SMALL"
    assert made["timeoutInMinutes"] == 30
    assert made["source"]["location"] == "b/builds/"
    assert json.loads(made["source"]["buildspec"])["version"] == 0.2


@pytest.mark.parametrize(
    ("part", "change", "value"),
    [
        ("environment", {"privilegedMode": False}, "privileged"),
        ("source", {"buildspec": "version: 0.2\nphases: {}"}, "buildspec"),
        ("logsConfig", {"cloudWatchLogs": {"status": "DISABLED"}}, "log_group"),
    ],
)
def test_a_change_by_hand_is_put_right(aws, lives, live, part, change, value):
    aws.projects[PROJECT.name][part] = {**aws.projects[PROJECT.name][part], **change}
    changed = PROJECT.find(aws)
    step = decide(PROJECT, changed, lives)
    assert set(step.changes) == {value}
    PROJECT.update(aws, changed, step.values)
    assert decide(PROJECT, PROJECT.find(aws), lives).action is Action.KEEP


def test_somebody_else_s_project_is_not_ours(aws, lives, live):
    aws.projects[PROJECT.name]["tags"] = [{"key": "team", "value": "another"}]
    assert decide(PROJECT, PROJECT.find(aws), lives).action is Action.BLOCKED


def test_a_role_that_aws_has_not_spread_yet_passes():
    """hashicorp/terraform-provider-aws#4233 has the words."""
    said = "CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::1:role/x"
    refusal = ClientError({"Error": {"Code": "InvalidInputException", "Message": said}}, "CreateProject")
    assert _passes(PROJECT, refusal, 10)
    assert not _passes(PROJECT, refusal, 100)


def test_every_argument_is_one_that_boto3_knows(lives):
    """Against botocore's model, without asking AWS."""
    model = botocore.session.get_session().get_service_model("codebuild")
    values = decide(PROJECT, None, lives).values
    for name in ("CreateProject", "UpdateProject"):
        shape = model.operation_model(name).input_shape
        report = ParamValidator().validate(PROJECT._settings(values), shape)
        assert report.generate_report() == ""
