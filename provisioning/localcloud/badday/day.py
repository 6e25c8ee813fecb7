"""What a bad day is, and the chance by which it strikes."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import Counter
from typing import ClassVar

from ..answers import Answer, Refused
from ..calls import Call


class Chance:
    """The same for the same seed and the same calls, whichever thread makes them."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._counts: Counter[tuple[object, ...]] = Counter()
        self._lock = threading.Lock()

    def of(self, *what: object) -> float:
        """A number from 0 to 1 that belongs to it."""
        digest = hashlib.sha256(repr((self._seed, *what)).encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64

    def count(self, *what: object) -> int:
        """How often this was asked before."""
        with self._lock:
            self._counts[what] += 1
            return self._counts[what] - 1


class Spell:
    """A time that something lasts: so many of AWS's seconds, and at least so many of ours, or nobody would notice."""

    def __init__(self, seconds: float, least: float) -> None:
        self._seconds, self._least = seconds, least

    def end(self, speed: float, part: float) -> float:
        """On the monotonic clock, if it begins now and this part of it is to be served (0 to 1)."""
        return time.monotonic() + max(self._seconds / speed, self._least) * part


class BadDay:
    """One kind. What a kind doesn't say goes on as on any other day."""

    name: ClassVar[str]
    """As `--bad-day` takes it."""
    source: ClassVar[str]
    """Who says that AWS does so."""

    def __init__(self, chance: Chance, speed: float) -> None:
        self.chance, self.speed = chance, speed

    def refuse(self, call: Call, caller: str) -> Refused | None:
        """What is said before the call has any effect; `caller` is an ARN."""
        return None

    def instead(self, call: Call) -> Answer | None:
        """An answer that is no longer, or not yet, true."""
        return None

    def after(self, call: Call, answer: Answer) -> None:
        """Takes note of what has happened."""

    def loses(self, call: Call, answer: Answer) -> bool:
        """Whether nobody gets this answer."""
        return False

    def stretch(self, what: str) -> float:
        """How many times longer than usual this takes (a name in `times.py`)."""
        return 1.0

    def holds(self, what: str) -> bool:
        """Whether what takes this time does not come to its end at all."""
        return False
