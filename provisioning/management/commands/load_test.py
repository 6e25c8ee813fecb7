"""Many visitors at once, and whether the site stood them."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console

from ... import stack
from ...engine.problem import Problem
from ...load.options import AGAIN, duration, headers
from ...load.panel import show
from ...load.run import Load, Moment
from ...load.verdict import LONGEST, Verdict, judge, summary
from ...load.watch import Seen, Watch
from ..environment import INTERRUPTED, EnvironmentCommand


class Command(EnvironmentCommand):
    help = "Sends so many visitors at once to an address, and says whether the site stood it."
    asks = False

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("url", nargs="?", help="the page they want (default: the home page of --env)")
        parser.add_argument(
            "-c", "--concurrency", type=int, default=50, metavar="N", help="visitors at once (default: 50)"
        )
        parser.add_argument(
            "-z", "--duration", default="10s", metavar="DURATION", help="such as 30s or 5m (default: 10s)"
        )
        shown = "with each request; may be given again"
        parser.add_argument("-H", "--header", action="append", default=[], metavar='"NAME: VALUE"', help=shown)
        shown = f"seconds that 95 of 100 may wait (default: {LONGEST:g})"
        parser.add_argument("--p95", type=float, default=LONGEST, metavar="SECONDS", help=shown)

    def run(self, options: dict[str, Any]) -> None:
        watch = None
        if options["env"] or not options["url"]:
            config, aws = self.environment(options)
            watch = Watch(config, aws)
            options["url"] = options["url"] or stack.address(config, aws)
            if not options["url"]:
                raise Problem(f"{config.name}: nobody to visit", "Nothing runs it", "Make it with `provision_aws`")
        if not options["p95"] > 0:
            raise Problem(f"--p95 is {options['p95']:g}", "It is a number of seconds above 0", AGAIN)
        load = Load(options["url"], options["concurrency"], duration(options["duration"]), headers(options["header"]))
        if self.as_json:
            for moment in load.moments():
                self.object(event="moment", **vars(moment), **vars(watch.look(moment.at) if watch else Seen()))
        else:
            show(load, watch, Console(file=self.stdout._out), self.stdout.write)
        assert load.whole is not None
        verdict = judge(load.whole, options["p95"], watch.peak if watch else None)
        self.conclude(load.whole, verdict)
        if load.stopped:
            sys.exit(INTERRUPTED)
        if not verdict.held:
            sys.exit(1)

    def conclude(self, whole: Moment, verdict: Verdict) -> None:
        self.tell(f"\n{summary(whole)}", event="whole", **vars(whole))
        findings = [each.text for each in verdict.findings]
        self.tell(verdict.text, event="verdict", held=verdict.held, findings=findings)
