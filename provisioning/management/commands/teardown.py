"""Remove what provision_aws made; data only when told to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ... import stack
from ...engine.plan import Action, plan_teardown
from ...engine.run import teardown
from ..environment import EnvironmentCommand


class Command(EnvironmentCommand):
    help = "Removes an environment. Its data, the bucket and the database, stay unless --data is given."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--data", action="store_true", help="remove the bucket and the database too")
        parser.add_argument("--no-snapshot", action="store_true", help="with --data: leave no last snapshot")

    def run(self, options: dict[str, Any]) -> None:
        config, aws = self.environment(options, final_snapshot=not options["no_snapshot"])
        graph = stack.everything(config, aws)
        plan = plan_teardown(graph, aws, data=options["data"])
        self.show(plan)
        if not plan.having(Action.DELETE):
            return
        if options["data"]:
            last = (
                "no snapshot is left"
                if options["no_snapshot"]
                else "a last snapshot of it is left, and costs"
            )
            self.say(f"The bucket goes with all that is in it. The database goes; {last}.")
        if self.agreed(f"Type {config.env} to remove it:", config.env, options):
            self.follow(graph, teardown(graph, aws, data=options["data"]))
            self.say(f"{config.name} is gone" + ("." if options["data"] else ", except for what is kept."))
