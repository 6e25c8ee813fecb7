"""The port that a cluster's endpoint shows: who may pass by token, and who is up to PostgreSQL itself."""

import asyncio
import socket
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg2

from ..own_session import OwnSession
from ..ports import LOOPBACK, hold_port
from ..postgres import Postgres
from ..relay import loop
from ..rules import Manner
from . import wire
from .relay import End, relay
from .token import NotAdmitted

PATIENCE = 60.0  # seconds for a client to say who it is; PostgreSQL's authentication_timeout

# On RDS, a line of pg_hba.conf. Who may only pass rds_iam on, as the master, has a password still.
USES_IAM = """
SELECT pg_has_role(rolname, 'rds_iam', 'USAGE') OR pg_has_role(rolname, 'rds_iam', 'SET')
FROM pg_roles WHERE rolname = %s AND NOT rolsuper
"""

Answer = TypeVar("Answer")


class Front:
    """Refuses connections until it is opened for the first time, and ends them while it is shut.

    `admit` gets user and token, and raises NotAdmitted. `awake` is asked at each attempt to connect, and as long
    as it says no the client meets what `shows` says: see Manner.
    """

    def __init__(
        self,
        server: Postgres,
        own: OwnSession,
        admit: Callable[[str, str], None],
        awake: Callable[[], bool],
        shows: Callable[[], Manner],
        say: Callable[[str], None],
    ) -> None:
        self._server = server
        self._own = own
        self._admit = admit
        self._awake = awake
        self._shows = shows
        self._say = say
        self._held: socket.socket | None = hold_port()
        self.port = int(self._held.getsockname()[1])
        self._loop = loop()
        self._listener: asyncio.Server | None = None
        self._open = False
        self._sessions: set[asyncio.Task[None]] = set()
        self._idle_since = time.monotonic()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def idle_seconds(self) -> float:
        """How long ago the last client left; 0 while there is one."""
        return 0 if self._sessions else time.monotonic() - self._idle_since

    def open(self) -> None:
        if self._held is not None:
            started = asyncio.start_server(self._serve, sock=self._held)
            self._listener = asyncio.run_coroutine_threadsafe(started, self._loop).result()
            self._held = None
        self._idle_since = time.monotonic()
        self._open = True

    def end_sessions(self) -> None:
        """Returns when they are gone."""
        if self._listener is not None and self._loop.is_running():
            asyncio.run_coroutine_threadsafe(self._end_sessions(), self._loop).result(timeout=PATIENCE)

    def shut(self) -> None:
        self._open = False
        self.end_sessions()

    def close(self) -> None:
        self.shut()
        if self._held is not None:
            self._held.close()
            self._held = None
        if self._listener is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._listener.close)

    def revive(self) -> None:
        """After the cloud was stopped: shut, at the same port, or at another if somebody has taken that."""
        self._loop, self._listener, self._sessions, self._open = loop(), None, set(), False
        self._idle_since = time.monotonic()
        self._held = hold_port(self.port)
        port = int(self._held.getsockname()[1])
        if port != self.port:
            self._say(f"port {self.port} is another program's now: the endpoint moves to port {port}")
            self.port = port

    async def _end_sessions(self) -> None:
        sessions = list(self._sessions)
        for session in sessions:
            session.cancel()
        await asyncio.gather(*sessions, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.current_task()
        assert session is not None
        self._sessions.add(session)
        try:
            if self._open:
                await self._sign_in_and_relay(reader, writer)
        except (OSError, EOFError, ValueError, psycopg2.OperationalError):
            # Either side has gone or talks no sense. A client sees the end of its connection, as on AWS.
            pass
        finally:
            self._sessions.discard(session)
            self._idle_since = time.monotonic()
            writer.close()

    async def _sign_in_and_relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._awake()  # AWS: an attempt that comes to nothing is one, too
        startup = await in_time(wire.read_startup(reader, writer))
        while not self._awake():
            if reader.at_eof() or self._shows() == "close":
                return
            if self._shows() == "no-pg-hba":
                writer.write(no_entry_for(startup))
                await writer.drain()
                return
            await asyncio.sleep(0.02)
        behind = await self._sign_in(startup, reader, writer)
        if behind is not None:
            await relay(reader, writer, startup.packet, behind)

    async def _sign_in(
        self, startup: wire.Startup, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> End | None:
        """A connection to the server that asks for a password, or, after a good token, for none."""
        if startup.cancels or not await asyncio.to_thread(self._uses_iam, startup.user):
            return (await self._loop.create_connection(End, LOOPBACK, self._server.port))[1]
        writer.write(wire.ASK_FOR_PASSWORD)
        token = await in_time(wire.read_password(reader))
        try:
            await asyncio.to_thread(self._admit, startup.user, token)
        except NotAdmitted as refusal:
            self._say(f"sign-in of {startup.user} refused: {refusal}")
            writer.write(wire.fatal("28000", f'PAM authentication failed for user "{startup.user}"'))
            await writer.drain()
            return None
        return (await self._loop.create_unix_connection(End, self._server.socket))[1]

    def _uses_iam(self, user: str) -> bool:
        found = self._own.ask(USES_IAM, [user])
        return bool(found and found[0])


def no_entry_for(startup: wire.Startup) -> bytes:
    """It misleads: seen in a report of what the real one says while it resumes, and of none once it has.

    https://github.com/cyrilgdn/terraform-provider-postgresql/issues/540, which had SSL encryption.
    """
    who = f'host "{LOOPBACK}", user "{startup.user}", database "{startup.database}", no encryption'
    return wire.fatal("28000", f"no pg_hba.conf entry for {who}")


async def in_time(answer: Awaitable[Answer]) -> Answer:
    return await asyncio.wait_for(answer, PATIENCE)
