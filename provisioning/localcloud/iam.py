"""What a role lets its bearer do: whom it trusts, and a simple reading of its policies."""

import fnmatch
import json
from collections.abc import Iterator
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role, iam_backends

from .credentials import PARTITION


def find_role(arn: str) -> Role | None:
    account = arn.split(":")[4]
    try:
        return iam_backends[account][PARTITION].get_role_by_arn(arn)
    except NotFoundException:
        return None


def trusts(role: Role, principal: str) -> bool:
    """Whether a service such as build.apprunner.amazonaws.com may assume it."""
    return any(
        statement.get("Effect") == "Allow"
        and any(fits(action, "sts:AssumeRole") for action in many(statement.get("Action")))
        and principal in many((statement.get("Principal") or {}).get("Service"))
        for statement in statements(role.assume_role_policy_document)
        if isinstance(statement.get("Principal"), dict)
    )


def allows(role: Role, action: str, resource: str) -> bool:
    """Allow and Deny, with wildcards. Conditions are taken as met, and boundaries are not read."""
    effects = {
        statement["Effect"]
        for statement in policies(role)
        if any(fits(each, action) for each in many(statement.get("Action")))
        and any(fits(each, resource) for each in many(statement.get("Resource")))
    }
    return effects == {"Allow"}


def policies(role: Role) -> Iterator[dict[str, Any]]:
    for document in role.policies.values():
        yield from statements(document)
    for policy in role.managed_policies.values():
        yield from statements(policy.document)


def statements(document: str) -> list[dict[str, Any]]:
    return [dict(each) for each in many(json.loads(document).get("Statement"))]


def fits(pattern: str, value: str) -> bool:
    # IAM knows * and ?, and compares actions without regard to case. Brackets are not special there.
    return fnmatch.fnmatchcase(value.lower(), pattern.lower().replace("[", "[[]"))


def many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
