"""How an image comes to the engine: it has it, because it built it, or it pulls it from the local AWS's registry."""

import base64
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from moto.ecr.models import ecr_backends

from ...images.login import Registry, sign_in
from ..ground import ground
from ..images import Image
from ..processes import CommandFailed
from .runner import Runner


class NotFetched(Exception):
    """The engine does not have it, and could not pull it."""


def fetch(runner: Runner, image: Image) -> str:
    """What the engine calls it; raises NotFetched."""
    id = image.config_digest.removeprefix("sha256:")
    if runner.has(id):
        return id
    reference = image.reference
    host = urlsplit(ground().endpoint).netloc
    name = f"{host}/{reference.repository}@{image.digest}"
    if runner.has(name):
        return name
    # The password opens the registry of this account and region. The person's own logins are left alone.
    password, _ = ecr_backends[reference.account][reference.region].tokens.issue()
    auth = base64.b64encode(f"AWS:{password}".encode()).decode()
    with TemporaryDirectory(prefix="login-", dir=ground().folder) as login:
        sign_in(Registry(host, True, auth), Path(login))
        command = runner.pull(name, login)
        try:
            ground().processes.run(
                command.arguments,
                cwd=ground().folder,
                log=ground().folder / "logs" / "pulls.log",
                environment=command.environment,
            )
        except CommandFailed as problem:
            raise NotFetched(str(problem)) from None
    return name
