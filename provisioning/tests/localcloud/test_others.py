"""S3, ECR, IAM, the tagging API: what moto does as AWS does, and what is corrected."""

import json
import re
import urllib.error
import urllib.request
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from .conftest import ACCOUNT, REGION, Aws, make_role
from .pushing import Engine, configured

HERE = {"LocationConstraint": REGION}


def code(call: Any, **wanted: Any) -> str:
    with pytest.raises(ClientError) as error:
        call(**wanted)
    return str(error.value.response["Error"]["Code"])


def test_a_bucket_of_ones_own_and_one_of_somebody_elses(aws: Aws) -> None:
    """AWS documents: BucketAlreadyOwnedByYou, BucketAlreadyExists, and a 200 for one's own in us-east-1."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="mine-in-paris", CreateBucketConfiguration=HERE)
    again = code(s3.create_bucket, Bucket="mine-in-paris", CreateBucketConfiguration=HERE)
    assert again == "BucketAlreadyOwnedByYou"
    theirs = aws.client("s3", credentials=aws.cloud.another_account())
    theirs.create_bucket(Bucket="not-mine", CreateBucketConfiguration=HERE)
    assert code(s3.create_bucket, Bucket="not-mine", CreateBucketConfiguration=HERE) == "BucketAlreadyExists"
    assert code(s3.head_bucket, Bucket="not-mine") == "403"
    for _ in range(2):
        aws.client("s3", "us-east-1").create_bucket(Bucket="mine-in-virginia")


def test_a_bucket_is_tagged_when_it_is_made(aws: Aws) -> None:
    """botocore's model: CreateBucketConfiguration.Tags. moto passes over them."""
    s3 = aws.client("s3")
    tags = [{"Key": "env", "Value": "test"}, {"Key": "empty", "Value": ""}]
    s3.create_bucket(Bucket="tagged-at-once", CreateBucketConfiguration={**HERE, "Tags": tags})
    assert s3.get_bucket_tagging(Bucket="tagged-at-once")["TagSet"] == tags


