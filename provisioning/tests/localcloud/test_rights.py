"""Rights, where the local AWS enforces them, and an account that App Runner is closed to."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from provisioning.localcloud.calls import Call

from .conftest import ACCOUNT, REGION, Aws, make_role, trust


@pytest.fixture(autouse=True)
def enforced(aws: Aws) -> Iterator[None]:
    aws.cloud.enforce_iam = True
    yield
    aws.cloud.enforce_iam = False
    aws.cloud.bad_days = ()


def policy(*allowed: tuple[str, str], **denied: str) -> dict[str, Any]:
    statements = [{"Effect": "Allow", "Action": action, "Resource": to} for action, to in allowed]
    statements += [
        {"Effect": "Deny", "Action": action.replace("_", ":"), "Resource": to} for action, to in denied.items()
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def refusal(call: Any, **wanted: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**wanted)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


def test_a_person_may_do_what_the_policy_says_and_nothing_else(aws: Aws) -> None:
    """AWS documents: what no policy allows is denied; the text is IAM's own."""
    person = aws.cloud.person(policy(("secretsmanager:CreateSecret", "*")))
    secrets = aws.client("secretsmanager", credentials=person)
    secrets.create_secret(Name="persons", SecretString="x")
    code, text = refusal(secrets.get_secret_value, SecretId="persons")
    assert code == "AccessDeniedException"
    assert text.startswith(f"User: arn:aws:iam::{ACCOUNT}:user/person-")
    assert "is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:" in text
    assert text.endswith("because no identity-based policy allows the secretsmanager:GetSecretValue action")


def test_the_data_api_takes_rights_on_the_cluster_and_on_its_secret(aws: Aws) -> None:
    """Aurora's guide, "Authorizing access to the Data API"."""
    cluster = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:none"
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:none"
    wanted = {"resourceArn": cluster, "secretArn": secret, "sql": "SELECT 1"}
    nobody = aws.client("rds-data", credentials=aws.cloud.person(policy(("rds:*", "*"))))
    code, text = refusal(nobody.execute_statement, **wanted)
    assert (code, "rds-data:ExecuteStatement" in text) == ("AccessDeniedException", True)
    half = aws.client("rds-data", credentials=aws.cloud.person(policy(("rds-data:*", cluster))))
    code, text = refusal(half.execute_statement, **wanted)
    assert (code, "secretsmanager:GetSecretValue" in text) == ("AccessDeniedException", True)


def test_the_accounts_own_user_may_do_everything(aws: Aws) -> None:
    """Ours: the made-up user has what AdministratorAccess gives."""
    aws.client("s3").list_buckets()
    aws.client("ec2").describe_vpcs()
    aws.client("sts").get_caller_identity()


def test_nobody_needs_a_right_to_know_who_they_are(aws: Aws) -> None:
    """AWS documents: "No permissions are required to perform this operation"."""
    person = aws.client("sts", credentials=aws.cloud.person(policy(sts_GetCallerIdentity="*")))
    assert ":user/person-" in person.get_caller_identity()["Arn"]


def test_a_denial_is_stronger(aws: Aws) -> None:
    """AWS documents: an explicit deny overrides any allow."""
    person = aws.client("s3", credentials=aws.cloud.person(policy(("s3:*", "*"), s3_ListAllMyBuckets="*")))
    code, text = refusal(person.list_buckets)
    assert code == "AccessDenied"
    assert text.endswith("with an explicit deny in an identity-based policy")


def test_a_right_on_one_object_is_none_on_another(aws: Aws) -> None:
    """Service Authorization Reference: the ARN of an object is arn:aws:s3:::BUCKET/KEY."""
    mine = aws.client("s3")
    mine.create_bucket(Bucket="rights", CreateBucketConfiguration={"LocationConstraint": REGION})
    person = aws.client("s3", credentials=aws.cloud.person(policy(("s3:PutObject", "arn:aws:s3:::rights/media/*"))))
    person.put_object(Bucket="rights", Key="media/one", Body=b"x" * 100_000)
    assert mine.head_object(Bucket="rights", Key="media/one")["ContentLength"] == 100_000
    assert refusal(person.put_object, Bucket="rights", Key="other/one", Body=b"x")[0] == "AccessDenied"
    assert refusal(person.get_object, Bucket="rights", Key="media/one")[0] == "AccessDenied"


