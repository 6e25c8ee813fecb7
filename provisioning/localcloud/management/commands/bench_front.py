"""`make bench-front`: what the endpoint of a local database costs its clients, as ratios."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ...bench_front import measure_front
from ...cloud import LocalCloud
from ...demo.terminal import SPEED, point_at
from ...front.bench import MOST, TURNS, Compared, Failed, Measured


class Command(BaseCommand):
    help = "Shows the site's first page by a local database's endpoint and by PostgreSQL itself, in turns."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--turns", type=int, default=TURNS, help=f"how often each has its turn (default: {TURNS})")

    def handle(self, *args: Any, **options: Any) -> None:
        with LocalCloud(speed=SPEED * 10) as cloud:
            point_at(cloud)
            try:
                found = measure_front(Path(settings.BASE_DIR) / "manage.py", cloud.region, options["turns"])
            except Failed as failed:
                raise CommandError(str(failed)) from None
        for line in told(found):
            self.stdout.write(line)
        if not found.holds:
            raise CommandError("That is more than it may be.")


def told(found: Measured) -> list[str]:
    return [
        f"A page of {found.queries} queries: {in_words(found.page)} (at most {MOST}).",
        f"A query that takes no time itself: {in_words(found.query)}.",
        f"A new connection: {in_words(found.connection)}.",
    ]


def in_words(each: Compared) -> str:
    return (
        f"{each.by_front * 1000:.2f} ms by the endpoint, {each.directly * 1000:.2f} ms without, {each.ratio:.2f} times"
    )
