"""Static files of former releases, as one process reads them from the storage that all instances share."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.core.files.storage import Storage

from .breaker import REST, Breaker
from .memory import Memory
from .releases import MOST

MEMORY = 2_000_000  # bytes of what was read last
ENTRY = 300  # bytes that a name takes there besides what is in the file
ABSENT = 30.0  # seconds for which a file that was not there is not looked for again

logger = logging.getLogger("sleeping")


@dataclass(frozen=True)
class Held:
    content: bytes | None
    """None: there is no such file."""
    read: float
    """When, by the clock."""

    @property
    def size(self) -> int:
        return ENTRY + len(self.content or b"")


class Former:
    def __init__(self, storage: Storage, clock: Callable[[], float] = time.monotonic) -> None:
        """The storage gives up by itself within a second or two."""
        self._storage = storage
        self._clock = clock
        self._memory: Memory[Held] = Memory(MEMORY)
        self._breaker = Breaker(clock)

    def read(self, name: str) -> bytes | None:
        """What is in the file; None where there is none. Raises Away."""
        held = self._memory.get(name)
        if held and (held.content is not None or self._clock() - held.read < ABSENT):
            return held.content

        def tell(seconds: float, says: str) -> None:
            logger.error(
                'Static file %s of a former release: not read in time. STORAGES["releases"] says, after %.1f s: %s. '
                "See that it is there and that the site may read it; it is asked again in %.0f s.",
                *(name, seconds, says, REST),
            )

        content = self._breaker.ask(lambda: self._read(name), tell)
        self._memory.put(name, Held(content, self._clock()))
        return content

    def _read(self, name: str) -> bytes | None:
        try:
            with self._storage.open(name) as file:
                content = bytes(file.read(MOST + 1))
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        return content if len(content) <= MOST else None
