"""`make bench-restart`: a local AWS with a site on it, stopped and started again."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ....images.source import Source
from ...bench import Failed
from ...bench_restart import MOST_MEMORY, MOST_SECONDS, measure_restart
from ...demo.terminal import SPEED
from ...exports import MISLEADING


class Command(BaseCommand):
    help = "Makes the site on a local AWS, stops that, and measures how soon it is back, and what it weighs."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        for name in MISLEADING:
            os.environ.pop(name, None)
        with tempfile.TemporaryDirectory(prefix="bench-restart-") as folder:
            Path(folder).chmod(0o755)  # PostgreSQL passes through
            try:
                found = measure_restart(Source(Path(settings.BASE_DIR)), Path(folder) / "cloud", SPEED, os.environ)
            except Failed as failed:
                raise CommandError(str(failed)) from None
        self.stdout.write(
            f"An empty local AWS answers after {found.empty:.1f} s.\n"
            f"With a site, started again: API, database and site answer after {found.seconds:.1f} s "
            f"(at most {MOST_SECONDS:g}), {found.busy:.1f} s of a processor's time.\n"
            f"All its processes take {found.memory:.0f} MB (at most {MOST_MEMORY:g}); "
            f"its folder holds {found.kept:.0f} MB."
        )
        if not found.holds:
            raise CommandError("That is more than it may be.")
