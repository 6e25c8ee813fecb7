"""Who may call, where, and what is said about what is not there."""

import urllib.error
import urllib.request

import boto3
import pytest
from botocore.exceptions import ClientError

from provisioning.localcloud.credentials import Credentials

from .conftest import ACCOUNT, Aws, make_role

# Such a code stands in no service's model, which moto remarks.
pytestmark = pytest.mark.filterwarnings("ignore:Exception.AwsError")

STRANGER = Credentials("AKIAXXXXXXXXSTRANGER", "secret")


def test_the_made_up_key_belongs_to_a_user_of_the_account(aws: Aws) -> None:
    """Ours."""
    identity = aws.client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/developer")


@pytest.mark.parametrize(
    ("service", "operation", "expected"),
    [
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("rds", "describe_db_clusters", "InvalidClientTokenId"),
        ("apprunner", "list_services", "UnrecognizedClientException"),
        ("ecr", "describe_repositories", "UnrecognizedClientException"),
        ("s3", "list_buckets", "InvalidAccessKeyId"),
    ],
)
def test_an_unknown_key_is_refused_in_the_services_own_words(
    aws: Aws, service: str, operation: str, expected: str
) -> None:
    """AWS documents (common errors): "The security token included in the request is invalid."."""
    with pytest.raises(ClientError) as error:
        getattr(aws.client(service, credentials=STRANGER), operation)()
    assert error.value.response["Error"]["Code"] == expected


def test_credentials_that_were_issued_here_are_taken(aws: Aws) -> None:
    """botocore's model: AssumeRole's Credentials; AWS documents the ARN of a role's session."""
    role = make_role(aws, "assumed", "tasks.apprunner.amazonaws.com")
    issued = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    session = boto3.Session(issued["AccessKeyId"], issued["SecretAccessKey"], issued["SessionToken"])
    sts = session.client("sts", region_name="eu-west-3", endpoint_url=aws.cloud.endpoint)
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/assumed/test"


def test_a_service_is_refused_where_it_does_not_exist(aws: Aws) -> None:
    """botocore's endpoints: App Runner is in eleven regions. On AWS the name would not resolve elsewhere."""
    with pytest.raises(ClientError, match="apprunner does not exist in eu-north-1") as error:
        aws.client("apprunner", "eu-north-1").list_services()
    assert error.value.response["Error"]["Code"] == "UnknownEndpoint"
    with pytest.raises(ClientError, match="does not exist in eu-nowhere-1"):
        aws.client("rds", "eu-nowhere-1").describe_db_clusters()


@pytest.mark.parametrize(
    ("service", "operation"), [("apprunner", "list_connections"), ("pricing", "describe_services")]
)
def test_what_is_not_emulated_says_so(aws: Aws, service: str, operation: str) -> None:
    """Ours."""
    region = "us-east-1" if service == "pricing" else "eu-west-3"
    with pytest.raises(ClientError, match="The local AWS does not emulate this") as error:
        getattr(aws.client(service, region), operation)()
    assert error.value.response["Error"]["Code"] == "NotImplemented"


def test_nobody_resets_it_from_outside(aws: Aws) -> None:
    """Ours: moto has an address for that, which asks for no credentials."""
    request = urllib.request.Request(f"{aws.cloud.endpoint}/moto-api/reset", method="POST")
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(request)


def test_it_listens_on_the_loopback_only(aws: Aws) -> None:
    """Ours."""
    assert aws.cloud.endpoint.startswith("http://127.0.0.1:")
