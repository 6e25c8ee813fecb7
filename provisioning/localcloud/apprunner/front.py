"""A service's address: a port that stays, while the instances behind it come and go."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from ..ground import ground
from ..ports import LOOPBACK, hold_port
from ..relay import loop, on
from . import http1
from .autoscaling import Configuration
from .conversation import Conversation
from .errors import DeploymentFailed
from .instances import Instance, Instances
from .program import Program
from .tally import Tally

LIMIT = 120.0  # seconds of ours for one request: App Runner's guide, "a total of 120 seconds"
LOOK = 0.2  # seconds between two looks at who is idle
BACKLOG = 1024  # connections that wait to be let in

Start = Callable[[], Program]
"""Starts one more instance and returns when it is healthy; raises DeploymentFailed, and has told of it."""


class Client(asyncio.StreamReaderProtocol):
    """Nothing more is done for one who leaves. Who ends only their own half has left, too, as for Envoy (believed)."""

    def __init__(self, follow: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]) -> None:
        super().__init__(asyncio.StreamReader(http1.LONGEST_HEAD), self._begin)
        self._follow = follow
        self._following: asyncio.Task[None] | None = None

    async def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._following = asyncio.current_task()
        await self._follow(reader, writer)

    def eof_received(self) -> bool | None:
        self._leave()
        return super().eof_received()

    def connection_lost(self, error: Exception | None) -> None:
        self._leave()
        super().connection_lost(error)

    def _leave(self) -> None:
        following, self._following = self._following, None
        if following is not None:
            following.cancel()


class Front:
    def __init__(self) -> None:
        self.port = 0
        self.revive()

    def revive(self) -> None:
        """At the same port as before the cloud was stopped, or at another if somebody has taken that."""
        self.limit = LIMIT
        self.instances = Instances()
        self.shift = 0  # counts the times that it has come to rest
        self._loop = loop()
        held = hold_port(self.port)
        self.port = int(held.getsockname()[1])
        self._server, self._watch = asyncio.run_coroutine_threadsafe(self._open(held), self._loop).result()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    @property
    def size(self) -> int:
        return len(self.instances.all)

    def serve(self, programs: list[Program], scaling: Configuration, start: Start) -> None:
        """They are healthy, and get all requests from now on; who had them before ends them, and goes."""

        def start_one(turn: int) -> None:
            ground().begin(self._add, start, turn)

        on(self._loop, lambda: self.instances.serve([Instance(each) for each in programs], scaling, start_one))

    def rest(self) -> None:
        """From now on nobody answers."""
        self.shift += 1
        on(self._loop, self.instances.close)

    def __getstate__(self) -> dict[str, int]:
        """All that is remembered when the cloud stops; `revive` makes the rest anew."""
        return {"port": self.port}

    def take_tally(self) -> Tally:
        """What has been since the last time."""

        def take() -> Tally:
            taken, self.instances.tally = self.instances.tally, Tally(concurrency=self.instances.in_hand)
            return taken

        return on(self._loop, take)

    def close(self) -> None:
        def close() -> None:
            self._server.close()
            self._watch.cancel()

        self.rest()
        on(self._loop, close)

    def _add(self, start: Start, turn: int) -> None:
        try:
            program = start()
        except DeploymentFailed:
            on(self._loop, lambda: self.instances.not_started(turn))
        else:
            on(self._loop, lambda: self.instances.join(Instance(program), turn))

    async def _open(self, held: socket.socket) -> tuple[asyncio.Server, asyncio.Task[None]]:
        server = await self._loop.create_server(lambda: Client(self._follow), sock=held, backlog=BACKLOG)
        return server, asyncio.ensure_future(self._look_after())

    async def _follow(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # asyncio does it by itself, but not for a socket that was made as ours: each answer would wait for 40 ms.
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            await Conversation(self.instances, reader, writer, self.limit).follow()
        except asyncio.CancelledError:  # the client leaves, or the cloud stops; asyncio would print that of each
            writer.transport.abort()

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            self.instances.look()
