"""What the account's rules refuse before a service looks at a request: missing rights, and a bad day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

from .badday import Days
from .calls import Call, Right
from .iam import Bearer, bearer_of, verdict

Manner = Literal["hang", "close", "no-pg-hba"]
"""What a client meets that connects to a database while it resumes: it waits, its connection ends, or it is told that
nobody of its name may come in. All three were seen with the real one."""


@dataclass
class Rules:
    enforce_iam: bool = False
    while_resuming: Manner = "hang"
    days: Days = field(default_factory=Days)

    def __post_init__(self) -> None:
        if self.while_resuming not in get_args(Manner):
            raise ValueError(
                f"--while-resuming is {self.while_resuming!r}.\nIt is one of {', '.join(get_args(Manner))}."
            )


_rules = Rules()


def rules() -> Rules:
    return _rules


def stand_under(new: Rules) -> None:
    global _rules
    _rules = new


def may(key_id: str, action: str, resource: str) -> bool:
    """Whether the bearer of an access key may do it; everybody may everything while nothing is enforced."""
    bearer = bearer_of(key_id)
    return not _rules.enforce_iam or (bearer is not None and verdict(bearer.policies, action, resource) == "Allow")


def refusals(call: Call, bearer: Bearer) -> Iterator[str]:
    """In AWS's words, one for each right that is missing."""
    # AWS documents: no right is needed for it, and none can be denied.
    if (call.service, call.operation) == ("sts", "GetCallerIdentity"):
        return
    for right in call.rights():
        found = verdict(bearer.policies, *right)
        if found != "Allow":
            yield refusal(bearer, right, found)


def refusal(bearer: Bearer, right: Right, found: str) -> str:
    action, resource = right
    why = (
        "with an explicit deny in an identity-based policy"
        if found == "Deny"
        else f"because no identity-based policy allows the {action} action"
    )
    return f"User: {bearer.arn} is not authorized to perform: {action} on resource: {resource or '*'} {why}"
