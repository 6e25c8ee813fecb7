"""`make demo`: the talk's live demo, on this machine."""

from __future__ import annotations

from typing import Any

import requests
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from ....engine.problem import Problem
from ...demo.browser import Unexpected
from ...demo.figures import table
from ...demo.play import play
from ...demo.site import StepFailed, provision
from ...demo.terminal import local_aws, wait_for_a_person, welcome


class Command(BaseCommand):
    help = "Plays the talk's demo on a local AWS, from nothing to nothing. Ctrl-C ends it and leaves nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=4566, help="of the local AWS (default: 4566)")
        parser.add_argument("--stay", action="store_true", help="only make the site, and leave it to you until Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        stays, out = options["stay"], self.stdout._out
        try:
            with local_aws(options["port"]) as cloud:
                if stays:
                    self.stdout.write(welcome(provision(out)))
                    wait_for_a_person()
                else:
                    figures = play(cloud, out)
                    console = Console(file=out, highlight=False)
                    console.print()
                    console.print(table(figures))
        except (StepFailed, Unexpected, Problem, requests.RequestException) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            if not stays:
                raise CommandError("Stopped before the end.", returncode=130) from None
        self.stdout.write(
            "The local AWS is gone, and all on it." if stays else "Every step held, and nothing is left."
        )
