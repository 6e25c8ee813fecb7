"""Static files of former releases, as one process reads them from the storage that all instances share."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from django.core.files.storage import Storage

from .faults import faults
from .releases import MOST

MEMORY = 2_000_000  # bytes of what was read last
ENTRY = 300  # bytes that a name takes there besides what is in the file
ABSENT = 30.0  # seconds for which a file that was not there is not looked for again
REST = 10.0  # seconds for which a storage that failed is not asked again
SLOW = 2.0  # seconds; one that takes longer is let rest as well

logger = logging.getLogger("sleeping")


class Away(Exception):
    """The storage cannot be asked now."""


@dataclass(frozen=True)
class Held:
    content: bytes | None
    """None: there is no such file."""
    read: float
    """When, by the clock."""

    @property
    def size(self) -> int:
        return ENTRY + len(self.content or b"")


class Memory:
    """What was read last, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = 0
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> Held | None:
        with self._lock:
            held = self._held.get(name)
            if held:
                self._held.move_to_end(name)
            return held

    def put(self, name: str, held: Held) -> None:
        with self._lock:
            self._forget(name)
            if held.size > self.most:
                return
            self._held[name] = held
            self.bytes += held.size
            while self.bytes > self.most:
                self._forget(next(iter(self._held)))

    def _forget(self, name: str) -> None:
        if held := self._held.pop(name, None):
            self.bytes -= held.size


class Former:
    def __init__(self, storage: Storage, clock: Callable[[], float] = time.monotonic) -> None:
        """The storage gives up by itself within a second or two."""
        self._storage = storage
        self._clock = clock
        self._memory = Memory(MEMORY)
        self._asks_again = 0.0  # when, by the clock; 0 while the storage answers
        self._lock = Lock()

    def read(self, name: str) -> bytes | None:
        """What is in the file; None where there is none. Raises Away."""
        held = self._memory.get(name)
        if held and (held.content is not None or self._clock() - held.read < ABSENT):
            return held.content
        if self._rests():
            raise Away
        began = self._clock()
        try:
            content = self._read(name)
        except faults() as error:
            self._let_rest(name, f"{type(error).__name__}: {error}", began)
            raise Away from error
        self._memory.put(name, Held(content, self._clock()))
        if self._clock() - began > SLOW:
            self._let_rest(name, "here it is", began)
        else:
            self._asks_again = 0.0
        return content

    def _read(self, name: str) -> bytes | None:
        try:
            with self._storage.open(name) as file:
                content = bytes(file.read(MOST + 1))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        return content if len(content) <= MOST else None

    def _rests(self) -> bool:
        """When its rest is over, one request asks; the others go by what that one finds."""
        with self._lock:
            if self._asks_again and self._clock() < self._asks_again:
                return True
            if self._asks_again:
                self._asks_again = self._clock() + REST
            return False

    def _let_rest(self, name: str, says: str, began: float) -> None:
        self._asks_again = self._clock() + REST
        logger.error(
            'Static file %s of a former release: not read in time. STORAGES["releases"] says, after %.1f s: %s. '
            "See that it is there and that the site may read it; it is asked again in %.0f s.",
            *(name, self._clock() - began, says, REST),
        )
