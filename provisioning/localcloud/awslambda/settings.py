"""What a function is set to: a request's settings, checked and completed."""

import json
from dataclasses import dataclass, field
from typing import Any

from ..ec2.interfaces import NoSuchNetwork, vpcs_of
from ..iam import allows, find_role, trusts
from .errors import InvalidParameter, ValidationFailed
from .source import PRINCIPAL

LONGEST_TIMEOUT = 900  # seconds; botocore's model has more, for kinds of function that are not emulated
MOST_MEMORY = 10_240  # MB
MOST_ENVIRONMENT = 4096  # bytes of its JSON
# Lambda's guide, "Defined runtime environment variables": those that can't be set.
RESERVED = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)
# What Lambda does with its role's rights when the function is in a VPC, in the order in which it looks.
ON_EC2 = ("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface")


@dataclass(frozen=True)
class Settings:
    role: str
    description: str = ""
    timeout: int = 3
    memory: int = 128
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    image_config: dict[str, Any] = field(default_factory=dict)
    vpc: dict[str, Any] = field(default_factory=dict)
    logging: dict[str, Any] = field(default_factory=dict)
    ephemeral: int = 512

    @classmethod
    def of(cls, request: dict[str, Any], where: tuple[str, str], former: "Settings | None" = None) -> "Settings":
        """Of a CreateFunction or UpdateFunctionConfiguration request; `where` is account and region."""
        taken = {
            "role": request.get("Role"),
            "description": request.get("Description"),
            "timeout": request.get("Timeout"),
            "memory": request.get("MemorySize"),
            "environment": (request.get("Environment") or {}).get(
                "Variables", {} if "Environment" in request else None
            ),
            "image_config": request.get("ImageConfig"),
            "vpc": request.get("VpcConfig"),
            "logging": request.get("LoggingConfig"),
            "ephemeral": (request.get("EphemeralStorage") or {}).get("Size"),
        }
        base = {} if former is None else vars(former)
        settings = cls(**{**base, **{name: value for name, value in taken.items() if value is not None}})
        settings.check(*where)
        return settings

    @property
    def subnets(self) -> list[str]:
        return list(self.vpc.get("SubnetIds") or [])

    @property
    def groups(self) -> list[str]:
        return list(self.vpc.get("SecurityGroupIds") or [])

    def check(self, account: str, region: str) -> None:
        must_be_at_most("timeout", self.timeout, LONGEST_TIMEOUT)
        must_be_at_most("memorySize", self.memory, MOST_MEMORY)
        self._check_environment()
        role = find_role(self.role)
        if role is None or not trusts(role, PRINCIPAL):
            raise InvalidParameter("The role defined for the function cannot be assumed by Lambda.")
        if bool(self.subnets) != bool(self.groups):
            raise InvalidParameter("SubnetIds and SecurityIds must coexist or be both empty list.")
        if not self.subnets:
            return
        for action in ON_EC2:
            if not allows(role, f"ec2:{action}", f"arn:aws:ec2:{region}:{account}:network-interface/*"):
                raise InvalidParameter(
                    f"The provided execution role does not have permissions to call {action} on EC2"
                )
        try:
            vpcs = vpcs_of(account, region, self.subnets, self.groups)
        except NoSuchNetwork as missing:
            raise InvalidParameter(
                f"Error occurred while {missing.action}. EC2 Error Code: {missing.code}. "
                f"EC2 Error Message: {missing.text}"
            ) from None
        if len(vpcs) > 1:  # believed
            raise InvalidParameter("Security Groups and subnets must all be in one VPC.")

    def _check_environment(self) -> None:
        failed = (
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided "
        )
        if reserved := sorted(RESERVED.intersection(self.environment)):
            raise InvalidParameter(
                f"{failed}contains reserved keys that are currently not supported for modification. "
                f"Reserved keys used in this request: {', '.join(reserved)}"
            )
        measured = json.dumps(self.environment, separators=(",", ":"))
        if len(measured.encode()) > MOST_ENVIRONMENT:
            raise InvalidParameter(f"{failed}exceeded the 4KB limit. String measured: {measured}")


def must_be_at_most(name: str, value: int, most: int) -> None:
    if value > most:
        raise ValidationFailed(
            f"1 validation error detected: Value '{value}' at '{name}' failed to satisfy constraint: Member must "
            f"have value less than or equal to {most}"
        )
