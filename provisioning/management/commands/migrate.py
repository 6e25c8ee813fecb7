"""Django's own `migrate`, one at a time: two at once would meet in the same tables."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

LOCK = 0x5CA1E0  # any number, as long as it is always this one


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        # The lock is the session's, so it goes with that, which ends with the command.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        super().handle(*args, **options)
        connection.close()
