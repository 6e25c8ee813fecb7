"""`make bench-provision`: what a run costs in time and in calls, as ratios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ....images.source import Source
from ...bench import CONSTANT, MOST_CALLS, MOST_TIME, Failed, measure
from ...cloud import LocalCloud
from ...demo.terminal import SPEED, point_at


class Command(BaseCommand):
    help = "Makes the site on a local AWS of its own, and measures the run against its longest chain."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--speed", type=float, default=SPEED, help=f"AWS's seconds in one (default: {SPEED:g})")

    def handle(self, *args: Any, **options: Any) -> None:
        with LocalCloud(speed=options["speed"]) as cloud:
            point_at(cloud)
            try:
                found = measure(Source(Path(settings.BASE_DIR)))
            except Failed as failed:
                raise CommandError(str(failed)) from None
        self.stdout.write(
            f"A plan that finds nothing: {found.calls_absent} API calls for {found.resources} resources, "
            f"{found.calls:.2f} for each (at most {MOST_CALLS}).\n"
            f"A plan that finds all: {found.calls_present} API calls.\n"
            f"The longest chain, {' → '.join(map(str, found.chain))}: {found.longest:.1f} s.\n"
            f"The whole: {found.whole:.1f} s; less {CONSTANT:g} s, {found.time:.3f} of its longest chain "
            f"(at most {MOST_TIME})."
        )
        if not found.holds:
            raise CommandError("That is more than it may be.")
