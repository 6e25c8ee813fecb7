"""The demo: a local AWS, the site on it, and a person who looks at it, or a script that does."""

from __future__ import annotations

import os
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from django.core.management import call_command

from .cloud import PROJECT, LocalCloud
from .exports import MISLEADING, exports
from .occupant import find_occupant
from .remains import remains
from .visit import Browser

EXPORTS = PROJECT / ".localcloud" / "exports.sh"
SPEED = 25.0  # AWS's seconds in one of ours: its ten minutes take less than half a minute here


class StepFailed(Exception):
    """One step of the demo did not hold."""


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


class Heard:
    """A stream that remembers what was written to it."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.text = stream, ""

    def write(self, text: str) -> int:
        self.text += text
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@dataclass(frozen=True)
class Site:
    address: str
    invitation: str
    """Where the first superuser sets a password, once."""


def provision(cloud: LocalCloud, stdout: Any) -> Site:
    """Make the site on it, and return where it is."""
    use(cloud)
    heard = Heard(stdout)
    try:
        # CodeBuild's emulation needs no engine on this machine, and no image from the internet.
        call_command("provision_aws", yes=True, builder="codebuild", starter_content=True, stdout=heard)
    except SystemExit:  # Ctrl-C, which ends the local AWS too
        raise KeyboardInterrupt from None
    (service,) = boto3.client("apprunner").list_services()["ServiceSummaryList"]
    invitation = re.search(r"http\S+/password_reset/confirm/\S+", heard.text)
    if not invitation:
        raise StepFailed("provision_aws printed no link for the first superuser")
    return Site(f"http://{service['ServiceUrl']}/", invitation[0])


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


def visit(site: Site, say: Callable[[str], None]) -> None:
    """Do what a person does first. Raises Unexpected where the site does not do its part."""
    person = Browser(site.address)
    person.get("/", shows="<h1")
    say("the home page answers")
    person.get("/search/?query=sleep", shows="sleep")
    say("search finds the starter pages")
    password = secrets.token_urlsafe(12)
    person.set_password(site.invitation, password)
    person.log_in("admin", password)
    say("the first superuser sets a password by the link, and logs in")
    person.publish_page("A page of the demo", "demo")
    say("a new page is published, and visitors see it")
    size = len(person.upload_picture("A picture of the demo"))
    say(f"a picture is uploaded to the bucket and shown ({size:,} bytes)")


def clear_away(stdout: Any) -> None:
    """Tear it all down, and make sure that it is gone."""
    call_command("teardown", yes=True, data=True, no_snapshot=True, stdout=stdout)
    if left := remains():
        raise StepFailed(f"The teardown left {', '.join(left)}")
