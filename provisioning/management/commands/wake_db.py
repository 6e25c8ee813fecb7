"""Wake the database, before somebody looks."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import CommandParser

from ...engine.clock import Clock
from ...engine.problem import Problem
from ...stack.foundation import Foundation
from ...waking import wake
from ..environment import EnvironmentCommand

TIMEOUT = 90  # seconds; Aurora takes about 15, and 30 or more after a day's sleep


class Command(EnvironmentCommand):
    help = "Wakes the environment's database, from anywhere: the next visitor need not wait for it."
    asks = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--timeout", type=float, default=TIMEOUT, metavar="SECONDS", help=f"how long to try (default: {TIMEOUT})"
        )

    def run(self, options: dict[str, Any]) -> None:
        if not 0 < options["timeout"] < float("inf"):
            raise Problem(f"--timeout is {options['timeout']:g}", "It is a number of seconds above 0", "Change it")
        config, aws = self.environment(options)
        foundation = Foundation(config, aws)
        began = time.monotonic()
        waited = False
        for word in wake(aws, foundation.cluster, foundation.writer, options["timeout"], Clock()):
            waited = True
            self.tell(
                event="waiting", word=word, text=f"{time.monotonic() - began:6.1f} s  {foundation.cluster}: {word}"
            )
        took = time.monotonic() - began
        was = f"awake after {took:.1f} s" if waited else f"was awake already; it answered in {took:.1f} s"
        self.tell(event="awake", took=round(took, 1), waited=waited, text=f"{foundation.cluster}: {was}")
