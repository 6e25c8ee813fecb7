"""A service's address: a port that stays, while what answers behind it comes and goes.

App Runner moves traffic to a new version only when that one is healthy. So there are two at once for a
moment, on ports of their own, and this forwards connections to the one that has its turn.
"""

import asyncio
import contextlib
import threading

from ..ground import ground
from ..ports import LOOPBACK, hold_port

CLOSED = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
    b"No instance of this service is running.\n"
)


class Front:
    def __init__(self) -> None:
        self.port = 0
        self.revive()

    def revive(self) -> None:
        """At the same port as before the cloud was stopped, or at another if somebody has taken that."""
        self._behind: int | None = None
        self._server: asyncio.Server | None = None
        held = hold_port(self.port)
        self.port = int(held.getsockname()[1])
        future = asyncio.run_coroutine_threadsafe(asyncio.start_server(self._serve, sock=held), loop())
        self._server = future.result()

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def switch(self, port: int | None) -> None:
        """From now on new connections go there; None: nobody answers."""
        self._behind = port

    def close(self) -> None:
        if self._server is not None:
            loop().call_soon_threadsafe(self._server.close)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._behind is None:
                raise ConnectionRefusedError
            behind_reader, behind_writer = await asyncio.open_connection(LOOPBACK, self._behind)
        except OSError:
            await end(writer, CLOSED)
            return
        await asyncio.gather(pipe(reader, behind_writer), pipe(behind_reader, writer))
        await end(behind_writer)
        await end(writer)


async def pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction. Its end, a good one or a bad one, is passed on, and leaves the other direction open."""
    with contextlib.suppress(OSError):
        while chunk := await reader.read(65_536):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.write_eof()


async def end(writer: asyncio.StreamWriter, last_words: bytes = b"") -> None:
    with contextlib.suppress(OSError):
        if last_words:
            writer.write(last_words)
            await writer.drain()
        writer.close()
        await writer.wait_closed()


_loop: asyncio.AbstractEventLoop | None = None


def loop() -> asyncio.AbstractEventLoop:
    """One event loop, in a thread, for all services of a local cloud."""
    global _loop
    if _loop is None:
        new = asyncio.new_event_loop()
        thread = threading.Thread(target=new.run_forever, name="localcloud fronts", daemon=True)
        thread.start()

        def close() -> None:
            global _loop
            _loop = None
            asyncio.run_coroutine_threadsafe(cancel_all(), new).result()
            new.call_soon_threadsafe(new.stop)
            thread.join()
            new.close()

        ground().closing.append(close)
        _loop = new
    return _loop


async def cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
