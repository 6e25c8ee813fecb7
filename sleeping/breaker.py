"""A storage that fails, or is slow, is let rest: it costs one visitor a wait, and the next ones none."""

import time
from collections.abc import Callable
from threading import Lock
from typing import TypeVar

from .faults import faults

Result = TypeVar("Result")

REST = 20.0  # seconds for which it is not asked again
SLOW = 2.0  # seconds; one that takes longer is let rest as well


class Away(Exception):
    """The storage has failed, or rests."""


class Breaker:
    """The circuit breaker of one storage."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.slow = SLOW
        self._asks_again = 0.0  # when, by the clock; 0 while the storage answers
        self._lock = Lock()

    @property
    def is_open(self) -> bool:
        return self.clock() < self._asks_again

    def ask(self, attempt: Callable[[], Result], tell: Callable[[float, str], None]) -> Result:
        """What the storage answers. Raises Away.

        `tell` is called once for each rest: after how many seconds it said what.
        """
        if self._rests():
            raise Away
        began = self.clock()
        try:
            result = attempt()
        except faults() as error:
            self._asks_again = self.clock() + REST
            tell(self.clock() - began, f"{type(error).__name__}: {error}")
            raise Away from error
        seconds = self.clock() - began
        self._asks_again = self.clock() + REST if seconds > self.slow else 0.0
        if seconds > self.slow:
            tell(seconds, "done")
        return result

    def _rests(self) -> bool:
        """When its rest is over, one request asks; the others go by what that one finds."""
        with self._lock:
            if self.is_open:
                return True
            if self._asks_again:
                self._asks_again = self.clock() + REST
            return False
