"""What a build's service role allows, and AWS's words where it does not."""

from ..iam import allows, find_role
from .build import Build


def may(build: Build, action: str, resource: str) -> bool:
    role = find_role(build.role)
    return role is not None and allows(role, action, resource)


def denied(build: Build, action: str, resource: str) -> str:
    who = f"arn:aws:sts::{build.account}:assumed-role/{build.role.rpartition('/')[2]}/AWSCodeBuild-{build.stream}"
    return (
        f"User: {who} is not authorized to perform: {action} on resource: {resource} "
        f"because no identity-based policy allows the {action} action"
    )
