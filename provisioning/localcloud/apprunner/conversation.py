"""One client's connection to a service: request after request, each to the instance that has least to do."""

import asyncio
import contextlib
import time

from ..ports import LOOPBACK
from . import http1
from .instances import Closed, Full, Instance, Instances, Unreachable

LINGER = 2.0  # seconds for a client to notice that nobody reads what it still sends

# In the words of Envoy, which is in front of App Runner's instances. "Connection termination" is in apprunner-
# roadmap#92 as it was met, and 429 in #224 and #227; that it is 504 after 120 seconds, and 403 for a WebSocket,
# is Envoy's usual way (believed).
WORDS = {
    400: (b"Bad Request", b""),
    403: (b"Forbidden", b""),
    429: (b"Too Many Requests", b""),
    503: (b"Service Unavailable", b"upstream connect error or disconnect/reset before headers. reset reason: "),
    504: (b"Gateway Timeout", b"upstream request timeout"),
}


class Refusal(Exception):
    """App Runner's own answer."""

    def __init__(self, status: int, more: bytes = b"") -> None:
        super().__init__(status)
        self.status = status
        self.text = WORDS[status][1] + more


class Conversation:
    def __init__(
        self, instances: Instances, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, limit: float
    ) -> None:
        """`limit`: the seconds that a request may take, its body and its answer included."""
        self._instances = instances
        self._reader, self._writer = reader, writer
        self._limit = limit
        self._visitor = str((writer.get_extra_info("peername") or ("",))[0])
        self._answering = False  # whether some of the answer is on its way
        self._malformed = False  # whether the request's body is
        self._status = 0

    async def follow(self) -> None:
        try:
            while head := await http1.read_head(self._reader):
                if not await self._answer(head):
                    break
        except http1.Malformed:
            await self._refuse(Refusal(400))
        except (http1.Cut, http1.Unwanted):
            self._writer.transport.abort()
        finally:
            self._writer.close()

    async def _answer(self, head: http1.Head) -> bool:
        """Whether the connection is good for another request."""
        began = time.monotonic()
        self._answering, self._malformed, self._status = False, False, 0
        request = http1.Request.of(head)
        try:
            async with asyncio.timeout(self._limit):
                return await self._pass_on(request)
        except Refusal as refusal:
            if self._answering:
                raise http1.Cut from None
            return await self._refuse(refusal, request)
        except TimeoutError:
            if self._answering:
                raise http1.Cut from None
            return await self._refuse(Refusal(504), request)
        finally:
            if self._status:
                self._instances.tally.answered(self._status, time.monotonic() - began)

    async def _pass_on(self, request: http1.Request) -> bool:
        if request.upgrades:
            raise Refusal(403)
        refused: set[Instance] = set()
        while True:
            try:
                instance = await self._instances.take(refused)
            except Full:
                raise Refusal(429) from None
            except (Closed, Unreachable):
                raise Refusal(503, b"connection failure") from None
            try:
                behind = await asyncio.open_connection(LOOPBACK, instance.program.port, limit=http1.LONGEST_HEAD)
            except OSError:  # it has just died: nothing of the request has been lost with it
                refused.add(instance)
            else:
                return await self._through(request, *behind)
            finally:
                self._instances.give_back(instance)

    async def _through(self, request: http1.Request, behind: asyncio.StreamReader, to: asyncio.StreamWriter) -> bool:
        upload = None
        try:
            to.write(request.passed_on(self._visitor))
            if request.length:
                upload = asyncio.ensure_future(self._upload(request, to))
            try:
                keeps = await self._download(request, behind)
            except (http1.Cut, http1.Malformed):
                raise (Refusal(400) if self._malformed else Refusal(503, b"connection termination")) from None
            if upload is None:
                return keeps
            if not upload.done():  # an answer before the question was out
                await self._part()
                return False
            return keeps and upload.result()
        finally:
            to.close()
            if upload is not None:
                upload.cancel()
                await asyncio.gather(upload, return_exceptions=True)

    async def _upload(self, request: http1.Request, to: asyncio.StreamWriter) -> bool:
        """Whether all of the body has gone to the instance."""
        try:
            await http1.pass_body(request.length, self._reader, to, recode=False)
        except http1.Unwanted:  # the instance reads no more: what it has answered, if anything, is what counts
            return False
        except (http1.Cut, http1.Malformed) as error:
            self._malformed = isinstance(error, http1.Malformed)
            to.transport.abort()
            return False
        return True

    async def _download(self, request: http1.Request, behind: asyncio.StreamReader) -> bool:
        while True:
            head = await http1.read_head(behind)
            if head is None:
                raise http1.Cut
            answer = http1.Response.of(head, request.method)
            if answer.status >= 200:
                break
            if answer.status == 101:  # nobody has asked for it
                raise http1.Malformed("another protocol")
            await http1.write(self._writer, b"\r\n".join((head.first, *head.lines(), b"\r\n")))
        recode = answer.length == http1.TO_THE_END and request.version == b"HTTP/1.1"
        keeps = request.keeps and (answer.length != http1.TO_THE_END or recode)
        lines = [b"HTTP/1.1" + head.first[8:], *head.lines()]
        if recode:
            lines.append(b"Transfer-Encoding: chunked")
        if not keeps:
            lines.append(b"Connection: close")
        elif request.version == b"HTTP/1.0":
            lines.append(b"Connection: keep-alive")
        said, left = b"\r\n".join((*lines, b"\r\n")), answer.length
        if 0 < left <= http1.CHUNK:  # with the head: one call of the system's less
            piece = await http1.read(behind, left)
            if not piece:
                raise http1.Cut
            said, left = said + piece, left - len(piece)
        self._answering, self._status = True, answer.status
        await http1.write(self._writer, said)
        await http1.pass_body(left, behind, self._writer, recode)
        return keeps

    async def _refuse(self, refusal: Refusal, request: http1.Request | None = None) -> bool:
        self._status = refusal.status
        keeps = request is not None and request.keeps and not request.length
        text = b"" if request is not None and request.method == b"HEAD" else refusal.text
        self._writer.write(
            b"HTTP/1.1 %d %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nServer: envoy\r\n%b\r\n%b"
            % (
                refusal.status,
                WORDS[refusal.status][0],
                len(refusal.text),
                b"" if keeps else b"Connection: close\r\n",
                text,
            )
        )
        with contextlib.suppress(OSError):
            await self._writer.drain()
        if not keeps:
            await self._part()
        return keeps

    async def _part(self) -> None:
        """Lets the client read the answer though it still sends: to close at once would take it back."""
        with contextlib.suppress(OSError):  # a TimeoutError is one
            self._writer.write_eof()
            async with asyncio.timeout(LINGER):
                while await self._reader.read(http1.CHUNK):
                    pass
