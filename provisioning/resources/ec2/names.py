"""How things in EC2 are told apart, and what passes by itself there.

EC2's names are only tags, and its create calls know no token that makes a repetition harmless. So a thing is
found by its name and our tags, and two that fit are an error, never a guess.
"""

from __future__ import annotations

from typing import Any

from ...aws import Aws
from ...engine.problem import Problem
from ...engine.resource import Resource, Retry

LAGS = tuple(  # EC2's reads run behind its writes
    Retry(f"{what}.NotFound", at_most=60)
    for what in ("InvalidVpcID", "InvalidSubnetID", "InvalidGroup", "InvalidRouteTableID", "InvalidVpcEndpointId")
)
# What EC2 says of an id that it has just given. Whoever made a thing and gets this at the second step leaves the rest
# to the next look: to begin again would make another one.
NOT_KNOWN_YET = tuple(each.code for each in LAGS)
IN_USE = Retry("DependencyViolation")  # network interfaces of Lambda and App Runner go long after their owners


def by_name(each: Resource) -> list[dict[str, Any]]:
    return [{"Name": "tag:Name", "Values": [each.name]}]


def tags(aws: Aws, each: Resource, kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": each.name}, *aws.tag_list()]}]


def named(aws: Aws, each: Resource, found: list[dict[str, Any]], id_: str) -> dict[str, Any] | None:
    """The one of this name that is ours; somebody's, if none is. Raises Problem if two are ours."""
    ours = [one for one in found if aws.owns(one.get("Tags", []))]
    if len(ours) > 1:
        ids = [one[id_] for one in ours]
        raise Problem(
            f"{each}: cannot tell which is ours",
            f"AWS has {len(ours)} with this name and our tags: {', '.join(ids)}",
            "Remove what nothing uses, in the AWS console, and run again",
        )
    return next(iter([*ours, *found]), None)
