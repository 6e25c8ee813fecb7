"""A repository's two policies: which images stay, and who may pull them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..aws import Aws
from ..images.arrival import MOVING

KEPT = 20  # images; some weeks of releases to go back to
UNTAGGED_DAYS = 14

PULLS = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
LAMBDA = "LambdaECRImageRetrievalPolicy"  # the name that AWS's documentation, and Lambda itself, give it


def functions(aws: Aws, repository_arn: str) -> str:
    """The functions of this account and region, as an ARN pattern."""
    return f"arn:{repository_arn.split(':')[1]}:lambda:{aws.region}:{aws.account}:function:*"


def lambda_statement(functions: str) -> dict[str, Any]:
    """Let these functions pull. Lambda puts it in by itself, but only for whom may set a repository's policy."""
    return {
        "Sid": LAMBDA,
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": list(PULLS),
        "Condition": {"StringLike": {"aws:sourceArn": functions}},
    }


def lets_lambda_pull(statement: Mapping[str, Any], functions: str) -> bool:
    """True for ours, and for what Lambda makes of it: it adds actions and spells the condition in its own way."""
    found = statement.get("Action", ())
    actions = {found} if isinstance(found, str) else set(found)
    conditions = {
        key.lower(): value for each in statement.get("Condition", {}).values() for key, value in each.items()
    }
    return (
        (statement.get("Sid"), statement.get("Effect")) == (LAMBDA, "Allow")
        and statement.get("Principal") == {"Service": "lambda.amazonaws.com"}
        and actions >= set(PULLS)
        and conditions.keys() == {"aws:sourcearn"}
        and conditions["aws:sourcearn"] in (functions, [functions])
    )


def _rule(priority: int, description: str, count: int, **selection: Any) -> dict[str, Any]:
    selection = {"countType": "imageCountMoreThan", "countNumber": count, **selection}
    return {
        "rulePriority": priority,
        "description": description,
        "selection": selection,
        "action": {"type": "expire"},
    }


# "An image that matches the tagging requirements of a rule cannot be expired by a rule with a lower priority" (ECR's
# user guide). A tag is on one image at a time, so a rule that keeps one image of a tag never expires any, and keeps
# it from those below. Each tag needs a rule of its own: a list of patterns means all of them at once.
LIFECYCLE = {
    "rules": [
        *(
            _rule(priority, f"keep {tag}", 1, tagStatus="tagged", tagPatternList=[tag])
            for priority, tag in enumerate(MOVING, start=1)
        ),
        _rule(
            10,
            "what no tag names",
            UNTAGGED_DAYS,
            tagStatus="untagged",
            countType="sinceImagePushed",
            countUnit="days",
        ),
        _rule(20, "all but the newest", KEPT, tagStatus="any"),
    ]
}
LIFECYCLE_WORDS = (
    f"{', '.join(MOVING)} never expire; of the others the newest {KEPT} stay, untagged ones {UNTAGGED_DAYS} days"
)
"""The same, as a plan shows it."""
