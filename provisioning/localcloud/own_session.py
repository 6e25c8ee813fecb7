"""RDS's own session in a PostgreSQL, kept open: to open one takes longer than what it is asked."""

import threading
from collections.abc import Sequence
from typing import Any

import psycopg2

from .postgres import Postgres


class OwnSession:
    """It takes one of the server's slots, as RDS's do on AWS."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._connection: Any = None
        self._lock = threading.Lock()

    def ask(self, statement: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        """The first row. Raises psycopg2.OperationalError when the server does not answer."""
        with self._lock:
            if self._connection is not None:
                try:
                    return self._ask(statement, values)
                except (psycopg2.OperationalError, psycopg2.InterfaceError):
                    self._close()  # the server was restarted meanwhile
            self._connection = self._server.connect()
            return self._ask(statement, values)

    def close(self) -> None:
        with self._lock:
            self._close()

    def __getstate__(self) -> dict[str, Any]:
        """Another one is opened after the cloud was stopped."""
        return vars(self) | {"_connection": None}

    def _ask(self, statement: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement, values)
            row: tuple[Any, ...] | None = cursor.fetchone()
            return row

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
