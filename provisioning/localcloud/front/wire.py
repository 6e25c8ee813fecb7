"""As much of PostgreSQL's protocol as is spoken before a session is relayed.

PostgreSQL documents it under "Message Formats": a length counts itself, a string ends with a zero byte.
"""

import asyncio
import struct
from dataclasses import dataclass

SSL, GSS, CANCEL = 80877103, 80877104, 80877102
NO = b"N"
ASK_FOR_PASSWORD = struct.pack("!cii", b"R", 8, 3)  # AuthenticationCleartextPassword
LONGEST = 100_000  # bytes; PostgreSQL itself takes 10,000 at the start and 65,535 for a password


@dataclass(frozen=True)
class Startup:
    packet: bytes
    cancels: bool
    user: str
    database: str


async def read_startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Startup:
    """What the client begins with, once it has been told that there is no encryption here."""
    while True:
        head = await reader.readexactly(8)
        length, code = struct.unpack("!ii", head)
        packet = head + await reader.readexactly(checked(length, 8) - 8)
        if code not in (SSL, GSS):
            break
        writer.write(NO)
        await writer.drain()
    if code == CANCEL:
        return Startup(packet, True, "", "")
    words = packet[8:].split(b"\0")
    settings = dict(zip(words[::2], words[1::2], strict=False))
    user = settings.get(b"user", b"").decode()
    return Startup(packet, False, user, settings.get(b"database", b"").decode() or user)


async def read_password(reader: asyncio.StreamReader) -> str:
    kind, length = struct.unpack("!ci", await reader.readexactly(5))
    if kind != b"p":
        raise ValueError(f"a password was asked for, and a message {kind!r} came")
    return (await reader.readexactly(checked(length, 4) - 4)).rstrip(b"\0").decode()


def checked(length: int, least: int) -> int:
    if not least <= length <= LONGEST:
        raise ValueError(f"a message of {length} bytes")
    return length


def fatal(code: str, text: str) -> bytes:
    """An ErrorResponse: the last thing that a client hears."""
    fields = {"S": "FATAL", "V": "FATAL", "C": code, "M": text}
    body = b"".join(f"{name}{value}".encode() + b"\0" for name, value in fields.items()) + b"\0"
    return struct.pack("!ci", b"E", len(body) + 4) + body
