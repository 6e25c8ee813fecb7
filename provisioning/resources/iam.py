"""Who may do what: roles, each with a policy of its own, and policies that are added later."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ..aws import Aws, absent
from ..engine.resource import Given, Live, Lives, Resource, Retry, Values, now, resource

POLICY = "site"  # the name of the one inline policy


@dataclass(frozen=True)
class Allow:
    """One statement: these actions on these ARNs, and nothing else."""

    actions: tuple[str, ...]
    on: tuple[str | Given, ...]

    def statement(self, lives: Lives) -> dict[str, Any]:
        return {
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": [now(arn, lives) for arn in self.on],
        }


@resource
class Role(Resource):
    """A role that one AWS service takes on, with least rights."""

    service: ClassVar[str] = "iam"
    retries: ClassVar = (
        Retry("ConcurrentModification"),
        Retry("EntityAlreadyExists", at_most=60),  # it was made, and is not listed yet
    )

    path: str
    """Such as `/scale0/dev/`."""
    trusts: str
    """The service that takes it on: `tasks.apprunner.amazonaws.com`."""
    allows: tuple[Allow, ...]
    also: tuple[str, ...] = ()
    """Names of `RolePolicy`s that belong to it."""

    def find(self, aws: Aws) -> Live | None:
        iam = aws.client("iam")
        with absent("NoSuchEntity"):
            role = iam.get_role(RoleName=self.name)["Role"]
            values: dict[str, Any] = {"trust": _document(role["AssumeRolePolicyDocument"])}
            with absent("NoSuchEntity"):
                found = iam.get_role_policy(RoleName=self.name, PolicyName=POLICY)
                values["policy"] = _document(found["PolicyDocument"])
            values["others"] = self._others(iam)
            tags = role.get("Tags", [])
            return Live(
                id=role["RoleName"],
                arn=role["Arn"],
                values=values,
                ours=role["Path"] == self.path and aws.owns(tags),
                why=aws.elsewhere(tags),
            )
        return None

    def wanted(self, lives: Lives) -> Values:
        trust = {"Effect": "Allow", "Principal": {"Service": self.trusts}, "Action": "sts:AssumeRole"}
        return {
            "others": [],
            "trust": {"Version": "2012-10-17", "Statement": [trust]},
            "policy": _policy(self.allows, lives),
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("iam").create_role(
            RoleName=self.name,
            Path=self.path,
            AssumeRolePolicyDocument=json.dumps(wanted["trust"]),
            Description="Made by manage.py provision_aws",
            Tags=aws.tag_list(),
        )
        self._put_policy(aws, wanted["policy"])

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        if "trust" in changes:
            aws.client("iam").update_assume_role_policy(
                RoleName=self.name, PolicyDocument=json.dumps(changes["trust"])
            )
        if "policy" in changes:
            self._put_policy(aws, changes["policy"])
        if "others" in changes:
            self._remove(aws.client("iam"), live.values["others"])

    def delete(self, aws: Aws, live: Live) -> None:
        iam = aws.client("iam")
        with absent("NoSuchEntity"):
            self._remove(iam, [*self._others(iam), *self.also, POLICY])
            iam.delete_role(RoleName=self.name)

    def _others(self, iam: Any) -> list[str]:
        """Policies that somebody added by hand: names of inline ones, ARNs of attached ones."""
        inline = [
            name
            for page in iam.get_paginator("list_role_policies").paginate(RoleName=self.name)
            for name in page["PolicyNames"]
            if name not in (POLICY, *self.also)
        ]
        attached = [
            policy["PolicyArn"]
            for page in iam.get_paginator("list_attached_role_policies").paginate(RoleName=self.name)
            for policy in page["AttachedPolicies"]
        ]
        return inline + attached

    def _remove(self, iam: Any, policies: list[str]) -> None:
        for policy in policies:
            with absent("NoSuchEntity"):
                if policy.startswith("arn:"):
                    iam.detach_role_policy(RoleName=self.name, PolicyArn=policy)
                else:
                    iam.delete_role_policy(RoleName=self.name, PolicyName=policy)

    def _put_policy(self, aws: Aws, policy: Mapping[str, Any]) -> None:
        aws.client("iam").put_role_policy(RoleName=self.name, PolicyName=POLICY, PolicyDocument=json.dumps(policy))


@resource
class RolePolicy(Resource):
    """What a role may do with things that are made later than it. It lies in the role, and is ours as that is."""

    service: ClassVar[str] = "iam"
    within: ClassVar[bool] = True
    retries: ClassVar = (Retry("ConcurrentModification"),)

    role: Role
    allows: tuple[Allow, ...]

    def find(self, aws: Aws) -> Live | None:
        iam = aws.client("iam")
        with absent("NoSuchEntity"):
            found = iam.get_role_policy(RoleName=self.role.name, PolicyName=self.name)
            role = iam.get_role(RoleName=self.role.name)["Role"]
            ours = role["Path"] == self.role.path and aws.owns(role.get("Tags", []))
            return Live(id=self.name, values={"policy": _document(found["PolicyDocument"])}, ours=ours)
        return None

    def wanted(self, lives: Lives) -> Values:
        return {"policy": _policy(self.allows, lives)}

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("iam").put_role_policy(
            RoleName=self.role.name, PolicyName=self.name, PolicyDocument=json.dumps(wanted["policy"])
        )

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        self.create(aws, changes)


def _policy(allows: tuple[Allow, ...], lives: Lives) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [allow.statement(lives) for allow in allows]}


def _document(found: str | Mapping[str, Any]) -> Mapping[str, Any]:
    return json.loads(found) if isinstance(found, str) else found  # boto3 decodes them, mostly
