"""Where the demo is played: this process and its shells look at the local AWS, and a person reads what to do."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..cloud import PROJECT, LocalCloud
from ..exports import MISLEADING, exports
from ..occupant import find_occupant
from .site import Site, StepFailed

EXPORTS = PROJECT / ".localcloud" / "exports.sh"
SPEED = 25.0  # AWS's seconds in one of ours: its ten minutes take less than half a minute here


@contextmanager
def local_aws(port: int) -> Iterator[LocalCloud]:
    """One of the demo's own, which goes with all that is on it. Raises StepFailed where it can't begin."""
    try:
        cloud = LocalCloud(port, SPEED, say=tell)
    except ValueError as error:
        raise StepFailed(str(error)) from None
    for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal ends it as Ctrl-C does
        signal.signal(number, signal.default_int_handler)
    try:
        cloud.start()
    except OSError:
        raise StepFailed(taken(port)) from None
    try:
        use(cloud)
        yield cloud
    finally:
        cloud.stop()
        EXPORTS.unlink(missing_ok=True)


def point_at(cloud: LocalCloud) -> None:
    """Let this process's boto3 find the local AWS, and nothing else."""
    for name in MISLEADING:
        os.environ.pop(name, None)
    os.environ.update(cloud.environment)


def use(cloud: LocalCloud) -> None:
    """Point this process at it, and leave a file that does so for a shell."""
    point_at(cloud)
    EXPORTS.parent.mkdir(exist_ok=True)
    EXPORTS.write_text("\n".join([*exports(cloud.environment), ""]))


def taken(port: int) -> str:
    """What to say when the port could not be had."""
    occupant = find_occupant(port)
    who = f"A local AWS already runs there, as process {occupant.pid}" if occupant else "Another program does"
    return (
        f"Port {port}: the demo's local AWS cannot listen there. {who}. "
        f"Stop that, or choose another port: make demo AWS_PORT={port + 1}."
    )


def tell(line: str) -> None:
    """What the local AWS says."""
    print(f"  {line}", flush=True)  # not by Django's wrapper: the live tree puts it above itself


def welcome(site: Site) -> str:
    """What a person needs to go on by themselves."""
    return "\n".join(
        [
            "",
            f"The site:    {site.address}",
            f"Its admin:   {site.address}admin/, as admin; first set a password, with this link, which works once:",
            f"             {site.invitation}",
            "",
            "In a second terminal, the same commands as on AWS:",
            "",
            f"  . {EXPORTS.relative_to(PROJECT)}",
            "  .venv/bin/python manage.py provision_aws --plan",
            "  .venv/bin/python manage.py push_image --builder codebuild",
            "  .venv/bin/python manage.py remote showmigrations home",
            "  .venv/bin/python manage.py wake_db",
            "  .venv/bin/python manage.py provision_aws --env review --builder codebuild",
            "  .venv/bin/python manage.py teardown --env review",
            "",
            "All of it is on this machine: an emulation, where nothing costs. Ctrl-C ends it and leaves nothing.",
        ]
    )


def wait_for_a_person() -> None:
    """Until Ctrl-C."""
    threading.Event().wait()
