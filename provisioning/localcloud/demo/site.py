"""The site that the demo makes, and where it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import boto3
from django.core.management import call_command


class StepFailed(Exception):
    """One step of the demo did not hold."""


@dataclass(frozen=True)
class Site:
    address: str
    invitation: str
    """Where the first superuser sets a password, once."""


class Heard:
    """A stream that remembers what was written to it."""

    def __init__(self, stream: Any) -> None:
        self.stream, self.text = stream, ""

    def write(self, text: str) -> int:
        self.text += text
        return self.stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def provision(stdout: Any) -> Site:
    """Make the site on the local AWS that boto3 finds, and return where it is."""
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
