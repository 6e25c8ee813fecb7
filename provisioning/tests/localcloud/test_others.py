"""S3, ECR, IAM, the tagging API: what moto does as AWS does, and what is corrected."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import REGION, Aws, make_role

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


def test_a_repository_has_a_stand_in_image_and_is_deleted_by_force(aws: Aws) -> None:
    """AWS documents: RepositoryAlreadyExistsException, RepositoryNotEmptyException."""
    ecr = aws.client("ecr")
    ecr.create_repository(repositoryName="stand-in")
    assert code(ecr.create_repository, repositoryName="stand-in") == "RepositoryAlreadyExistsException"
    [image] = ecr.describe_images(repositoryName="stand-in")["imageDetails"]
    assert image["imageTags"] == ["working-tree"]
    got = ecr.batch_get_image(repositoryName="stand-in", imageIds=[{"imageTag": "working-tree"}])["images"]
    assert json.loads(got[0]["imageManifest"])["schemaVersion"] == 2
    assert code(ecr.delete_repository, repositoryName="stand-in") == "RepositoryNotEmptyException"
    ecr.delete_repository(repositoryName="stand-in", force=True)


def test_a_role_with_a_policy_is_not_deleted(aws: Aws) -> None:
    """botocore's model: DeleteConflict."""
    make_role(aws, "policed", "tasks.apprunner.amazonaws.com", ("s3:GetObject", "*"))
    iam = aws.client("iam")
    assert code(iam.delete_role, RoleName="policed") == "DeleteConflict"
    iam.delete_role_policy(RoleName="policed", PolicyName="allowed")
    iam.delete_role(RoleName="policed")
