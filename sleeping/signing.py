"""Signed addresses of the default storage: who makes them, how long each holds, and which are handed out again.

A storage that signs has a method `sign(wanted, seconds) -> Signed`; it raises CannotSign. scale0site/s3.py is one.
"""

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Self

from django.core.files.storage import default_storage

ROOM = 1000
"""Addresses that a process remembers: with a role's token each has 2 KB."""
PAUSE = 5.0  # seconds in which nothing is tried again after a failure: to ask for a role's keys in vain takes seconds

logger = logging.getLogger("sleeping")


class CannotSign(Exception):
    """What the storage says, and what to do."""


@dataclass(frozen=True)
class Wanted:
    """A file of the storage, and the headers that it shall be sent with; empty ones are the storage's to choose."""

    name: str
    content_type: str = ""
    disposition: str = ""
    cache_control: str = ""
    method: str = "GET"
    """A signature holds for one method."""

    def __str__(self) -> str:
        return json.dumps([self.name, self.content_type, self.disposition])

    @classmethod
    def of(cls, text: str) -> Self:
        """As `str` wrote it down."""
        return cls(*json.loads(text))


@dataclass(frozen=True)
class Signed:
    url: str
    until: float
    """When it ends, in seconds since 1970. No monotonic clock: one stands still while Lambda freezes a process."""


def signs() -> bool:
    """Whether the default storage signs. A folder does not."""
    return hasattr(default_storage, "sign")


class Signatures:
    """What was signed lately, for the next who wants the same: a browser keeps a picture by its whole address."""

    def __init__(self, sign: Callable[[Wanted, int], Signed], now: Callable[[], float] = time.time) -> None:
        self._sign = sign
        self.now = now
        self._lock = Lock()
        self._kept: OrderedDict[Wanted, tuple[Signed, float]] = OrderedDict()
        self._failed: tuple[float, CannotSign] | None = None

    def of(self, wanted: Wanted, seconds: int) -> Signed:
        """At least half of what it held for when it was made is still to come. Raises CannotSign."""
        now = self.now()
        with self._lock:
            signed, renewed_at = self._kept.get(wanted, (None, 0.0))
            if signed is not None and now < renewed_at:
                self._kept.move_to_end(wanted)
                return signed
        signed = self.fresh(wanted, seconds)
        with self._lock:
            self._kept[wanted] = signed, now + (signed.until - now) / 2
            self._kept.move_to_end(wanted)
            while len(self._kept) > ROOM:
                self._kept.popitem(last=False)
        return signed

    def fresh(self, wanted: Wanted, seconds: int) -> Signed:
        """For this one alone. Raises CannotSign, of which the log is told."""
        if self._failed and self.now() - self._failed[0] < PAUSE:
            raise self._failed[1]
        try:
            return self._sign(wanted, seconds)
        except CannotSign as error:
            self._failed = self.now(), error
            logger.error("The file %s: its address could not be signed. %s", wanted.name, error)
            raise


signatures = Signatures(lambda wanted, seconds: default_storage.sign(wanted, seconds))
