"""What a request asks of AWS: the operation, its parameters, and the rights that takes by IAM's names."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from moto.s3.models import s3_backends
from werkzeug.exceptions import NotFound

from .iam import many

# IAM's prefix of a service's actions, where it is not the name that signs.
PREFIXES = {"monitoring": "cloudwatch", "tagging": "tag", "email": "ses"}
# Service Authorization Reference: where the action is not named as the operation is.
ACTIONS = {
    "lambda": {"Invoke": "InvokeFunction"},
    "s3": {
        "ListBuckets": "ListAllMyBuckets",
        **dict.fromkeys(("HeadBucket", "ListObjects", "ListObjectsV2"), "ListBucket"),
        "ListObjectVersions": "ListBucketVersions",
        "ListMultipartUploads": "ListBucketMultipartUploads",
        "HeadObject": "GetObject",
        **dict.fromkeys(("CopyObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"), "PutObject"),
        "DeleteObjects": "DeleteObject",
        "PutBucketCors": "PutBucketCORS",
        "GetBucketCors": "GetBucketCORS",
        **dict.fromkeys(("PutBucketEncryption", "DeleteBucketEncryption"), "PutEncryptionConfiguration"),
        "GetBucketEncryption": "GetEncryptionConfiguration",
        **dict.fromkeys(("PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"), "PutLifecycleConfiguration"),
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
        **dict.fromkeys(("PutPublicAccessBlock", "DeletePublicAccessBlock"), "PutBucketPublicAccessBlock"),
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "DeleteBucketTagging": "PutBucketTagging",
    },
}
# The same reference, "dependent actions": what it takes to give tags to what is being made.
TAGGING = {
    "apprunner": "apprunner:TagResource",
    "ec2": "ec2:CreateTags",
    "ecr": "ecr:TagResource",
    "iam": "iam:TagRole",
    "lambda": "lambda:TagResource",
    "logs": "logs:TagResource",
    "rds": "rds:AddTagsToResource",
    "secretsmanager": "secretsmanager:TagResource",
    "ssm": "ssm:AddTagsToResource",
}
# App Runner's guide, service-linked roles: the first service and the first connector of an account make one, with
# their caller's right. Here it takes the right each time (believed: on AWS only when the role is not there).
LINKED_ROLES = {
    ("apprunner", "CreateService"): "apprunner.amazonaws.com/AWSServiceRoleForAppRunner",
    ("apprunner", "CreateVpcConnector"): "networking.apprunner.amazonaws.com/AWSServiceRoleForAppRunnerNetworking",
}
# A parameter that names a resource: what follows "arn:aws:SERVICE:REGION:ACCOUNT:" in its ARN.
NAMES = {
    "apprunner": {"ServiceName": "service/{}/x", "VpcConnectorName": "vpcconnector/{}/1/x"},
    "codebuild": {"projectName": "project/{}", "name": "project/{}"},
    "ec2": {
        "VpcId": "vpc/{}",
        "SubnetId": "subnet/{}",
        "GroupId": "security-group/{}",
        "RouteTableId": "route-table/{}",
        "NetworkInterfaceId": "network-interface/{}",
    },
    "ecr": {"repositoryName": "repository/{}"},
    "iam": {"RoleName": "role/{}", "UserName": "user/{}"},
    "lambda": {"FunctionName": "function:{}"},
    "logs": {"logGroupName": "log-group:{}:"},
    "rds": {
        "DBClusterIdentifier": "cluster:{}",
        "DBInstanceIdentifier": "db:{}",
        "DBSubnetGroupName": "subgrp:{}",
    },
    # Secrets Manager adds six characters of its own to a secret's name.
    "secretsmanager": {"SecretId": "secret:{}-??????", "Name": "secret:{}-??????"},
    "ssm": {"Name": "parameter/{}", "Names": "parameter/{}", "Path": "parameter/{}"},
}
ARN = re.compile(r"arn:aws[a-z-]*:[^\s]+")
ROLE = re.compile(r"arn:aws:iam::\d{12}:role/\S+")

READS = ("Describe", "List", "Get", "Head", "BatchGet", "BatchCheck", "Simulate", "Filter", "Lookup")

Right = tuple[str, str | None]  # an action, and the ARN it is on (None: not known here)


@dataclass(frozen=True)
class Call:
    service: str  # the name that signs
    boto_name: str
    operation: str
    parameters: dict[str, Any]
    region: str
    account: str
    protocol: str = ""

    @property
    def reads(self) -> bool:
        """It changes nothing."""
        return self.operation.startswith(READS)

    def rights(self) -> list[Right]:
        """Everything the caller needs."""
        prefix = PREFIXES.get(self.service, self.service)
        name = ACTIONS.get(self.service, {}).get(self.operation, self.operation)
        on: list[str | None] = [*dict.fromkeys(self._resources())]
        found: list[Right] = [(f"{prefix}:{name}", resource) for resource in on or [None]]
        if self.operation.startswith(("Create", "Put")) and self.service in TAGGING and self._has_tags():
            found.append((TAGGING[self.service], None))
        if self.service == "s3" and self.operation in ("GetObject", "HeadObject") and self._is_missing():
            # AWS documents: who may not list a bucket is not told that an object is not there.
            found.append(("s3:ListBucket", f"arn:aws:s3:::{self.parameters['Bucket']}"))
        if linked := LINKED_ROLES.get((self.service, self.operation)):
            role = f"arn:aws:iam::{self.account}:role/aws-service-role/{linked}"
            found.append(("iam:CreateServiceLinkedRole", role))
        if self.service == "rds-data":
            found.append(("secretsmanager:GetSecretValue", self.parameters.get("secretArn")))
        if self.service not in ("iam", "sts"):
            found += [("iam:PassRole", role) for role in dict.fromkeys(roles_in(self.parameters))]
        return found

    def _resources(self) -> Iterator[str]:
        if self.service == "s3":
            if bucket := self.parameters.get("Bucket"):
                key = self.parameters.get("Key")
                yield f"arn:aws:s3:::{bucket}" + (f"/{key}" if key else "")
            return
        if self.service == "ec2" and self.operation.startswith("Describe"):  # EC2: these know no resources
            return
        region = "" if self.service == "iam" else self.region
        for name, pattern in NAMES.get(self.service, {}).items():
            arn = f"arn:aws:{self.service}:{region}:{self.account}:"
            for value in many(self.parameters.get(name)):
                yield value if ARN.fullmatch(value) else arn + pattern.format(value.removeprefix("/"))
        for name, value in self.parameters.items():
            if not isinstance(value, str) or not ARN.fullmatch(value) or name == "secretArn":
                continue
            passed = self.service != "sts" and ROLE.fullmatch(value)
            if name.lower().endswith(("arn", "resource", "resourcename")) and not passed:
                yield value

    def _is_missing(self) -> bool:
        bucket = self.parameters["Bucket"]
        partition, account = s3_backends.bucket_accounts.get(bucket, ("", ""))
        return bool(account) and self.parameters["Key"] not in s3_backends[account][partition].buckets[bucket].keys

    def _has_tags(self) -> bool:
        return any(self.parameters.get(name) for name in ("Tags", "tags", "TagSpecifications"))


def roles_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from roles_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from roles_in(each)
    elif isinstance(value, str) and ROLE.fullmatch(value):
        yield value


def call_of(service: str, boto_name: str, region: str, account: str, environ: dict[str, Any]) -> Call | None:
    """None when moto does not know the operation either. Leaves the request as it was."""
    try:
        model = get_service_model(boto_name)
    except UnknownServiceError:
        return None
    if service != "s3" and "chunked" in environ.get("HTTP_TRANSFER_ENCODING", ""):
        return None  # no AWS client sends its parameters so
    # An object's bytes say nothing about the rights it takes, and may be many.
    body = b"" if service == "s3" else environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    given = environ["wsgi.input"]
    environ["wsgi.input"] = io.BytesIO(body)
    request = Request(environ)
    try:
        return parsed(service, boto_name, region, account, request, model)
    except (NotFound, NotImplementedError, OperationNotFoundError, RequestParserError):
        return None
    finally:
        environ["wsgi.input"] = given if service == "s3" else io.BytesIO(body)


def parsed(service: str, boto_name: str, region: str, account: str, request: Request, model: Any) -> Call:
    labels: dict[str, Any] = {}
    if service == "s3":
        operation, labels = get_service_router(boto_name).match(request)
        return Call(service, boto_name, operation.name, labels, region, account, "rest-xml")
    target = request.headers.get("X-Amz-Target")
    if request.values.get("Action"):
        name = request.values["Action"]
    elif target:
        name = target.split(".")[-1]
    else:
        operation, labels = get_service_router(boto_name).match(request)
        name = operation.name
    operation = model.operation_model(name)
    protocol = determine_request_protocol(model, request.content_type)
    parser = PROTOCOL_PARSERS[protocol](operation, map_type=dict)
    parameters = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": labels,
        }
    )
    return Call(service, boto_name, name, dict(parameters), region, account, protocol)
