"""`make demo`: the talk's live demo, on this machine."""

from __future__ import annotations

import signal
import tempfile
from pathlib import Path
from typing import Any

import requests
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console

from ....engine.problem import Problem
from ...cloud import LocalCloud
from ...demo.browser import Unexpected
from ...demo.figures import table
from ...demo.people import OVER_HTTP
from ...demo.play import Pace, Play
from ...demo.project import copy_project
from ...demo.site import StepFailed, provision
from ...demo.terminal import EXPORTS, SPEED, taken, tell, use, wait_for_a_person, welcome


class Command(BaseCommand):
    help = "Plays the talk's demo on a local AWS, from nothing to nothing. Ctrl-C ends it and leaves nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=4566, help="of the local AWS (default: 4566)")
        parser.add_argument("--stay", action="store_true", help="only make the site, and leave it to you until Ctrl-C")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            cloud = LocalCloud(options["port"], SPEED, say=tell)
        except ValueError as error:
            raise CommandError(str(error)) from None
        for number in (signal.SIGTERM, signal.SIGHUP):  # a closed terminal ends it as Ctrl-C does
            signal.signal(number, signal.default_int_handler)
        try:
            cloud.start()
        except OSError:
            raise CommandError(taken(options["port"])) from None
        try:
            use(cloud)
            if options["stay"]:
                self.stay()
            else:
                self.play(cloud)
        except (StepFailed, Unexpected, Problem, requests.RequestException) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            if not options["stay"]:
                raise CommandError("Stopped before the end.", returncode=130) from None
        finally:
            cloud.stop()
            EXPORTS.unlink(missing_ok=True)
        self.stdout.write(
            "The local AWS is gone, and all on it." if options["stay"] else "Every step held, and nothing is left."
        )

    def play(self, cloud: LocalCloud) -> None:
        out = self.stdout._out
        with tempfile.TemporaryDirectory() as folder:
            source = copy_project(Path(folder), SPEED)
            figures = Play(cloud, source, OVER_HTTP, out, Pace()).perform()
        console = Console(file=out, highlight=False)
        console.print()
        console.print(table(figures))

    def stay(self) -> None:
        self.stdout.write(welcome(provision(self.stdout._out)))
        wait_for_a_person()
