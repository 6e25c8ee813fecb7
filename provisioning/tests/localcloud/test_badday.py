"""Each bad day in AWS's own codes, words and protocols; its kind names the source."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.retries import standard

from provisioning.localcloud.answers import Answer, Refused
from provisioning.localcloud.badday import NAMES, Days, reads, roles, slow
from provisioning.localcloud.badday.day import Spell
from provisioning.localcloud.badday.days import KINDS
from provisioning.localcloud.badday.quotas import FULL
from provisioning.localcloud.calls import Call
from provisioning.localcloud.gate import Gate
from provisioning.localcloud.rules import rules
from provisioning.localcloud.times import Clock

from .conftest import ACCOUNT, REGION, Aws, make_role, trust
from .test_connectors import Places

CALLS = {  # one that only reads, by service
    "ec2": "describe_vpcs",
    "s3": "list_buckets",
    "iam": "list_roles",
    "rds": "describe_db_clusters",
    "lambda": "list_functions",
    "apprunner": "list_services",
    "ecr": "describe_repositories",
    "resourcegroupstaggingapi": "get_resources",
}


@pytest.fixture
def aws(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Aws]:
    for module, name in ((reads, "LAG"), (slow, "BUCKET_NAME")):
        monkeypatch.setattr(module, name, Spell(10, least=3))  # seconds, for a machine that is busy
    yield aws
    aws.cloud.have_bad_days()


def codes(aws: Aws, service: str, calls: int = 60, least: int = 400) -> set[tuple[str, int]]:
    """The codes and statuses of so many calls."""
    client, found = aws.client(service), set()
    for _ in range(calls):
        try:
            getattr(client, CALLS[service])()
        except ClientError as error:
            told = error.response
            found.add((told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]))
    return {each for each in found if each[1] >= least}


def test_each_day_says_who_says_so() -> None:
    """Ours."""
    assert all(len(kind.source) > 20 and kind.__module__ for kind in KINDS)
    assert len(set(NAMES)) == len(KINDS)


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("ec2", "RequestLimitExceeded", 503),
        ("s3", "SlowDown", 503),
        ("iam", "Throttling", 400),
        ("rds", "Throttling", 400),
        ("lambda", "TooManyRequestsException", 429),
        ("apprunner", "ThrottlingException", 400),
        ("resourcegroupstaggingapi", "ThrottledException", 400),
    ],
)
def test_too_many_calls_are_throttled_as_the_service_does(aws: Aws, service: str, code: str, status: int) -> None:
    """AWS's common errors, EC2's and S3's lists, botocore's model of Lambda and its retries."""
    aws.cloud.have_bad_days("throttling")
    assert codes(aws, service) == {(code, status)}
    assert 0 < rules().days.struck["throttling", "refused"] < 60
    assert code in standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("ec2", {"InternalError", "Unavailable"}),
        ("s3", {"InternalError", "ServiceUnavailable"}),
        ("rds", {"InternalFailure", "ServiceUnavailable"}),
        ("lambda", {"ServiceException", "ServiceUnavailable"}),
        ("apprunner", {"InternalServiceErrorException", "ServiceUnavailable"}),
        ("ecr", {"ServerException", "ServiceUnavailable"}),
    ],
)
def test_a_service_fails_by_itself_with_500_and_503(aws: Aws, service: str, expected: set[str]) -> None:
    """AWS's common errors, EC2's and S3's lists; else what botocore's model of the operation names."""
    aws.cloud.have_bad_days("failures")
    found = codes(aws, service)
    assert {code for code, _ in found} == expected
    assert {status for _, status in found} == {500, 503}


def test_the_same_seed_and_the_same_calls_are_the_same_day(aws: Aws) -> None:
    """Ours."""

    def story(seed: int) -> list[bool]:
        aws.cloud.have_bad_days("throttling", seed=seed)
        told = []
        for _ in range(40):
            try:
                aws.client("sts").get_caller_identity()
                told.append(True)
            except ClientError:
                told.append(False)
        return told

    assert story(1) == story(1) != story(2)


def test_a_call_whose_answer_is_lost_took_effect(aws: Aws) -> None:
    """EC2's guide (Ensuring idempotency) and AWS's Builders' Library."""
    aws.cloud.have_bad_days("lost-answers")
    with pytest.raises(ConnectionClosedError):
        aws.client("iam").create_role(RoleName="lost-answer", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
    assert aws.client("iam").get_role(RoleName="lost-answer")["Role"]["RoleName"] == "lost-answer"


def test_a_token_makes_a_repetition_harmless(aws: Aws) -> None:
    """EC2's guide (Ensuring idempotency); boto3 makes a token for CreateRouteTable by itself."""
    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    first, second = (ec2.create_route_table(VpcId=vpc, ClientToken="one")["RouteTable"] for _ in range(2))
    assert first["RouteTableId"] == second["RouteTableId"]
    with pytest.raises(ClientError, match="IdempotentParameterMismatch"):
        ec2.create_route_table(VpcId="vpc-00000000", ClientToken="one")
    ec2.delete_route_table(RouteTableId=first["RouteTableId"])
    ec2.delete_vpc(VpcId=vpc)


def test_a_repetition_that_comes_before_the_first_is_answered_waits_for_it(
    aws: Aws, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Believed: EC2's guide says what it is answered, and not when."""
    ask, both = Gate._ask_moto, threading.Barrier(2)

    def ask_together(gate: Gate, service: str, environ: dict[str, Any]) -> Answer:
        with suppress(threading.BrokenBarrierError):  # the other one waits elsewhere
            both.wait(0.5)
        return ask(gate, service, environ)

    ec2 = aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.78.0.0/16")["Vpc"]["VpcId"]
    with monkeypatch.context() as patch, ThreadPoolExecutor() as pool:
        patch.setattr(Gate, "_ask_moto", ask_together)
        calls = [pool.submit(ec2.create_route_table, VpcId=vpc, ClientToken="at once") for _ in range(2)]
        made = {call.result()["RouteTable"]["RouteTableId"] for call in calls}
    for each in made:
        ec2.delete_route_table(RouteTableId=each)
    ec2.delete_vpc(VpcId=vpc)
    assert len(made) == 1


FRESH = f"arn:aws:iam::{ACCOUNT}:role/fresh"


def days_of_a_fresh_role() -> Days:
    days = Days(["slow-roles"], speed=1.0)
    made = Call("iam", "iam", "CreateRole", {"RoleName": "fresh"}, "us-east-1", ACCOUNT, "query")
    days.after(made, Answer("200 "))
    return days


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code", "words"),
    [
        (
            "lambda",
            "CreateFunction",
            {"Role": "{}"},
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            "apprunner",
            "CreateService",
            {"InstanceConfiguration": {"InstanceRoleArn": "{}"}},
            "InvalidRequestException",
            "Error in assuming instance role {}",
        ),
        (
            "apprunner",
            "CreateService",
            {"SourceConfiguration": {"AuthenticationConfiguration": {"AccessRoleArn": "{}"}}},
            "InvalidRequestException",
            "Error in assuming access role {}",
        ),
        (
            "codebuild",
            "CreateProject",
            {"serviceRole": "{}"},
            "InvalidInputException",
            "CodeBuild is not authorized to perform: sts:AssumeRole on {}",
        ),
        (
            "sts",
            "AssumeRole",
            {"RoleArn": "{}"},
            "AccessDenied",
            "User: somebody is not authorized to perform: sts:AssumeRole on resource: {}",
        ),
    ],
)
def test_a_fresh_role_is_not_known_everywhere(
    service: str, operation: str, parameters: dict[str, Any], code: str, words: str
) -> None:
    """IAM's guide; the words: Lambda's guide, reports (as `SlowRoles.source` names them); STS's are believed."""
    days = days_of_a_fresh_role()
    role = FRESH
    call = Call(service, service, operation, filled(parameters, role), REGION, ACCOUNT)
    with pytest.raises(Exception, match=words.format(role)) as refused:
        days.refuse(call, "somebody")
    assert refused.value.code == code  # type: ignore[attr-defined]
    days.refuse(Call(service, service, operation, filled(parameters, role + "-old"), REGION, ACCOUNT), "somebody")


def test_a_role_that_lambda_can_take_on_has_its_rights_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words: Lambda's guide (a function in a VPC). That rights come after the role is believed."""
    days = days_of_a_fresh_role()
    (made,) = days._days
    assert isinstance(made, roles.SlowRoles)
    assumed, rights = made._made["fresh"]
    inside, outside = (
        Call("lambda", "lambda", "CreateFunction", {"Role": FRESH, **more}, REGION, ACCOUNT)
        for more in ({"VpcConfig": {"SubnetIds": ["subnet-1"]}}, {})
    )
    monkeypatch.setattr(roles, "time", At(assumed))
    days.refuse(outside, "somebody")
    text = "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
    with pytest.raises(Refused, match=text) as refused:
        days.refuse(inside, "somebody")
    assert refused.value.code == "InvalidParameterValueException"
    monkeypatch.setattr(roles, "time", At(rights))
    days.refuse(inside, "somebody")


class At:
    """A clock that stands still."""

    def __init__(self, now: float) -> None:
        self._now = now

    def monotonic(self) -> float:
        return self._now


def filled(value: Any, role: str) -> Any:
    return {k: filled(v, role) for k, v in value.items()} if isinstance(value, dict) else value.format(role)


def test_reads_of_ec2_run_behind_and_ids_that_were_just_given_are_not_found(aws: Aws) -> None:
    """EC2's developer guide, Eventual consistency."""
    ec2 = aws.client("ec2")
    named = [{"Name": "tag:Name", "Values": ["behind"]}]
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "behind"}]}]
    aws.cloud.have_bad_days("lagging-reads", seed=2)
    assert ec2.describe_vpcs(Filters=named)["Vpcs"] == []
    vpc = ec2.create_vpc(CidrBlock="10.78.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    seen, not_found = set(), set()
    for _ in range(8):
        seen.add(len(ec2.describe_vpcs(Filters=named)["Vpcs"]))
        try:
            ec2.describe_vpcs(VpcIds=[vpc])
        except ClientError as error:
            not_found.add(error.response["Error"]["Code"])
    assert (seen, not_found) == ({0, 1}, {"InvalidVpcID.NotFound"})
    aws.cloud.have_bad_days()
    ec2.delete_vpc(VpcId=vpc)


@pytest.mark.parametrize(
    ("reads_", "writes"),
    [
        (("iam", "GetRolePolicy"), ("iam", "PutRolePolicy")),
        (("tagging", "GetResources"), ("ec2", "CreateTags")),
        (("tagging", "GetResources"), ("s3", "DeleteBucket")),
    ],
)
def test_so_do_those_of_iam_and_of_what_is_tagged(
    monkeypatch: pytest.MonkeyPatch, reads_: tuple[str, str], writes: tuple[str, str]
) -> None:
    """IAM's guide (Changes that I make are not always immediately visible); of tagged things it is believed."""
    read, write = (Call(service, service, name, {}, REGION, ACCOUNT) for service, name in (reads_, writes))
    days = Days(["lagging-reads"], speed=1.0)
    days.after(read, was := Answer("200 ", [], b"what was"))
    assert days.instead(read) is None
    days.after(write, Answer("200 "))
    assert {answer and answer.body for answer in (days.instead(read) for _ in range(20))} == {None, was.body}
    monkeypatch.setattr(reads, "time", At(time.monotonic() + 11))
    assert {days.instead(read) for _ in range(20)} == {None}


def test_s3_is_never_behind(aws: Aws) -> None:
    """S3's guide: strong read-after-write consistency, also of lists."""
    s3, where = aws.client("s3"), {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="never-behind", CreateBucketConfiguration=where)
    aws.cloud.have_bad_days("lagging-reads")
    for number in range(10):
        s3.put_object(Bucket="never-behind", Key="x", Body=str(number).encode())
        assert s3.get_object(Bucket="never-behind", Key="x")["Body"].read() == str(number).encode()
        assert len(s3.list_objects_v2(Bucket="never-behind")["Contents"]) == 1
    s3.delete_object(Bucket="never-behind", Key="x")
    s3.delete_bucket(Bucket="never-behind")


def test_a_bucket_that_is_gone_holds_its_name(aws: Aws) -> None:
    """S3's error list (OperationAborted, 409); aws/aws-cli#2593."""
    s3, where = aws.client("s3"), {"LocationConstraint": REGION}
    s3.create_bucket(Bucket="holds-its-name", CreateBucketConfiguration=where)
    aws.cloud.have_bad_days("waiting-names")
    s3.delete_bucket(Bucket="holds-its-name")
    with pytest.raises(ClientError, match="A conflicting conditional operation is currently in progress") as error:
        s3.create_bucket(Bucket="holds-its-name", CreateBucketConfiguration=where)
    assert error.value.response["Error"]["Code"] == "OperationAborted"


def test_a_connector_that_is_gone_holds_its_name(aws: Aws) -> None:
    """botocore's model: a deleted one stays for a while; that its name does, and the words, are believed."""
    aws.cloud.have_bad_days("waiting-names")
    places = Places(aws, "10.79")
    gone = places.connect("holds-its-name")
    places.api.delete_vpc_connector(VpcConnectorArn=gone["VpcConnectorArn"])
    with pytest.raises(places.api.exceptions.InvalidRequestException, match="name already exists: holds-its-name"):
        places.connect("holds-its-name")


def test_a_secret_that_waits_for_its_deletion_holds_its_name_on_every_day(aws: Aws) -> None:
    """Secrets Manager's guide: for 7 to 30 days."""
    secrets = aws.client("secretsmanager")
    secrets.create_secret(Name="waits", SecretString="x")
    secrets.delete_secret(SecretId="waits", RecoveryWindowInDays=7)
    with pytest.raises(secrets.exceptions.InvalidRequestException, match="already scheduled for deletion"):
        secrets.create_secret(Name="waits", SecretString="y")
    secrets.delete_secret(SecretId="waits", ForceDeleteWithoutRecovery=True)


def test_quotas_are_refused_with_each_services_own_code(aws: Aws) -> None:
    """botocore's models, EC2's and S3's error lists; of the texts some are believed."""
    aws.cloud.have_bad_days("quotas")
    with pytest.raises(ClientError, match=r"VpcLimitExceeded.*The maximum number of VPCs has been reached\."):
        aws.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")
    with pytest.raises(aws.client("iam").exceptions.LimitExceededException, match="Cannot exceed quota"):
        make_role(aws, "one-more", "lambda.amazonaws.com")
    with pytest.raises(aws.client("ecr").exceptions.LimitExceededException):
        aws.client("ecr").create_repository(repositoryName="one-more")
    rds = aws.client("rds")
    with pytest.raises(rds.exceptions.DBClusterQuotaExceededFault):
        rds.create_db_cluster(DBClusterIdentifier="one-more", Engine="aurora-postgresql")
    s3 = aws.client("s3")
    with pytest.raises(ClientError, match="TooManyBuckets"):
        s3.create_bucket(Bucket="one-more", CreateBucketConfiguration={"LocationConstraint": REGION})


def test_each_quota_is_one_that_the_model_of_its_operation_knows(aws: Aws) -> None:
    """botocore's models."""
    for (service, operation), (code, _, _) in FULL.items():
        model = aws.client(service).meta.service_model.operation_model(operation)
        known = {str(each.metadata.get("error", {}).get("code") or each.name) for each in model.error_shapes}
        assert service in ("ec2", "s3") or code in known, (service, operation, code, known)


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("ec2", "RequestExpired", 400),
        ("s3", "ExpiredToken", 400),
        ("iam", "ExpiredToken", 403),
        ("lambda", "ExpiredTokenException", 403),
        ("apprunner", "ExpiredTokenException", 400),
    ],
)
def test_credentials_end_after_so_many_calls_in_each_services_words(
    aws: Aws, service: str, code: str, status: int
) -> None:
    """AWS's common errors, EC2's and S3's lists; reports: terraform#5579, terraform-provider-aws#32809."""
    aws.cloud.have_bad_days("expired-credentials")
    assert codes(aws, service, calls=125) == {(code, status)}


