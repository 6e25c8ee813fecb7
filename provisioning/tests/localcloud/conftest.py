"""Plain boto3 on the local AWS that all tests share, and services that run a program of ours."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from provisioning.localcloud.cloud import LocalCloud

from .pushing import image_of

PROGRAM = Path(__file__).with_name("program.py").read_text()
REGION = "eu-west-3"
ACCOUNT = "123456789012"


class Aws:
    """Plain boto3 clients of one local AWS."""

    def __init__(self, cloud: LocalCloud) -> None:
        self.cloud = cloud

    def client(self, name: str, region: str = REGION, credentials: Any = None) -> Any:
        environment = self.cloud.environment | (credentials.environment if credentials else {})
        return boto3.client(
            name,
            region_name=region,
            endpoint_url=self.cloud.endpoint,
            aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
            config=Config(retries={"total_max_attempts": 1}),
        )


@pytest.fixture(scope="session")
def aws(cloud: LocalCloud) -> Aws:
    return Aws(cloud)


def wait_for(look: Callable[[], Any], *wanted: Any, within: float = 30) -> Any:
    """Looks until it sees one of the wanted values (or, without any, something true)."""
    end = time.monotonic() + within
    while True:
        seen = look()
        if seen in wanted or (not wanted and seen):
            return seen
        assert time.monotonic() < end, f"still {seen!r} after {within} s, wanted {wanted}"
        time.sleep(0.02)


def fetch(address: str, path: str = "/") -> dict[str, Any]:
    """What the test's program answers: its environment."""
    with urllib.request.urlopen(f"http://{address}{path}", timeout=20) as answer:
        return json.loads(answer.read())


def trust(service: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_role(aws: Aws, name: str, service: str, *allowed: tuple[str, str]) -> str:
    """A role that `service` may assume, with one inline policy of (action, resource) pairs."""
    iam = aws.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))["Role"]["Arn"]
    if allowed:
        statements = [{"Effect": "Allow", "Action": action, "Resource": to} for action, to in allowed]
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="allowed", PolicyDocument=document)
    return str(arn)


@pytest.fixture(scope="session")
def access_role(aws: Aws) -> str:
    return make_role(aws, "localcloud-pull", "build.apprunner.amazonaws.com", ("ecr:*", "*"))


@pytest.fixture(scope="session")
def image(aws: Aws) -> str:
    return image_of(aws, "localcloud-image", {"program.py": PROGRAM}, "python", "program.py")


class Services:
    """Makes services with as little as it takes, and waits for them."""

    def __init__(self, aws: Aws, access_role: str, image: str) -> None:
        self.api = aws.client("apprunner")
        self._logs = aws.client("logs")
        self._made: list[dict[str, Any]] = []
        self._scalings: list[str] = []
        self._access_role = access_role
        self._image = image

    def source(self, variables: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        configuration = {
            "RuntimeEnvironmentVariables": variables or {},
            **more.pop("configuration", {}),
        }
        return {
            "AutoDeploymentsEnabled": False,
            "AuthenticationConfiguration": {"AccessRoleArn": more.pop("access_role", self._access_role)},
            "ImageRepository": {
                "ImageIdentifier": more.pop("image", self._image),
                "ImageRepositoryType": "ECR",
                "ImageConfiguration": configuration,
            },
        }

    def create(self, name: str, variables: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        source = more.pop("source", None) or self.source(variables)
        service = self.api.create_service(ServiceName=name, SourceConfiguration=source, **more)["Service"]
        self._made.append(service)
        return service

    def scaling(self, name: str, **sizes: int) -> dict[str, Any]:
        """A revision of that auto scaling configuration."""
        made = self.api.create_auto_scaling_configuration(AutoScalingConfigurationName=name, **sizes)
        configuration = made["AutoScalingConfiguration"]
        self._scalings.append(configuration["AutoScalingConfigurationArn"])
        return configuration

    def delete_all(self) -> None:
        """What a test has made: an account's services and configurations are counted, and a service is a process."""
        while self._made:
            service = self._made.pop()
            try:
                wait_for(lambda made=service: self.status(made) != "OPERATION_IN_PROGRESS")
                if self.status(service) != "DELETED":
                    self.api.delete_service(ServiceArn=service["ServiceArn"])
            except self.api.exceptions.ResourceNotFoundException:
                continue
        while self._scalings:
            arn = self._scalings.pop()
            wait_for(lambda scaling=arn: self._is_without(scaling))

    def _is_without(self, scaling: str) -> bool:
        try:
            self.api.delete_auto_scaling_configuration(AutoScalingConfigurationArn=scaling)
        except self.api.exceptions.ResourceNotFoundException:
            return True
        except self.api.exceptions.InvalidRequestException as error:
            assert "It's used by one or more services" in str(error)
            return False
        return True

    def status(self, service: dict[str, Any]) -> str:
        return self.describe(service)["Status"]

    def describe(self, service: dict[str, Any]) -> dict[str, Any]:
        return self.api.describe_service(ServiceArn=service["ServiceArn"])["Service"]

    def wait(self, service: dict[str, Any], *wanted: str) -> None:
        wait_for(lambda: self.status(service), *(wanted or ("RUNNING",)))

    def story(self, service: dict[str, Any]) -> str:
        """App Runner's own log of the service."""
        group = f"/aws/apprunner/{service['ServiceName']}/{service['ServiceId']}/service"
        return "\n".join(event["message"] for event in self._logs.filter_log_events(logGroupName=group)["events"])

    def operations(self, service: dict[str, Any]) -> list[tuple[str, str]]:
        found = self.api.list_operations(ServiceArn=service["ServiceArn"])["OperationSummaryList"]
        return [(each["Type"], each["Status"]) for each in found]


@pytest.fixture(scope="session")
def all_services(aws: Aws, access_role: str, image: str) -> Services:
    return Services(aws, access_role, image)


@pytest.fixture
def services(all_services: Services) -> Iterator[Services]:
    yield all_services
    all_services.delete_all()
