"""Run a management command in the environment's network, next to its database."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from django.core.management.base import CommandParser

from ... import remote
from ...engine.clock import Clock
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
        variables = dict(remote.variable(each) for each in options["variables"])
        config, aws = self.environment(options)
        asked = False
        for told in remote.run(aws, Foundation(config, aws), command, variables, Clock()):
            match told:
                case remote.Waits(word):
                    self.note(event="waiting", word=word, words=f"{config.name}: {word}")
                case remote.Prints(text):
                    asked = asked or "EOFError" in text or "EOF when reading" in text
                    if self.as_json:
                        self.object(event="output", text=text)
                    else:
                        self.stdout.write(text, ending="")
                case remote.Ends(code):
                    self.note(event="ended", exit=code, words=ASKED if asked and code else "")
                    sys.exit(code)

    def note(self, words: str, **data: Any) -> None:
        if self.as_json:
            self.object(**data)
        elif words:
            self.say(words)

    def say(self, text: str) -> None:
        """To standard error: the standard output is the command's own."""
        if not self.as_json:
            sys.stderr.write(f"{text.rstrip()}\n")
