"""Whose an access key is, and what its bearer may do."""

from dataclasses import dataclass, field

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from . import rules
from .credentials import PARTITION
from .iam import allows, find_role


@dataclass(frozen=True)
class Bearer:
    key_id: str
    arn: str
    secret: str = field(repr=False)
    token: str | None = field(repr=False)
    role_arn: str | None

    def may(self, action: str, resource: str) -> bool:
        """A user what the account's rules allow, a role what its policies do. One that is gone allows nothing."""
        if self.role_arn is None:
            return rules.may(self.key_id, action, resource)
        role = find_role(self.role_arn)
        return role is not None and allows(role, action, resource)


def find_bearer(account: str, key_id: str) -> Bearer | None:
    """None for a key that this account has not issued."""
    key = iam_backends[account][PARTITION].access_keys.get(key_id)
    if key is None:
        return None
    session = sts_backends[account][PARTITION].get_assumed_role_from_access_key(key_id)
    if session is None:
        return Bearer(key_id, f"arn:aws:iam::{account}:user/{key.user_name}", key.secret_access_key, None, None)
    return Bearer(key_id, session.arn, session.secret_access_key, session.session_token, session.role_arn)