def test_some_things_take_longer_and_some_never_end() -> None:
    """Reports, Lambda's guide, botocore's model (as each kind's source says); App Runner's interfaces are believed."""
    days = Days(["connector-in-use", "lingering-interfaces", "stuck-service", "waiting-names"])
    slow, usual = Clock(1.0, lambda: days), Clock(1.0)
    for what in (
        *("apprunner release connector", "apprunner forget"),
        *("lambda release interfaces", "apprunner release interfaces"),
    ):
        assert slow.local_seconds(what) > 5 * usual.local_seconds(what)
    assert slow.local_seconds("rds create cluster") == usual.local_seconds("rds create cluster")
    assert slow.holds("apprunner create")
    assert days.struck == {
        ("connector-in-use", "slower"): 1,
        ("lingering-interfaces", "slower"): 2,
        ("stuck-service", "held"): 1,
        ("waiting-names", "slower"): 1,
    }
    assert not slow.holds("rds create cluster")


def test_boto3s_own_retries_outlast_single_refusals(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore's retries."""
    monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0.001)
    aws.cloud.have_bad_days("throttling", "failures")
    keys = aws.cloud.environment
    sts = boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=aws.cloud.endpoint,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        config=Config(retries={"mode": "standard", "total_max_attempts": 12}),
    )
    assert {sts.get_caller_identity()["Account"] for _ in range(20)} == {ACCOUNT}


def test_a_name_that_is_none_is_refused_with_those_that_are() -> None:
    """Ours."""
    with pytest.raises(ValueError, match=r"--bad-day is rain\.\nIt is one or more of throttling, failures,"):
        Days(["rain"])