def test_a_right_on_one_vpc_is_none_on_another(aws: Aws) -> None:
    """Service Authorization Reference: arn:aws:ec2:REGION:ACCOUNT:vpc/ID; Describe operations know no resources."""
    vpcs = [aws.client("ec2").create_vpc(CidrBlock="10.50.0.0/16")["Vpc"]["VpcId"] for _ in range(2)]
    mine = f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/{vpcs[0]}"
    allowed = policy(("ec2:DescribeVpcs", "*"), ("ec2:DeleteVpc", mine))
    person = aws.client("ec2", credentials=aws.cloud.person(allowed))
    person.describe_vpcs(VpcIds=vpcs)
    assert refusal(person.delete_vpc, VpcId=vpcs[1])[0] == "UnauthorizedOperation"
    person.delete_vpc(VpcId=vpcs[0])


def test_who_may_not_list_is_not_told_that_an_object_is_missing(aws: Aws) -> None:
    """S3's guide, GetObject: 404 with s3:ListBucket, 403 without."""
    aws.client("s3").create_bucket(Bucket="secretive", CreateBucketConfiguration={"LocationConstraint": REGION})
    objects = ("s3:GetObject", "arn:aws:s3:::secretive/*")
    person = aws.client("s3", credentials=aws.cloud.person(policy(objects)))
    assert refusal(person.get_object, Bucket="secretive", Key="none")[0] == "AccessDenied"
    assert refusal(person.head_object, Bucket="secretive", Key="none")[0] == "403"
    lister = aws.client(
        "s3", credentials=aws.cloud.person(policy(objects, ("s3:ListBucket", "arn:aws:s3:::secretive")))
    )
    assert refusal(lister.head_object, Bucket="secretive", Key="none")[0] == "404"


@pytest.mark.parametrize(
    ("service", "operation", "wanted", "code", "action"),
    [
        ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, "UnauthorizedOperation", "ec2:CreateVpc"),
        ("rds", "describe_db_clusters", {}, "AccessDenied", "rds:DescribeDBClusters"),
        ("iam", "list_roles", {}, "AccessDenied", "iam:ListRoles"),
        ("apprunner", "list_services", {}, "AccessDeniedException", "apprunner:ListServices"),
        ("lambda", "list_functions", {}, "AccessDeniedException", "lambda:ListFunctions"),
        ("lambda", "invoke", {"FunctionName": "x"}, "AccessDeniedException", "lambda:InvokeFunction"),
        ("logs", "describe_log_groups", {}, "AccessDeniedException", "logs:DescribeLogGroups"),
        ("cloudwatch", "list_metrics", {}, "AccessDenied", "cloudwatch:ListMetrics"),
        ("resourcegroupstaggingapi", "get_resources", {}, "AccessDeniedException", "tag:GetResources"),
        ("ecr", "describe_repositories", {}, "AccessDeniedException", "ecr:DescribeRepositories"),
        ("codebuild", "list_projects", {}, "AccessDeniedException", "codebuild:ListProjects"),
        ("ssm", "get_parameter", {"Name": "/a/b"}, "AccessDeniedException", "ssm:GetParameter"),
    ],
)
def test_every_service_refuses_in_its_own_protocol(
    aws: Aws, service: str, operation: str, wanted: dict[str, Any], code: str, action: str
) -> None:
    """EC2's guide: UnauthorizedOperation; the other services' codes are seen in reports."""
    person = aws.client(service, credentials=aws.cloud.person(policy(("none:None", "*"))))
    found, text = refusal(getattr(person, operation), **wanted)
    assert found in (code, "AccessDeniedException")
    assert f"perform: {action} on resource" in text


