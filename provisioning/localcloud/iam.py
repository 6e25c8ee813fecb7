"""Who may do what: whom a role trusts, who bears an access key, and a simple reading of policies."""

import fnmatch
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role, User, iam_backends
from moto.sts.models import sts_backends

from .credentials import PARTITION


@dataclass(frozen=True)
class Bearer:
    """Who calls with an access key: a user, or a role's session."""

    arn: str
    account: str
    policies: list[dict[str, Any]]


def bearer_of(key_id: str) -> Bearer | None:
    for account, backends in list(iam_backends.items()):
        iam = backends[PARTITION]
        for user in iam.users.values():
            if any(key.access_key_id == key_id for key in user.access_keys):
                return Bearer(user.arn, account, list(policies_of(iam, user)))
        session = sts_backends[account][PARTITION].get_assumed_role_from_access_key(key_id)
        if session is not None:
            role = find_role(session.role_arn)
            return Bearer(session.arn, account, list(policies(role)) if role else [])
    return None


def policies_of(iam: Any, user: User) -> Iterator[dict[str, Any]]:
    groups = [each for each in iam.groups.values() if user in each.users]
    for holder in (user, *groups):
        for document in holder.policies.values():
            yield from statements(document)
        for policy in holder.managed_policies.values():
            yield from statements(in_force(policy))


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
    """Conditions are taken as met, and boundaries are not read."""
    return verdict(policies(role), action, resource) == "Allow"


def verdict(found: Iterable[dict[str, Any]], action: str, resource: str | None) -> str:
    """ "Allow", "Deny", or "" when no statement is about it.

    `resource` None is one whose ARN is not known here: every Resource fits then, but only "*" denies.
    """
    effects = {
        statement["Effect"]
        for statement in found
        if is_about(statement, action)
        and (
            any(fits(each, resource) for each in many(statement.get("Resource")))
            if resource is not None
            else statement["Effect"] == "Allow" or "*" in many(statement.get("Resource"))
        )
    }
    return "Deny" if "Deny" in effects else "Allow" if effects else ""


def is_about(statement: dict[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not any(fits(each, action) for each in many(statement["NotAction"]))
    return any(fits(each, action) for each in many(statement.get("Action")))


def policies(role: Role) -> Iterator[dict[str, Any]]:
    for document in role.policies.values():
        yield from statements(document)
    for policy in role.managed_policies.values():
        yield from statements(in_force(policy))


def in_force(policy: Any) -> str:
    """The document of a managed policy's default version."""
    return next(str(each.document) for each in policy.versions if each.is_default)


def statements(document: Any) -> list[dict[str, Any]]:
    read = json.loads(document) if isinstance(document, str) else document
    return [dict(each) for each in many(read.get("Statement"))]


def fits(pattern: str, value: str) -> bool:
    # IAM knows * and ?, and compares actions without regard to case. Brackets are not special there.
    return fnmatch.fnmatchcase(value.lower(), pattern.lower().replace("[", "[[]"))


def many(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
