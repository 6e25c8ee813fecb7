"""A role that was just made is not known everywhere yet: other services can't take it on, or not with its rights."""

import time
from typing import ClassVar

from ..answers import Answer, Refused
from ..calls import Call, roles_in
from .day import BadDay, Spell

# People wait 10 to 30 s (hashicorp/terraform-provider-aws#6566).
SPREADING = Spell(seconds=20, least=1.5)
ASSUMED_AFTER = 0.6  # of that: its policies come last
APPLYING = {
    "lambda": ("CreateFunction", "UpdateFunctionConfiguration"),
    "apprunner": ("CreateService", "UpdateService"),
    "codebuild": ("CreateProject", "UpdateProject"),
    "sts": ("AssumeRole",),
}


class SlowRoles(BadDay):
    name: ClassVar[str] = "slow-roles"
    source: ClassVar[str] = (
        "IAM's guide (Changes that I make are not always immediately visible); the words: Lambda's guide, "
        "pulumi-aws#1697 and terraform-provider-aws#19484 (App Runner), terraform-provider-aws#4233 (CodeBuild)"
    )

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self._made: dict[str, tuple[float, float]] = {}  # by name: until it can be taken on, until its policies count

    def after(self, call: Call, answer: Answer) -> None:
        if call.service != "iam" or answer.code >= 400:
            return
        name = str(call.parameters.get("RoleName", ""))
        part = 0.5 + self.chance.of(self.name, name) / 2
        if call.operation == "CreateRole":
            self._made[name] = (SPREADING.end(self.speed, part * ASSUMED_AFTER), SPREADING.end(self.speed, part))

    def refuse(self, call: Call, caller: str) -> Refused | None:
        if call.operation not in APPLYING.get(call.service, ()):
            return None
        for role in roles_in(call.parameters):
            assumed, rights = self._made.get(role.rpartition("/")[2], (0.0, 0.0))
            if time.monotonic() < assumed:
                return unknown(call, role, caller)
            if time.monotonic() < rights and call.service == "lambda" and call.parameters.get("VpcConfig"):
                text = "The provided execution role does not have permissions to call CreateNetworkInterface on EC2"
                return Refused("lambda", "InvalidParameterValueException", text)
        return None


def unknown(call: Call, role: str, caller: str) -> Refused:
    if call.service == "lambda":
        text = "The role defined for the function cannot be assumed by Lambda."
        return Refused("lambda", "InvalidParameterValueException", text)
    if call.service == "apprunner":
        instance = call.parameters.get("InstanceConfiguration", {}).get("InstanceRoleArn")
        text = f"Error in assuming {'instance' if role == instance else 'access'} role {role}"
        return Refused("apprunner", "InvalidRequestException", text)
    if call.service == "codebuild":
        return Refused(
            "codebuild", "InvalidInputException", f"CodeBuild is not authorized to perform: sts:AssumeRole on {role}"
        )
    text = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role}"
    return Refused(call.service, "AccessDenied", text, 403)