def test_a_managed_policy_counts_by_its_default_version(aws: Aws) -> None:
    """IAM's guide, "Versioning IAM policies"."""
    iam = aws.client("iam")
    credentials = aws.cloud.person(policy(("none:None", "*")))
    name = aws.client("sts", credentials=credentials).get_caller_identity()["Arn"].rpartition("/")[2]
    document = json.dumps(policy(("s3:ListAllMyBuckets", "*")))
    arn = iam.create_policy(PolicyName="localcloud-versions", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    person = aws.client("s3", credentials=credentials)
    person.list_buckets()
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(policy(("sqs:*", "*"))), SetAsDefault=True)
    assert refusal(person.list_buckets)[0] == "AccessDenied"


def test_giving_a_role_away_takes_a_right_of_its_own(aws: Aws) -> None:
    """IAM's guide: iam:PassRole."""
    role = make_role(aws, "localcloud-passed", "codebuild.amazonaws.com")
    call = Call("lambda", "lambda", "CreateFunction", {"FunctionName": "x", "Role": role}, REGION, ACCOUNT)
    assert call.rights() == [
        ("lambda:CreateFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:x"),
        ("iam:PassRole", role),
    ]


def test_a_connector_takes_the_right_to_make_app_runners_own_role(aws: Aws) -> None:
    """App Runner's guide, service-linked roles; that it is asked for each time is ours."""
    person = aws.client("apprunner", credentials=aws.cloud.person(policy(("apprunner:*", "*"))))
    code, text = refusal(person.create_vpc_connector, VpcConnectorName="linked", Subnets=["subnet-0123"])
    assert (code, "iam:CreateServiceLinkedRole" in text) == ("AccessDeniedException", True)


def test_making_something_with_tags_takes_the_right_to_tag(aws: Aws) -> None:
    """Service Authorization Reference, dependent actions."""
    person = aws.client("ec2", credentials=aws.cloud.person(policy(("ec2:CreateVpc", "*"))))
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]
    code, text = refusal(person.create_vpc, CidrBlock="10.0.0.0/16", TagSpecifications=tags)
    assert (code, "ec2:CreateTags" in text) == ("UnauthorizedOperation", True)


def test_a_roles_session_has_the_roles_rights(aws: Aws) -> None:
    """AWS documents: temporary credentials have what the role's policies allow."""
    iam = aws.client("iam")
    arn = iam.create_role(RoleName="localcloud-session", AssumeRolePolicyDocument=trust("lambda.amazonaws.com"))
    document = json.dumps(policy(("s3:ListAllMyBuckets", "*")))
    iam.put_role_policy(RoleName="localcloud-session", PolicyName="own", PolicyDocument=document)
    session = aws.client("sts").assume_role(RoleArn=arn["Role"]["Arn"], RoleSessionName="test")["Credentials"]

    class Session:
        environment = {
            "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        }

    aws.client("s3", credentials=Session).list_buckets()
    code, text = refusal(aws.client("ssm", credentials=Session).get_parameter, Name="x")
    assert (code, ":assumed-role/localcloud-session/test is not" in text) == ("AccessDeniedException", True)


def test_app_runner_can_be_closed_to_the_account(aws: Aws) -> None:
    """App Runner's guide: closed to new customers since 30 April 2026. Code and text are believed."""
    api = aws.client("apprunner")
    aws.cloud.bad_days = ["closed"]
    assert refusal(api.list_services)[0] == "SubscriptionRequiredException"
    aws.cloud.bad_days = ["closed-at-create"]
    api.list_services()
    source = {"ImageRepository": {"ImageIdentifier": "public.ecr.aws/x/y:z", "ImageRepositoryType": "ECR_PUBLIC"}}
    code, text = refusal(api.create_service, ServiceName="late", SourceConfiguration=source)
    assert (code, "no longer open to new customers" in text) == ("SubscriptionRequiredException", True)
