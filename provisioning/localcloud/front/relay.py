"""One session that is passed on, byte by byte as it comes: as little between the two ends as asyncio allows."""

from __future__ import annotations

import asyncio

CHUNK = 65_536  # bytes


class End(asyncio.BufferedProtocol):
    """One of two. What the other one cannot take yet is not read; when one goes, so does the other."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: asyncio.Transport | None = None
        self.gone = asyncio.get_running_loop().create_future()
        self._buffer = memoryview(bytearray(CHUNK))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        assert self.other is not None
        # A copy: since Python 3.12 a transport keeps what it cannot send at once as it is.
        self.other.write(bytes(self._buffer[:nbytes]))

    def pause_writing(self) -> None:
        if self.other is not None:
            self.other.pause_reading()

    def resume_writing(self) -> None:
        if self.other is not None:
            self.other.resume_reading()

    def connection_lost(self, error: Exception | None) -> None:
        if self.other is not None:
            self.other.close()
        if not self.gone.done():
            self.gone.set_result(None)


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, first: bytes, back: End) -> None:
    """Until either end has gone. `first` goes to the back one, before what the client says from now on."""
    front = End()
    client = writer.transport
    assert isinstance(client, asyncio.Transport) and back.transport is not None
    try:
        client.pause_reading()
        reader.feed_eof()
        heard = first + await reader.read()  # what has come already is nothing, as a rule
        if client.is_closing():
            return
        back.transport.write(heard)
        front.transport, front.other, back.other = client, back.transport, client
        client.set_protocol(front)
        client.resume_reading()
        await asyncio.wait([front.gone, back.gone], return_when=asyncio.FIRST_COMPLETED)
    finally:
        back.transport.close()
