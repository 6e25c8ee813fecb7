"""Remove what provision_aws made; data only when told to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ... import stack
from ...engine.plan import Action, plan_teardown
from ...engine.problem import Problem
from ...engine.run import teardown
from ...stack.leftovers import leftovers, sweep_logs
from ..environment import EnvironmentCommand


class Command(EnvironmentCommand):
    help = "Removes an environment. Its data, the bucket and the database, stay unless --data is given."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--data", action="store_true", help="remove the bucket and the database too")
        parser.add_argument("--no-snapshot", action="store_true", help="with --data: leave no last snapshot")

    def run(self, options: dict[str, Any]) -> None:
        config, aws = self.environment(options, final_snapshot=False if options["no_snapshot"] else None)
        graph = stack.everything(config, aws)
        plan = plan_teardown(graph, aws, data=options["data"])
        self.show(plan)
        stays = Problem("Not all was removed", "", "What is marked with ! above stays: look whose it is")
        failed = stays if plan.blocked else None
        if going := plan.having(Action.DELETE):
            if any(step.resource.keeps_data for step in going):
                last = "leaves a last snapshot, which costs" if config.final_snapshot else "leaves no snapshot"
                self.say(f"Data goes too: a bucket with all that is in it, and a database, which {last}.")
            if not self.agreed(f"Type {config.env} to remove it:", config.env, options):
                return
            try:
                self.follow(graph, teardown(graph, aws, data=options["data"]))
                sweep_logs(config, aws)
            except Problem as problem:
                failed = problem
        self.tell_what_is_left(leftovers(config, aws))
        if failed:
            raise failed
