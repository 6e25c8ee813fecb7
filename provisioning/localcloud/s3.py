"""S3: a bucket's tags at its creation, other people's buckets, and a policy that asks for TLS."""

import json
import os
from typing import Any

import xmltodict
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.exceptions import BucketAlreadyExists
from moto.s3.models import FakeBucket, s3_backends
from moto.s3.responses import S3Response

from .iam import many


def get_permission(bucket: FakeBucket, action: str, resource: str) -> Any:
    """moto's, but for statements on `aws:SecureTransport`: moto denies whatever has a condition at all.

    On the loopback there is nobody to listen in, so a request counts as made by TLS.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    document = json.loads(bucket.policy)
    statements = [each for each in many(document.get("Statement")) if not about_missing_tls(each)]
    if not statements:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**document, "Statement": statements})).is_action_permitted(action, resource)


def about_missing_tls(statement: dict[str, Any]) -> bool:
    conditions = statement.get("Condition", {})
    return any(
        str(value).lower() == "false"
        for operator in ("Bool", "BoolIfExists")
        for value in many(conditions.get(operator, {}).get("aws:SecureTransport"))
    )


moto_puts_bucket = S3Response._bucket_response_put


def put_bucket(response: S3Response, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """moto's, which passes over the Tags of CreateBucketConfiguration, and looks into a bucket of that name."""
    _, owner = s3_backends.bucket_accounts.get(bucket_name, (None, response.current_account))
    if owner != response.current_account and not querystring:
        raise BucketAlreadyExists(bucket=bucket_name)
    answer = moto_puts_bucket(response, request, bucket_name, querystring)
    if not querystring and response.body:
        configuration = xmltodict.parse(response.body).get("CreateBucketConfiguration") or {}
        tags = many((configuration.get("Tags") or {}).get("Tag"))
        if tags:
            response.backend.put_bucket_tagging(bucket_name, {each["Key"]: each["Value"] or "" for each in tags})
    return answer


def install() -> None:
    # moto's own setting: without it every account may look into every bucket.
    os.environ["MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"] = "false"
    FakeBucket.get_permission = get_permission
    S3Response._bucket_response_put = put_bucket
