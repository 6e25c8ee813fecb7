"""Run a management command in the environment's network, next to its database."""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

from django.core.management.base import CommandParser

from ... import remote
from ...engine.loop import Clock
from ...engine.problem import Problem
from ...stack.foundation import Foundation
from ..environment import EnvironmentCommand

ASKED = "It wanted to ask something, and nobody can answer there: pass it as an option, such as --noinput."


class Command(EnvironmentCommand):
    help = "Runs a management command in AWS, where the database is: manage.py remote COMMAND ARGS…"
    asks = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "-e",
            dest="variables",
            action="append",
            default=[],
            metavar="NAME[=VALUE]",
            help="a variable for it; without a value, the one of your own environment",
        )
        parser.add_argument("command", nargs=argparse.REMAINDER, metavar="COMMAND ARGS…", help="what to run")

    def run(self, options: dict[str, Any]) -> None:
        command = [each for n, each in enumerate(options["command"]) if n or each != "--"]
        if not command:
            raise Problem(
                "remote: no command", "It runs one management command", "Try `manage.py remote showmigrations`"
            )
        remote.check(command)
        variables = dict(_variable(each) for each in options["variables"])
        config, aws = self.environment(options)
        asked = False
        for told in remote.run(aws, Foundation(config, aws), command, variables, Clock()):
            match told:
                case remote.Waits(word):
                    self.tell(event="waiting", word=word, text=f"{config.name}: {word}")
                case remote.Prints(text):
                    asked = asked or "EOFError" in text or "EOF when reading" in text
                    self.tell(event="output", output=text, text=text.rstrip("\n"))
                case remote.Ends(code):
                    self.tell(event="ended", exit=code, text=f"\n{ASKED}" if asked and code else "")
                    sys.exit(code)


def _variable(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not equals and name not in os.environ:
        raise Problem(
            f"-e {name}: it has no value", "Your environment has none of that name", f"Write -e {name}=VALUE"
        )
    return name, value if equals else os.environ[name]
