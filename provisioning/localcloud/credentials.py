"""The made-up credentials, and which others the local AWS has issued itself."""

import json
from dataclasses import dataclass
from typing import Any

from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.models import AccessKey, IAMBackend, iam_backends
from moto.sts.models import sts_backends

PARTITION = "aws"


@dataclass(frozen=True)
class Credentials:
    key_id: str
    secret: str
    token: str | None = None

    @property
    def environment(self) -> dict[str, str]:
        found = {"AWS_ACCESS_KEY_ID": self.key_id, "AWS_SECRET_ACCESS_KEY": self.secret}
        return found if self.token is None else {**found, "AWS_SESSION_TOKEN": self.token}


# What the managed policy AdministratorAccess says.
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}

# AWS's own documentation prints this pair everywhere. It opens nothing on AWS and never will, and scanners
# that look for leaked keys know it.
MADE_UP = Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")


def make_the_account() -> None:
    """The account's one user, to whom the made-up key belongs."""
    iam = iam_backends[DEFAULT_ACCOUNT_ID][PARTITION]
    key = add_user(iam, "developer")
    # moto makes up a key of its own, which is replaced by ours where moto looks keys up.
    del iam.access_keys[key.access_key_id]
    key.access_key_id, key.secret_access_key = MADE_UP.key_id, MADE_UP.secret
    iam.access_keys[MADE_UP.key_id] = key
    allow(iam, "developer", EVERYTHING)


def make_another_account(account: str) -> Credentials:
    """Somebody else's, so that a test can own what must not be ours. Each call makes a user of its own."""
    iam = iam_backends[account][PARTITION]
    name = f"somebody-{len(iam.users) + 1}"
    key = add_user(iam, name)
    allow(iam, name, EVERYTHING)
    return Credentials(key.access_key_id, key.secret_access_key)


def make_person(policy: dict[str, Any]) -> Credentials:
    """A user of the account who may do what the policy says, where rights are enforced."""
    iam = iam_backends[DEFAULT_ACCOUNT_ID][PARTITION]
    name = f"person-{len(iam.users) + 1}"
    key = add_user(iam, name)
    allow(iam, name, policy)
    return Credentials(key.access_key_id, key.secret_access_key)


def allow(iam: IAMBackend, name: str, policy: dict[str, Any]) -> None:
    iam.put_user_policy(name, "own", json.dumps(policy))


def add_user(iam: IAMBackend, name: str) -> AccessKey:
    iam.create_user(region_name="us-east-1", user_name=name)
    return iam.create_access_key(user_name=name)


def assume(account: str, region: str, role_arn: str, session: str) -> Credentials:
    """Temporary credentials, as App Runner's instances find them."""
    role = sts_backends[account][PARTITION].assume_role(
        region_name=region,
        role_session_name=session,
        role_arn=role_arn,
        policy="",
        duration=3600,
        external_id="",
    )
    return Credentials(role.access_key_id, role.secret_access_key, role.session_token)


def known(key_id: str) -> bool:
    return any(key_id in account[PARTITION].access_keys for account in list(iam_backends.values()))