def test_a_bucket_that_wants_tls_takes_what_comes_over_the_loopback(aws: Aws) -> None:
    """Ours: nobody listens in there. moto denies everything that a statement with a condition names."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="tls-only", CreateBucketConfiguration=HERE)
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps(policy))
    s3.put_object(Bucket="tls-only", Key="a", Body=b"text")
    assert s3.get_object(Bucket="tls-only", Key="a")["Body"].read() == b"text"
    assert json.loads(s3.get_bucket_policy(Bucket="tls-only")["Policy"]) == policy
    other = {**statement, "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}}
    s3.put_bucket_policy(Bucket="tls-only", Policy=json.dumps({**policy, "Statement": [other]}))
    assert code(s3.get_object, Bucket="tls-only", Key="a") == "403"  # moto's, without AWS's "AccessDenied"


def test_a_bucket_keeps_its_settings(aws: Aws) -> None:
    """botocore's model: what is got is what was put."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="settled", CreateBucketConfiguration=HERE)
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    s3.put_public_access_block(Bucket="settled", PublicAccessBlockConfiguration=closed)
    assert s3.get_public_access_block(Bucket="settled")["PublicAccessBlockConfiguration"] == closed
    rule = {
        "ID": "abort",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    s3.put_bucket_lifecycle_configuration(Bucket="settled", LifecycleConfiguration={"Rules": [rule]})
    [kept] = s3.get_bucket_lifecycle_configuration(Bucket="settled")["Rules"]
    assert kept["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    encryption = {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}
    s3.put_bucket_encryption(Bucket="settled", ServerSideEncryptionConfiguration=encryption)
    rules = s3.get_bucket_encryption(Bucket="settled")["ServerSideEncryptionConfiguration"]["Rules"]
    assert rules[0]["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_a_bucket_with_something_in_it_is_not_deleted(aws: Aws) -> None:
    """AWS documents: BucketNotEmpty."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="full", CreateBucketConfiguration=HERE)
    s3.put_object(Bucket="full", Key="a", Body=b"")
    assert code(s3.delete_bucket, Bucket="full") == "BucketNotEmpty"


def test_presigned_addresses_work_and_bare_ones_do_not(aws: Aws) -> None:
    """AWS documents: a private object is read with a signature, or not at all."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="presigned", CreateBucketConfiguration=HERE)
    s3.put_object(Bucket="presigned", Key="a/b.txt", Body=b"text")
    address = s3.generate_presigned_url("get_object", Params={"Bucket": "presigned", "Key": "a/b.txt"})
    with urllib.request.urlopen(address) as answer:
        assert answer.read() == b"text"
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.split("?")[0])
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.replace("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLF"))


def test_presigned_addresses_end(aws: Aws) -> None:
    """Reported by all who met it: AccessDenied, "Request has expired". AWS documents the week."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket="ending", CreateBucketConfiguration=HERE)
    s3.put_object(Bucket="ending", Key="a", Body=b"text")
    address = s3.generate_presigned_url("get_object", Params={"Bucket": "ending", "Key": "a"}, ExpiresIn=60)
    made = re.search(r"X-Amz-Date=(\w+)", address)
    assert made
    for minutes, says in ((0.5, None), (1.1, "Request has expired")):
        before = datetime.strptime(made[1], "%Y%m%dT%H%M%SZ") - timedelta(minutes=minutes)
        answer = requests.get(address.replace(made[1], f"{before:%Y%m%dT%H%M%SZ}"), timeout=5)
        assert answer.status_code == (403 if says else 200)
        assert (says or "text") in answer.text
    forever = address.replace("X-Amz-Expires=60", "X-Amz-Expires=604801")
    assert "AuthorizationQueryParametersError" in requests.get(forever, timeout=5).text


def test_a_repository_is_new_and_empty_and_is_deleted_by_force(aws: Aws) -> None:
    """AWS documents: RepositoryAlreadyExistsException, RepositoryNotEmptyException."""
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName="one-image")
    assert code(ecr.create_repository, repositoryName="one-image") == "RepositoryAlreadyExistsException"
    assert ecr.describe_images(repositoryName="one-image")["imageDetails"] == []
    Engine(aws).push("one-image", "a", configured(), {"app/a": "a"})
    assert code(ecr.delete_repository, repositoryName="one-image") == "RepositoryNotEmptyException"
    ecr.delete_repository(repositoryName="one-image", force=True)


def test_the_tagging_api_finds_what_moto_leaves_out(aws: Aws) -> None:
    """AWS documents: EC2's VPC endpoints, RDS's subnet groups and CloudWatch's log groups are among what it lists."""
    ec2, tags = aws.client("ec2"), [{"Key": "listed", "Value": "1"}]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.{REGION}.s3",
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": tags}],
    )["VpcEndpoint"]["VpcEndpointId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    ]
    aws.client("rds").create_db_subnet_group(
        DBSubnetGroupName="listed",
        DBSubnetGroupDescription="listed",
        SubnetIds=[each["SubnetId"] for each in subnets],
        Tags=tags,
    )
    aws.client("logs").create_log_group(logGroupName="/listed", tags={"listed": "1"})
    found = aws.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "listed"}])
    prefix = f"{REGION}:{ACCOUNT}"
    assert {each["ResourceARN"] for each in found["ResourceTagMappingList"]} == {
        f"arn:aws:ec2:{prefix}:vpc-endpoint/{endpoint}",
        f"arn:aws:rds:{prefix}:subgrp:listed",
        f"arn:aws:logs:{prefix}:log-group:/listed",
    }


def test_a_role_with_a_policy_is_not_deleted(aws: Aws) -> None:
    """botocore's model: DeleteConflict."""
    make_role(aws, "policed", "tasks.apprunner.amazonaws.com", ("s3:GetObject", "*"))
    iam = aws.client("iam")
    assert code(iam.delete_role, RoleName="policed") == "DeleteConflict"
    iam.delete_role_policy(RoleName="policed", PolicyName="allowed")
    iam.delete_role(RoleName="policed")
