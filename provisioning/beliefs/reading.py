"""What S3 answers of an object that is not there to one who may read it, but not list the bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from botocore.exceptions import ClientError

from ..engine.problem import code
from ..stack.operation import FOLDER
from .belief import CannotBeTried, Source, Verdict, judged, tried
from .scene import Scene

READABLE = f"{FOLDER}/verify/readable/"
PRESENT, MISSING = f"{READABLE}present", f"{READABLE}missing"
FORBIDDEN = f"{FOLDER}/verify/forbidden"
# What a role that is new, or whose policy is, meets for a while.
SPREADING = 90  # seconds
NOT_KNOWN_YET = ("AccessDenied", "InvalidAccessKeyId", "InvalidClientTokenId")
LOOK = 5


@tried(
    "Without s3:ListBucket a missing object answers 403 instead of 404",
    Source.DOCUMENTED,
    "docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, Permissions",
    "provisioning/stack/foundation.py",
    seconds=20,
)
def a_missing_object_needs_list_bucket(scene: Scene) -> Verdict:
    bucket = scene.live("Bucket").id
    with _reader(scene, bucket) as reader:
        if _answer(reader, bucket, FORBIDDEN) != 403:
            raise CannotBeTried("Nobody is held to policies here: that could be forbidden was answered otherwise")
        may, may_not = (_answer(each, bucket, MISSING) for each in (scene.aws.client("s3"), reader))
    return judged((may, may_not) == (404, 403), f"{may} to who may list the bucket, {may_not} to who may not")


@contextmanager
def _reader(scene: Scene, bucket: str) -> Iterator[Any]:
    """The S3 of one who may read a few objects and nothing else, by a role that goes at the end."""
    iam, sts, s3 = (scene.aws.client(each) for each in ("iam", "sts", "s3"))
    name = f"{scene.config.name}-reader"
    trust = {"Effect": "Allow", "Principal": {"AWS": sts.get_caller_identity()["Arn"]}, "Action": "sts:AssumeRole"}
    reads = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/{READABLE}*"}
    with ExitStack() as undo:
        role = iam.create_role(
            RoleName=name,
            Path=scene.config.path,
            AssumeRolePolicyDocument=_document(trust),
            Tags=scene.aws.tag_list(),
        )["Role"]
        undo.callback(iam.delete_role, RoleName=name)
        iam.put_role_policy(RoleName=name, PolicyName=name, PolicyDocument=_document(reads))
        undo.callback(iam.delete_role_policy, RoleName=name, PolicyName=name)
        s3.put_object(Bucket=bucket, Key=PRESENT, Body=b"")
        undo.callback(s3.delete_object, Bucket=bucket, Key=PRESENT)
        yield _once_known(scene, role["Arn"], bucket)


def _once_known(scene: Scene, role: str, bucket: str) -> Any:
    """It is when it can read what it may: a refusal from then on is no delay."""
    began = scene.clock.now()
    while True:
        try:
            keys = scene.aws.client("sts").assume_role(RoleArn=role, RoleSessionName="verify")["Credentials"]
            reader = scene.aws.session.client(
                "s3",
                aws_access_key_id=keys["AccessKeyId"],
                aws_secret_access_key=keys["SecretAccessKey"],
                aws_session_token=keys["SessionToken"],
            )
            reader.get_object(Bucket=bucket, Key=PRESENT)
            return reader
        except ClientError as error:
            if code(error) not in NOT_KNOWN_YET or scene.clock.now() - began > SPREADING:
                raise
        scene.clock.sleep(LOOK)


def _answer(s3: Any, bucket: str, key: str) -> int:
    try:
        answer: Mapping[str, Any] = s3.get_object(Bucket=bucket, Key=key)
    except ClientError as error:
        answer = error.response
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def _document(statement: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
