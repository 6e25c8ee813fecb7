"""What provision_aws and push_image have in common: an image on its way, and a site that serves at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.management.base import CommandParser

from ..aws import Aws
from ..config import BUILDERS, Config
from ..console import existing_text
from ..engine.plan import Action, Plan, find_all
from ..engine.problem import Problem
from ..engine.resource import State
from ..engine.run import apply
from ..images.source import Source
from ..pricing import estimate
from ..stack import everything
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
        if making.builder and push:
            making.builder.check()
            self.say(f"{making.builder.words}.\n")  # with what stays out of it, before anybody says yes
        else:
            self.say(f"{making.chosen}.\n")
        try:
            yield making
        finally:
            making.close()

    def must_exist(self, config: Config, plan: Plan) -> None:
        """Raise Problem if there is no environment to push to."""
        for step in plan.having(Action.CREATE):
            if step.resource.kind in ("Repository", "Cluster", "Instance"):
                raise Problem(
                    f"{config.name}: there is nothing to push to",
                    f"The environment has no {step.resource}",
                    "Make it with `manage.py provision_aws`, which builds and pushes the image too",
                )

    def deploy(self, config: Config, aws: Aws, plan: Plan) -> None:
        """Do what it says; tell of the first superuser's link, and of what is there if it went wrong."""
        try:
            self.follow(plan.graph, apply(plan.graph, aws))
        except Problem:
            self.tell_what_exists(config, aws)
            raise
        finally:
            self.invite_the_first(config, aws, plan)

    def invite_the_first(self, config: Config, aws: Aws, plan: Plan) -> None:
        """However the run ended: if it made the first superuser, this is when to print the link."""
        steps = plan.having(Action.CREATE, Action.REPLACE, Action.WAIT)
        try:
            for each in (step.resource for step in steps if step.resource.name.endswith(":first-superuser")):
                if (live := each.find(aws)) and live.state is State.READY:
                    self.invite(config, aws, live.output)
        except (Problem, ClientError, BotoCoreError) as error:  # what the run itself ended with counts
            self.say(f"No link for the first superuser could be made: {error}. `manage.py invite` makes one.")

    def tell_what_exists(self, config: Config, aws: Aws) -> None:
        try:
            found = [each for each, live in find_all(everything(config, aws), aws).items() if live]
        except (Problem, ClientError, BotoCoreError) as error:
            self.say(f"What AWS has of it could not be listed: {error}")
            return
        cost = round(estimate(found).asleep, 2)
        self.tell(event="existing", resources=[*map(str, found)], asleep_month=cost, text=existing_text(found))

    def tell_address(self, where: str) -> None:
        self.tell(event="address", address=where, text=where)
