"""The bucket: private, encrypted, reached by TLS alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any, ClassVar

from ..aws import Aws, absent
from ..engine.problem import Problem, code
from ..engine.resource import Live, Lives, Resource, Retry, Values, resource
from ..pricing import Meter, Usage

CLOSED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
FORBIDDEN = "a bucket of this name is somebody else's, or you may not look at it: AWS says 403 Forbidden"
PAGES_AT_A_TIME = 10  # of 1,000 versions each: emptying goes on at the next look


@resource
class Bucket(Resource):
    """A private bucket; removing it removes all that is in it."""

    service: ClassVar[str] = "s3"
    keeps_data: ClassVar[bool] = True
    removal_patience: ClassVar[int] = 3600  # many objects take long to remove
    name_limit: ClassVar[int] = 63
    retries: ClassVar = (
        Retry("OperationAborted"),  # a bucket of that name is still being made or removed
        Retry("NoSuchBucket", at_most=60),  # just made, and not everywhere yet
        Retry("BucketNotEmpty"),  # something was uploaded while we emptied it
    )
    advice: ClassVar = {
        "BucketAlreadyExists": "That name is somebody else's: choose another --env or PROJECT and run again",
    }

    abort_uploads_after: int = 7
    """Days until an upload that was never completed is dropped, so that it stops costing."""
    expires: Mapping[str, int] = field(default_factory=dict)
    """Days until what lies under a prefix is dropped, such as `{"builds/": 7}`."""

    def arn(self, inside: str = "") -> str:
        return f"arn:aws:s3:::{self.name}{inside}"

    def find(self, aws: Aws) -> Live | None:
        s3 = aws.client("s3")
        with absent("404", "NoSuchBucket"):
            try:
                s3.head_bucket(Bucket=self.name)
            except s3.exceptions.ClientError as error:
                if code(error) == "403":
                    return Live(id=self.name, ours=False, why=FORBIDDEN)
                raise
            tags = self._tags(s3)
            return Live(
                id=self.name,
                arn=self.arn(),
                values=self._values(s3),
                ours=aws.owns(tags),
                why=aws.elsewhere(tags),
            )
        return None

    def is_ours(self, aws: Aws) -> bool:
        """Whether it carries our tags, and so whether what lies in it is ours."""
        with absent("404", "NoSuchBucket"):
            return aws.owns(self._tags(aws.client("s3")))
        return False

    def wanted(self, lives: Lives) -> Values:
        return {
            "public_access": CLOSED,
            "encryption": "AES256",
            "policy": self._tls_only(),
            "lifecycle": {"abort_uploads_after": self.abort_uploads_after, "expires": dict(self.expires)},
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        where: dict[str, Any] = {"Tags": aws.tag_list()}
        if aws.region != "us-east-1":  # the one region that must not be named
            where["LocationConstraint"] = aws.region
        aws.client("s3").create_bucket(Bucket=self.name, CreateBucketConfiguration=where)
        self._put(aws.client("s3"), wanted)

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        self._put(aws.client("s3"), changes)

    def delete(self, aws: Aws, live: Live) -> None:
        s3 = aws.client("s3")
        with absent("NoSuchBucket"):
            for page in s3.get_paginator("list_multipart_uploads").paginate(Bucket=self.name):
                for upload in page.get("Uploads", []):
                    with absent("NoSuchUpload"):
                        s3.abort_multipart_upload(Bucket=self.name, Key=upload["Key"], UploadId=upload["UploadId"])
            for _ in range(PAGES_AT_A_TIME):
                page = s3.list_object_versions(Bucket=self.name)
                gone = [
                    {"Key": each["Key"], "VersionId": each["VersionId"]}
                    for each in page.get("Versions", []) + page.get("DeleteMarkers", [])
                ]
                if not gone:
                    s3.delete_bucket(Bucket=self.name)
                    return
                errors = s3.delete_objects(Bucket=self.name, Delete={"Objects": gone, "Quiet": True}).get("Errors", [])
                if errors:  # it answers 200 all the same
                    first = errors[0]
                    raise Problem(
                        f"{self}: could not be emptied",
                        f'AWS says of {first["Key"]}: "{first["Code"]}: {first["Message"]}"',
                        "Mend that and run again: it goes on from here",
                    )

    def meters(self, usage: Usage) -> Iterable[Meter]:
        yield Meter("S3 GB-month", usage.media_gb)

    def _put(self, s3: Any, values: Values) -> None:
        """Settings have calls of their own, and not all of them fit into CreateBucket."""
        if "public_access" in values:
            s3.put_public_access_block(Bucket=self.name, PublicAccessBlockConfiguration=values["public_access"])
        if "encryption" in values:
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": values["encryption"]}}
            s3.put_bucket_encryption(Bucket=self.name, ServerSideEncryptionConfiguration={"Rules": [rule]})
        if "policy" in values:
            s3.put_bucket_policy(Bucket=self.name, Policy=json.dumps(values["policy"]))
        if "lifecycle" in values:
            rules = _rules(values["lifecycle"])
            s3.put_bucket_lifecycle_configuration(Bucket=self.name, LifecycleConfiguration={"Rules": rules})

    def _values(self, s3: Any) -> Values:
        values: dict[str, Any] = {}
        with absent("NoSuchPublicAccessBlockConfiguration"):
            answer = s3.get_public_access_block(Bucket=self.name)
            values["public_access"] = answer["PublicAccessBlockConfiguration"]
        with absent("ServerSideEncryptionConfigurationNotFoundError"):
            rules = s3.get_bucket_encryption(Bucket=self.name)["ServerSideEncryptionConfiguration"]["Rules"]
            values["encryption"] = rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"]
        with absent("NoSuchBucketPolicy"):
            values["policy"] = json.loads(s3.get_bucket_policy(Bucket=self.name)["Policy"])
        with absent("NoSuchLifecycleConfiguration"):
            values["lifecycle"] = _lifecycle(s3.get_bucket_lifecycle_configuration(Bucket=self.name)["Rules"])
        return values

    def _tags(self, s3: Any) -> list[dict[str, str]]:
        with absent("NoSuchTagSet"):
            return s3.get_bucket_tagging(Bucket=self.name)["TagSet"]
        return []

    def _tls_only(self) -> dict[str, Any]:
        return {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "TlsOnly",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": [self.arn(), self.arn("/*")],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ],
        }


def _rules(lifecycle: Mapping[str, Any]) -> list[dict[str, Any]]:
    """As S3 takes them."""
    abort = {
        "ID": "abort-incomplete-uploads",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": lifecycle["abort_uploads_after"]},
    }
    expire = [
        {"ID": f"expire-{prefix}", "Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}
        for prefix, days in lifecycle["expires"].items()
    ]
    return [abort, *expire]


def _lifecycle(rules: list[dict[str, Any]]) -> dict[str, Any]:
    """The reverse; somebody's rule of another form shows as a prefix that expires."""
    days = [rule.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation") for rule in rules]
    expires = {
        rule.get("Filter", {}).get("Prefix", rule.get("Prefix", "")): rule["Expiration"].get("Days")
        for rule in rules
        if "Expiration" in rule
    }
    return {"abort_uploads_after": next(filter(None, days), None), "expires": expires}
