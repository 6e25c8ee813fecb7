"""HTTP/1.1 as far as a router reads it: where a head ends and where a body does. The rest is passed on as it is."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_HEAD = 65_536  # bytes; Envoy's usual limit is 60 KiB
CHUNK = 65_536  # bytes that are held of a body at a time
CHUNKED, TO_THE_END = -1, -2  # lengths of a body that is no number yet
OWN = frozenset((b"connection", b"keep-alive", b"proxy-connection", b"upgrade", b"http2-settings"))  # one hop's own
METHODS = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
NAME = METHODS
SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")
LENGTH = re.compile(rb"[0-9]{1,18}")


class Malformed(Exception):
    """What came is no HTTP/1.1, or two servers could read it in two ways."""


class Cut(Exception):
    """Who sends has gone in the middle."""


class Unwanted(Exception):
    """Who receives has gone in the middle."""


@dataclass(frozen=True, slots=True)
class Head:
    first: bytes
    fields: list[tuple[bytes, bytes]]  # the name in small letters, and the whole line

    @classmethod
    def parse(cls, raw: bytes) -> "Head":
        if raw.count(b"\n") != raw.count(b"\r\n"):
            raise Malformed("a line ends with half of its end")
        first, *lines = raw.strip(b"\r\n").split(b"\r\n")
        fields = []
        for line in lines:
            name, colon, _ = line.partition(b":")
            if not colon or not NAME.fullmatch(name):
                raise Malformed("a line is no field")
            fields.append((name.lower(), line))
        return cls(first, fields)

    def values(self, name: bytes) -> list[bytes]:
        return [line.partition(b":")[2].strip() for each, line in self.fields if each == name]

    def words(self, name: bytes) -> list[bytes]:
        return [word.strip().lower() for value in self.values(name) for word in value.split(b",") if word.strip()]

    def lines(self, *without: bytes) -> Iterator[bytes]:
        """All that the next one is told: not what a hop says to its neighbour."""
        words = self.words(b"connection")
        named = {word for word in words if word not in (b"content-length", b"transfer-encoding", b"host")}
        return (line for name, line in self.fields if name not in OWN and name not in named and name not in without)

    @property
    def length(self) -> int | None:
        """Of the body, as the fields have it; None where they don't."""
        coding, lengths = self.words(b"transfer-encoding"), set(self.values(b"content-length"))
        if coding:
            if coding != [b"chunked"] or lengths:
                raise Malformed("the body's length is said in two ways")
            return CHUNKED
        if not lengths:
            return None
        length = lengths.pop()
        if lengths or not LENGTH.fullmatch(length):
            raise Malformed("the body's length is no number")
        return int(length)


@dataclass(frozen=True, slots=True)
class Request:
    head: Head
    method: bytes
    version: bytes
    length: int
    keeps: bool
    """Whether the client means to ask again on this connection."""

    @classmethod
    def of(cls, head: Head) -> "Request":
        parts = head.first.split(b" ")
        if len(parts) != 3 or not METHODS.fullmatch(parts[0]) or parts[2] not in (b"HTTP/1.0", b"HTTP/1.1"):
            raise Malformed("the first line is no request")
        words = head.words(b"connection")
        keeps = b"close" not in words if parts[2] == b"HTTP/1.1" else b"keep-alive" in words
        return cls(head, parts[0], parts[2], head.length or 0, keeps)

    @property
    def upgrades(self) -> bool:
        """To another protocol. An offer of HTTP/2 may be passed over."""
        return b"upgrade" in self.head.words(b"connection") and self.head.words(b"upgrade") != [b"h2c"]

    def passed_on(self, visitor: str) -> bytes:
        """The head for the instance, on a connection that is for this request alone."""
        seen = [*self.head.values(b"x-forwarded-for"), visitor.encode()]
        return b"\r\n".join(
            (
                self.head.first,
                *self.head.lines(b"x-forwarded-for"),
                b"X-Forwarded-For: " + b", ".join(seen),
                b"Connection: close\r\n\r\n",
            )
        )


@dataclass(frozen=True, slots=True)
class Response:
    head: Head
    status: int
    length: int

    @classmethod
    def of(cls, head: Head, method: bytes) -> "Response":
        parts = head.first.split(b" ", 2)
        if len(parts) < 2 or not parts[0].startswith(b"HTTP/1.") or not (parts[1].isdigit() and len(parts[1]) == 3):
            raise Malformed("the first line is no answer")
        status = int(parts[1])
        bodiless = method == b"HEAD" or status < 200 or status in (204, 304)
        length = head.length
        return cls(head, status, 0 if bodiless else TO_THE_END if length is None else length)


async def read_head(reader: asyncio.StreamReader) -> Head | None:
    """None when the connection ends before it. Raises Malformed, Cut."""
    try:
        return Head.parse(await reader.readuntil(b"\r\n\r\n"))
    except asyncio.IncompleteReadError as cut:
        if cut.partial.strip(b"\r\n"):
            raise Cut from None
        return None
    except asyncio.LimitOverrunError:
        raise Malformed("the head is too long") from None
    except OSError:
        raise Cut from None


async def pass_body(length: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recode: bool) -> None:
    """From one to the other, a piece at a time; `recode` gives one without a length chunks. Raises Cut, Unwanted."""
    if length == CHUNKED:
        await pass_chunks(reader, writer)
    elif length == TO_THE_END:
        await pass_to_the_end(reader, writer, recode)
    else:
        await pass_bytes(length, reader, writer)


async def pass_bytes(length: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while length:
        piece = await read(reader, min(length, CHUNK))
        if not piece:
            raise Cut
        length -= len(piece)
        await write(writer, piece)


async def pass_chunks(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        line = await read_line(reader)
        text = line.split(b";")[0].strip()
        if not SIZE.fullmatch(text):  # Python would take -1, 0x1 and 1_0 for numbers, too
            raise Malformed("a chunk has no size")
        size = int(text, 16)
        await write(writer, line)
        if size == 0:
            break
        await pass_bytes(size + 2, reader, writer)
    while True:  # the trailer, which ends with an empty line
        line = await read_line(reader)
        await write(writer, line)
        if line == b"\r\n":
            return


async def pass_to_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, recode: bool) -> None:
    while piece := await read(reader, CHUNK):
        await write(writer, b"%x\r\n%b\r\n" % (len(piece), piece) if recode else piece)
    if recode:
        await write(writer, b"0\r\n\r\n")


async def read(reader: asyncio.StreamReader, most: int) -> bytes:
    try:
        return await reader.read(most)
    except OSError:
        raise Cut from None


async def read_line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n")
    except (asyncio.IncompleteReadError, OSError):
        raise Cut from None
    except asyncio.LimitOverrunError:
        raise Malformed("a line is too long") from None


async def write(writer: asyncio.StreamWriter, piece: bytes) -> None:
    try:
        writer.write(piece)
        await writer.drain()
    except OSError:
        raise Unwanted from None
