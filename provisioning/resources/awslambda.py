"""A function that runs the site's own image: it costs nothing while nobody calls it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from ..aws import Aws, absent
from ..engine.resource import Given, Live, Lives, Resource, Retry, State, Values, in_order, now, resource, text
from .ec2 import SecurityGroup, Subnet
from .ecr import Image, Repository
from .iam import Role
from .logs import LogGroup

STATES = {"Active": State.READY, "Inactive": State.READY, "Failed": State.FAILED}
SPREADING = 90  # seconds; a new role takes some to be known everywhere
OLDEST = 60  # seconds, Lambda's least: a call that was held up is dropped, not run when nobody expects it any more


@resource
class Function(Resource):
    """A Lambda function in the private network, without an address, that is never run twice for one call."""

    service: ClassVar[str] = "lambda"
    disposable: ClassVar[bool] = True
    patience: ClassVar[int] = 900
    usual: ClassVar[int] = 60
    retries: ClassVar = (
        Retry("ResourceConflictException"),  # one change at a time
        Retry("InvalidParameterValueException", "cannot be assumed", at_most=SPREADING),
        Retry("InvalidParameterValueException", "CreateNetworkInterface", at_most=SPREADING),
        Retry("AccessDeniedException", "access the ECR image", at_most=SPREADING),
        Retry("InvalidParameterValueException", "access the ECR image", at_most=SPREADING),
    )
    advice: ClassVar = {"CodeStorageExceededException": "Remove functions that you no longer need, and run again"}

    image: Image
    repository: Repository
    entry_point: tuple[str, ...]
    command: tuple[str, ...]
    role: Role
    subnets: tuple[Subnet, ...]
    security_groups: tuple[SecurityGroup, ...]
    log_group: LogGroup
    environment: Mapping[str, str | Given]
    memory: int
    """MB; the processor comes with it, a whole one at 1,769."""
    timeout: int
    """Seconds; Lambda's most are 900."""

    def find(self, aws: Aws) -> Live | None:
        awslambda = aws.client("lambda")
        with absent("ResourceNotFoundException"):
            found = awslambda.get_function(FunctionName=self.name)
            settings = found["Configuration"]
            state = STATES.get(settings["State"], State.CHANGING)
            changing = settings.get("LastUpdateStatus") == "InProgress"
            events: Mapping[str, Any] = {}
            with absent("ResourceNotFoundException"):
                events = awslambda.get_function_event_invoke_config(FunctionName=self.name)
            return Live(
                id=self.name,
                arn=settings["FunctionArn"],
                values={
                    **_values(settings),
                    "image": found["Code"].get("ImageUri"),
                    "retries": events.get("MaximumRetryAttempts"),
                    "oldest_call": events.get("MaximumEventAgeInSeconds"),
                },
                state=State.CHANGING if changing else state,
                word="update in progress" if changing else settings.get("StateReason") or settings["State"],
                ours=aws.owns([{"Key": key, "Value": value} for key, value in found.get("Tags", {}).items()]),
                setback=settings.get("LastUpdateStatusReason", "") if _failed(settings) else "",
            )
        return None

    def wanted(self, lives: Lives) -> Values:
        return {
            "image": text("{}@{}", lives[self.repository].id, lives[self.image].id),
            "entry_point": list(self.entry_point),
            "command": list(self.command),
            "role": lives[self.role].arn,
            "subnets": in_order(lives[each].id for each in self.subnets),
            "security_groups": in_order(lives[each].id for each in self.security_groups),
            "log_group": self.log_group.name,
            "environment": {key: now(each, lives) for key, each in self.environment.items()},
            "memory": self.memory,
            "timeout": self.timeout,
            "retries": 0,  # Lambda calls again what failed, twice, unless told not to
            "oldest_call": OLDEST,
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("lambda").create_function(
            FunctionName=self.name,
            PackageType="Image",
            Code={"ImageUri": wanted["image"]},
            Architectures=["x86_64"],
            Tags=dict(aws.tags),
            **_settings(wanted),
        )
        self._never_again(aws)

    def update(self, aws: Aws, live: Live, changes: Values) -> Values:
        if "image" in changes:
            aws.client("lambda").update_function_code(FunctionName=self.name, ImageUri=changes["image"])
            return {"image": changes["image"]}
        if changes.keys() - {"retries", "oldest_call"}:
            settings = {**live.values, **changes}
            aws.client("lambda").update_function_configuration(FunctionName=self.name, **_settings(settings))
        if changes.keys() & {"retries", "oldest_call"}:
            self._never_again(aws)
        return changes

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("ResourceNotFoundException"):
            aws.client("lambda").delete_function(FunctionName=self.name)

    def _never_again(self, aws: Aws) -> None:
        aws.client("lambda").put_function_event_invoke_config(
            FunctionName=self.name, MaximumRetryAttempts=0, MaximumEventAgeInSeconds=OLDEST
        )


def _settings(values: Values) -> dict[str, Any]:
    """The same for CreateFunction and UpdateFunctionConfiguration."""
    return {
        "Role": values["role"],
        "ImageConfig": {"EntryPoint": values["entry_point"], "Command": values["command"]},
        "VpcConfig": {"SubnetIds": values["subnets"], "SecurityGroupIds": values["security_groups"]},
        "LoggingConfig": {"LogGroup": values["log_group"]},
        "Environment": {"Variables": values["environment"]},
        "MemorySize": values["memory"],
        "Timeout": values["timeout"],
    }


def _values(settings: Mapping[str, Any]) -> dict[str, Any]:
    image = settings.get("ImageConfigResponse", {}).get("ImageConfig", {})
    network = settings.get("VpcConfig", {})
    return {
        "entry_point": image.get("EntryPoint"),
        "command": image.get("Command"),
        "role": settings.get("Role"),
        "subnets": sorted(network.get("SubnetIds", [])),
        "security_groups": sorted(network.get("SecurityGroupIds", [])),
        "log_group": settings.get("LoggingConfig", {}).get("LogGroup"),
        "environment": settings.get("Environment", {}).get("Variables", {}),
        "memory": settings.get("MemorySize"),
        "timeout": settings.get("Timeout"),
    }


def _failed(settings: Mapping[str, Any]) -> bool:
    return settings.get("LastUpdateStatus") == "Failed"
