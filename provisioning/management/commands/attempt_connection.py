"""Try to connect to the site's database for some seconds, and say what was met: for `verify_aws`, by `remote`."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from ...attempt import attempt, signing


class Command(BaseCommand):
    help = "Makes one attempt to connect to the database, as the site would, and prints how it went, as JSON."
    requires_system_checks: list[str] = []  # they would connect

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=int, default=1, help="after which it is given up (default: 1)")
        parser.add_argument("--signed-for", metavar="USER", help="sign the token for another user than the one it is")

        parser.add_argument(
            "--signed-ago", metavar="SECONDS", type=int, default=0, help="sign as if it were so long ago"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections["default"]
        if connection.vendor != "postgresql":
            raise CommandError(f"The database is {connection.vendor}, which never sleeps. Point DATABASE_URL at one")
        with signing(options["signed_ago"]):
            parameters = connection.get_connection_params()
            if options["signed_for"]:
                connection.settings_dict["USER"] = options["signed_for"]
                parameters["password"] = connection.get_connection_params().get("password", "")
        self.stdout.write(attempt(parameters, options["seconds"]))
