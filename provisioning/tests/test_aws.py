import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from provisioning.aws import Aws, absent
from provisioning.engine.problem import Problem

from .engine.world import refusal


@pytest.fixture
def alone(monkeypatch, tmp_path):
    """A machine that knows no AWS account."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return monkeypatch


@pytest.fixture
def keys(alone):
    alone.setenv("AWS_ACCESS_KEY_ID", "made-up")
    alone.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    return alone


def sign_in_problem(aws):
    with pytest.raises(Problem) as raised:
        _ = aws.account
    return str(raised.value)


def test_without_credentials_it_says_where_they_could_be_and_how_to_try_without(alone):
    text = sign_in_problem(Aws("eu-west-1"))
    assert text.startswith("AWS: no credentials. boto3 found none in the environment, in ~/.aws or on this machine.")
    assert "make demo" in text


def test_a_profile_that_is_not_there_is_named(alone):
    alone.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(Problem, match=r"The config profile \(nobody\) could not be found"):
        Aws("eu-west-1")


def test_an_endpoint_that_does_not_answer_is_named_with_the_way_to_start_it(keys):
    keys.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    text = sign_in_problem(Aws("eu-west-1"))
    assert text.startswith("AWS: http://127.0.0.1:9 does not answer.")
    assert "manage.py localcloud" in text


@pytest.mark.parametrize(
    ("code", "advice"),
    [("ExpiredToken", "Sign in again"), ("InvalidClientTokenId", "aws configure list"), ("AccessDenied", "Mend that")],
)
def test_credentials_that_aws_refuses_are_explained(keys, code, advice):
    aws = Aws("eu-west-1")
    with Stubber(aws.client("sts")) as stubber:
        stubber.add_client_error("get_caller_identity", code, "no")
        text = sign_in_problem(aws)
    assert text.startswith(f'AWS: could not sign in. AWS says: "{code}: no".')
    assert advice in text


def test_a_region_where_a_service_is_not_is_refused_with_those_where_it_is(keys):
    with pytest.raises(Problem) as raised:
        Aws("eu-north-1").check_region(["rds", "apprunner", "iam"])
    assert str(raised.value).startswith("Region eu-north-1: apprunner is not there. It is in ap-northeast-1,")
    Aws("eu-west-3").check_region(["rds", "apprunner", "iam"])


def test_no_region_at_all_is_refused(keys):
    keys.delenv("AWS_REGION", raising=False)
    keys.delenv("AWS_DEFAULT_REGION", raising=False)
    with pytest.raises(Problem, match="Choose one with --region"):
        Aws().check_region(["rds"])


@pytest.mark.parametrize(
    ("endpoint", "local"),
    [
        ("http://127.0.0.1:4566", True),
        ("http://localhost:4566", True),
        ("http://[::1]:4566", True),
        ("https://sts.example.org", False),
        ("http://10.0.0.1:4566", False),
    ],
)
def test_only_what_runs_on_this_machine_counts_as_local(keys, endpoint, local):
    keys.setenv("AWS_ENDPOINT_URL", endpoint)
    aws = Aws("eu-west-1")
    assert aws.is_local is local
    assert aws.scheme == ("http" if local else "https")


def test_aws_itself_is_not_local(keys):
    keys.delenv("AWS_ENDPOINT_URL", raising=False)
    assert not Aws("eu-west-1").is_local


def test_a_client_is_made_once(keys):
    aws = Aws("eu-west-1")
    assert aws.client("s3") is aws.client("s3")


def test_what_carries_all_our_tags_is_ours(keys):
    aws = Aws("eu-west-1", {"scale0:environment": "dev"})
    assert aws.owns(aws.tag_list())
    assert aws.owns([*aws.tag_list(), {"Key": "team", "Value": "red"}])
    assert not aws.owns([])
    assert not Aws("us-east-1", {"scale0:environment": "dev"}).owns(aws.tag_list())


def test_only_the_named_errors_mean_absent():
    with absent("NoSuchThing"):
        raise refusal("NoSuchThing")
    with pytest.raises(ClientError), absent("NoSuchThing"):
        raise refusal("AccessDenied")
