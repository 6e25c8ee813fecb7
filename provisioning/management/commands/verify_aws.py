"""Try on a real account what this project believes of AWS."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from ... import beliefs
from ...beliefs.belief import When
from ...beliefs.scene import Scene
from ...beliefs.throwaway import SETTINGS, TAGS, check_name
from ...engine.clock import Clock
from ...engine.plan import plan
from ..verification import VerificationCommand


class Command(VerificationCommand):
    help = "Makes a throw-away environment, tries in it what the project believes of AWS, removes it, and tells."
    clock = Clock()

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(env="verify")
        parser.add_argument("--only", metavar="ID", action="append", default=[], help="try this one; may be repeated")
        parser.add_argument("--list", action="store_true", help="show all of them and ask nothing of AWS")
        parser.add_argument("--keep", action="store_true", help="leave the environment, which costs, to look at it")

    def run(self, options: dict[str, Any]) -> None:
        chosen = beliefs.chosen(options["only"])
        if options["list"]:
            self.list_beliefs(chosen)
            return
        check_name(options["env"])
        config, aws = self.environment(options, **SETTINGS)
        aws.tags = {**aws.tags, **TAGS}
        with self.making(config, aws) as making:
            scene = Scene(config, aws, making, self.clock)
            self.explain(plan(scene.site, aws), scene, chosen)
            if not self.agreed(f"Type {config.env} to make it, to try them and to remove it:", config.env, options):
                return
            with self.standing(scene, keep=options["keep"]):
                tried = [*self.try_each(chosen, scene, When.STANDS)]
            tried += self.try_each(chosen, scene, When.GONE)
        self.conclude(scene, tried, keep=options["keep"])
