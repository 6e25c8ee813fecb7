"""Signing in to a registry without touching the person's own login."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..aws import Aws

OWN = ("auths", "credsStore", "credHelpers")  # what the person's login is made of
LINKED = ("contexts", "cli-plugins")
"""What docker finds the daemon, and its plugins, by."""


@dataclass(frozen=True)
class Registry:
    """Where images are pushed, and a token for it that holds for twelve hours."""

    host: str
    plain_http: bool
    auth: str = field(repr=False)
    """Base64 of `user:password`: what ECR gives is what config.json takes."""

    @classmethod
    def of(cls, aws: Aws) -> Registry:
        given = aws.client("ecr").get_authorization_token()["authorizationData"][0]
        where = urlsplit(given["proxyEndpoint"])
        return cls(where.netloc, where.scheme == "http", given["authorizationToken"])


def sign_in(registry: Registry, folder: Path) -> None:
    """Write a config.json with this one login into a folder of ours, replacing the one before.

    Only a push runs under it. A build runs under the person's own configuration, so base images come with the
    person's own login, credential helpers and buildx. `docker login` would write into that configuration, and
    on Windows it cannot: ECR's token is longer than what its credential store takes.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    theirs = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    settings = {key: value for key, value in _read(theirs / "config.json").items() if key not in OWN}
    settings["auths"] = {registry.host: {"auth": registry.auth}}
    for name in LINKED:
        if (theirs / name).is_dir():
            with contextlib.suppress(FileExistsError):
                (folder / name).symlink_to((theirs / name).absolute(), target_is_directory=True)
    file = folder / "config.json"
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(settings, out)


def _read(file: Path) -> dict[str, object]:
    """Empty where docker itself would complain: a push needs nothing of it."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
