"""Held to botocore's models: what AWS refuses before it looks, and what no answer of AWS's could hold."""

import json
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from provisioning.localcloud.answers import Answer
from provisioning.localcloud.calls import Call
from provisioning.localcloud.gate import Witness
from provisioning.tests.models.allowed import DIFFERENCES
from provisioning.tests.models.witness import deviations, watched

from .conftest import ACCOUNT, REGION, Aws


def unchecked(aws: Aws, service: str) -> Any:
    """A client that sends whatever it is given."""
    keys = aws.cloud.environment
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=aws.cloud.endpoint,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "words"),
    [
        (
            "iam",
            "create_role",
            {"RoleName": "x" * 65, "AssumeRolePolicyDocument": "{}"},
            "ValidationError",
            "at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64",
        ),
        (
            "logs",
            "create_log_group",
            {"logGroupName": "no blanks"},
            "InvalidParameterException",
            "1 validation error detected: Value 'no blanks' at 'logGroupName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern:",
        ),
        (
            "ssm",
            "put_parameter",
            {"Name": "/x", "Value": "y", "Type": "Secret"},
            "ValidationException",
            "Member must satisfy enum value set: [String, StringList, SecureString]",
        ),
        (
            "codebuild",
            "start_build",
            {"projectName": ""},
            "ValidationException",
            "Member must have length greater than or equal to 1",
        ),
        ("lambda", "list_functions", {"MaxItems": 100_000}, "ValidationException", "less than or equal to 10000"),
        ("ec2", "create_subnet", {"CidrBlock": "10.0.0.0/24"}, "MissingParameter", "contain the parameter VpcId"),
        ("ecr", "create_repository", {}, "InvalidParameterException", "'repositoryName'"),
    ],
)
def test_a_request_that_the_model_refuses_is_refused(
    aws: Aws, service: str, operation: str, parameters: dict[str, Any], code: str, words: str
) -> None:
    """The common wording of AWS's services; the codes of Logs and ECR are in their models, EC2's in its error list."""
    with pytest.raises(ClientError) as refused:
        getattr(unchecked(aws, service), operation)(**parameters)
    told = refused.value.response["Error"]
    assert (told["Code"], words in told["Message"]) == (code, True), told


def told_of(service: str, operation: str, protocol: str, body: Any, status: str = "200 ") -> list[str]:
    sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return deviations(Call(service, service, operation, {}, REGION, ACCOUNT, protocol), Answer(status, [], sent))


class OneAnswer:
    def look_on(self, witness: Witness) -> None:
        self._witness = witness

    def give(self, body: str) -> None:
        call = Call("lambda", "lambda", "GetFunction", {}, REGION, ACCOUNT, "rest-json")
        self._witness(call, Answer("200 ", [], body.encode()))


ROLE = "<Path>/</Path><RoleName>x</RoleName><RoleId>AROA1234567890123456</RoleId><Arn>arn:aws:iam::1:role/x0000</Arn>"
MADE = "<CreateDate>2026-11-21T00:00:00Z</CreateDate>"


def role(inside: str) -> str:
    return f'<GetRoleResponse xmlns="x"><GetRoleResult><Role>{inside}</Role></GetRoleResult></GetRoleResponse>'


@pytest.mark.parametrize(
    ("service", "operation", "protocol", "body", "words"),
    [
        ("lambda", "GetFunctionConfiguration", "rest-json", {"Colour": "red"}, "Colour is not in the model"),
        ("lambda", "GetFunctionConfiguration", "rest-json", {"State": "Fine"}, "satisfy enum value set"),
        ("lambda", "GetFunctionConfiguration", "rest-json", {"MemorySize": "1"}, "must be of type integer"),
        ("lambda", "GetFunctionConfiguration", "rest-json", {"MemorySize": 1}, "greater than or equal to 128"),
        ("apprunner", "DescribeService", "json", {}, "'service' failed to satisfy constraint: Member must not be"),
        ("iam", "GetRole", "query", role(ROLE), "'role.createDate' failed to satisfy constraint: Member must not"),
        ("iam", "GetRole", "query", role(f"{ROLE}{MADE}<Colour/>"), ".Role.Colour is not in the model"),
        (
            "ec2",
            "DescribeVpcs",
            "ec2",
            "<DescribeVpcsResponse><vpcSet><item><state>fine</state></item></vpcSet></DescribeVpcsResponse>",
            "satisfy enum value set: [pending, available",
        ),
        (
            "s3",
            "ListObjectsV2",
            "rest-xml",
            "<ListBucketResult><KeyCount>many</KeyCount></ListBucketResult>",
            "must be of type integer",
        ),
        ("lambda", "GetFunction", "rest-json", "<html>", "cannot be read"),
    ],
)
def test_an_answer_that_aws_could_not_give_is_found(
    service: str, operation: str, protocol: str, body: Any, words: str
) -> None:
    assert words in " ".join(told_of(service, operation, protocol, body))


def test_an_answer_as_in_the_model_is_none() -> None:
    assert told_of("iam", "GetRole", "query", role(ROLE + MADE)) == []
    assert told_of("lambda", "GetFunctionConfiguration", "rest-json", {"State": "Active", "MemorySize": 128}) == []


def test_an_error_has_a_code_of_its_operation_or_one_that_is_common_to_all() -> None:
    assert told_of("apprunner", "ListServices", "json", {"__type": "Throttling"}, "400 ") == []
    (told,) = told_of("apprunner", "ListServices", "json", {"__type": "ResourceNotFoundException"}, "400 ")
    assert "'ResourceNotFoundException' is neither the operation's nor common to all" in told


def test_a_program_ends_with_what_was_found() -> None:
    with pytest.raises(SystemExit, match="lambda GetFunction: cannot be read"), watched(cloud := OneAnswer()):  # type: ignore[arg-type]
        cloud.give("<html>")


def test_every_difference_has_its_reason() -> None:
    assert all(len(each.why) > 30 for each in DIFFERENCES)
