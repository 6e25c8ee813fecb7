"""Secrets Manager: a secret that waits for its deletion holds its name, and says so in AWS's words."""

from typing import Any

from moto.secretsmanager.models import SecretsManagerBackend

from .errors import AwsError

moto_creates_secret = SecretsManagerBackend.create_secret


class InvalidRequest(AwsError):
    code = "InvalidRequestException"


def create_secret(backend: SecretsManagerBackend, name: str, *more: Any, **named: Any) -> str:
    """moto's, which calls it an existing one."""
    found = backend.secrets.get(name)
    if found is not None and found.is_deleted():
        raise InvalidRequest(
            "You can't create this secret because a secret with this name is already scheduled for deletion."
        )
    return moto_creates_secret(backend, name, *more, **named)


def install() -> None:
    SecretsManagerBackend.create_secret = create_secret
