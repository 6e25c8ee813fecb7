"""`make demo`: everything on this machine, from nothing to a site that a person edits."""

from __future__ import annotations

import signal
from typing import Any

import requests
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...cloud import LocalCloud
from ...demo import EXPORTS, SPEED, StepFailed, clear_away, provision, taken, tell, visit, wait_for_a_person, welcome
from ...visit import Unexpected


class Command(BaseCommand):
    help = "Plays it all on a local AWS: provision, visit, edit, tear down. Ctrl-C ends it and leaves nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=4566, help="of the local AWS (default: 4566)")
        parser.add_argument("--exit", action="store_true", help="visit by script, tear down and end")

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
            self.play(cloud, by_script=options["exit"])
        except (StepFailed, Unexpected, requests.RequestException) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            if options["exit"]:
                raise CommandError("Stopped before the end.", returncode=130) from None
        finally:
            cloud.stop()
            EXPORTS.unlink(missing_ok=True)
        self.stdout.write(
            "Every step held, and nothing is left." if options["exit"] else "The local AWS is gone, and all on it."
        )

    def play(self, cloud: LocalCloud, by_script: bool) -> None:
        site = provision(cloud, self.stdout._out)
        if by_script:
            visit(site, lambda line: self.stdout.write(f"  {line}"))
            clear_away(self.stdout._out)
        else:
            self.stdout.write(welcome(site))
            wait_for_a_person()
