"""`make demo`: everything on this machine, from nothing to a site that a person edits."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...cloud import LocalCloud
from ...demo import SPEED, StepFailed, clear_away, provision, tell, visit, wait_for_a_person, welcome
from ...folder import FolderInUse
from ...occupant import explain
from ...visit import Unexpected


class Command(BaseCommand):
    help = "Plays it all on a local AWS: provision, visit, edit, tear down. Ctrl-C ends it and leaves nothing."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=4566, help="of the local AWS (default: 4566)")
        parser.add_argument("--exit", action="store_true", help="visit by script, tear down and end")

    def handle(self, *args: Any, **options: Any) -> None:
        say = self.stdout.write
        cloud = LocalCloud(options["port"], SPEED, say=lambda line: tell(line, cloud))
        try:
            with cloud:
                address = provision(cloud, self.stdout._out)
                if options["exit"]:
                    visit(address, cloud, lambda line: say(f"  {line}"))
                    clear_away(self.stdout._out)
                else:
                    say(welcome(address, cloud))
                    wait_for_a_person()
        except OSError as error:
            raise CommandError(f"{error}\n{explain(options['port'])}" if cloud.port else str(error)) from None
        except (FolderInUse, StepFailed, Unexpected) as error:
            raise CommandError(str(error)) from None
        except KeyboardInterrupt:
            pass
        say("Every step held, and nothing is left." if options["exit"] else "The local AWS is gone, and all on it.")
