"""What provision_aws and push_image have in common: an image on its way, and a site that serves at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandParser

from ..aws import Aws
from ..config import BUILDERS, Config
from ..console import existing_text
from ..engine.plan import Action, Plan, find_all
from ..engine.problem import Problem
from ..engine.run import apply
from ..images.source import Source
from ..invitation import link
from ..stack import address, everything
from ..stack.foundation import Foundation
from ..stack.images import Making
from .environment import EnvironmentCommand


class DeploymentCommand(EnvironmentCommand):
    """A command whose run may build an image, release it and start a site."""

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        names = ", ".join(BUILDERS[1:])
        parser.add_argument(
            "--builder", metavar="NAME", help=f"what builds the image: {names} (default: the first that is there)"
        )

    @contextmanager
    def making(self, config: Config, aws: Aws, *, push: bool = False) -> Iterator[Making]:
        """How the image comes about in this run; what was begun for it ends with the run."""
        making = Making.choose(config, aws, Source(Path(settings.BASE_DIR)), push=push)
        self.say(f"{making.chosen}.\n")
        try:
            yield making
        finally:
            making.close()

    def must_exist(self, config: Config, plan: Plan) -> None:
        """Raise Problem if there is no environment to push to."""
        (repository,) = [step for step in plan.steps if step.resource.kind == "Repository"]
        if repository.action is Action.CREATE:
            raise Problem(
                f"{config.name}: there is nothing to push to",
                "The environment has no repository",
                "Make it with `manage.py provision_aws`, which builds and pushes the image too",
            )

    def deploy(self, config: Config, aws: Aws, plan: Plan) -> None:
        """Do what it says; tell of the first superuser's link, and of what is there if it went wrong."""
        try:
            self.follow(plan.graph, apply(plan.graph, aws))
        except Problem:
            self.say(existing_text(each for each, live in find_all(everything(config, aws), aws).items() if live))
            raise
        for step in plan.having(Action.CREATE, Action.REPLACE):
            if step.resource.name.endswith(":first-superuser"):
                self.invite(config, aws, step.resource.find(aws).output)

    def invite(self, config: Config, aws: Aws, told: str) -> None:
        """Print the link by which the first superuser sets a password."""
        key, where = Foundation(config, aws).secret_key, address(config, aws)
        secret = aws.client("ssm").get_parameter(Name=key.name, WithDecryption=True)["Parameter"]["Value"]
        if url := link(where, told, secret):
            text = "The first superuser, admin, sets a password here; the link works once, for three days:"
            self.tell(event="invitation", url=url, text=f"\n{text}\n{url}\n")

    def tell_address(self, where: str) -> None:
        self.tell(event="address", address=where, text=where)
