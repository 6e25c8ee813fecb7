"""Functions of a small image that a test makes: a folder with one module, run by AWS's own runtime client."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ..conftest import Aws, make_role, wait_for
from ..pushing import image_of

LAMBDA = "lambda.amazonaws.com"
LOGS = (("logs:*", "*"),)
MODULE = """
import json, os, sys, time
import boto3

def echo(event, context):
    print("said", event.get("say"))
    return {"event": event, "environment": dict(os.environ), "folder": os.getcwd(), "id": context.aws_request_id,
            "process": os.getpid(), "left": context.get_remaining_time_in_millis()}

def fail(event, context):
    with open(event["file"], "a") as file:
        file.write(context.aws_request_id + "\\n")
    raise ValueError("no luck")

def note(event, context):
    with open(event["file"], "a") as file:
        file.write(context.aws_request_id + "\\n")

def sleep(event, context):
    time.sleep(event["seconds"])
    return "slept"

def die(event, context):
    os._exit(3)

def identity(event, context):
    return boto3.client("sts").get_caller_identity()["Arn"]

def buckets(event, context):
    return len(boto3.client("s3").list_buckets()["Buckets"])
"""


class Functions:
    def __init__(self, aws: Aws, image: str, role: str) -> None:
        self.api = aws.client("lambda")
        self.image, self.role = image, role
        self.made: list[str] = []

    def create(self, name: str, handler: str = "echo", **more: Any) -> dict[str, Any]:
        wanted = {
            "FunctionName": name,
            "PackageType": "Image",
            "Code": {"ImageUri": self.image},
            "Role": self.role,
            "Timeout": 30,
            "ImageConfig": {"EntryPoint": ["python", "-m", "awslambdaric"], "Command": [f"job.{handler}"]},
            **more,
        }
        made = self.api.create_function(**wanted)
        self.made.append(name)
        return made

    def active(self, name: str, handler: str = "echo", **more: Any) -> dict[str, Any]:
        made = self.create(name, handler, **more)
        wait_for(lambda: self.configuration(name)["State"], "Active")
        return made

    def configuration(self, name: str) -> dict[str, Any]:
        return self.api.get_function_configuration(FunctionName=name)

    def settled(self, name: str) -> None:
        wait_for(lambda: self.configuration(name)["LastUpdateStatus"], "Successful")

    def invoke(self, name: str, event: Any = None, **more: Any) -> tuple[Any, str | None]:
        answer = self.api.invoke(FunctionName=name, Payload=json.dumps(event or {}), **more)
        return json.loads(answer["Payload"].read() or b"null"), answer.get("FunctionError")


@pytest.fixture(scope="session")
def function_role(aws: Aws) -> str:
    return make_role(aws, "localcloud-function", LAMBDA, *LOGS, ("s3:*", "*"), ("ec2:*", "*"))


@pytest.fixture(scope="session")
def function_image(aws: Aws) -> str:
    return image_of(aws, "localcloud-function", {"job.py": MODULE}, "job.echo", Env=["FROM_THE_IMAGE=1"])


@pytest.fixture
def functions(aws: Aws, function_image: str, function_role: str) -> Iterator[Functions]:
    made = Functions(aws, function_image, function_role)
    yield made
    for name in made.made:
        if any(each["FunctionName"] == name for each in made.api.list_functions()["Functions"]):
            made.api.delete_function(FunctionName=name)
