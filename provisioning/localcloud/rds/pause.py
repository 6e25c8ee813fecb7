"""The pause of a database with a minimum capacity of 0, of which neither status nor endpoint tell.

PostgreSQL itself goes on running: what a client can see of a pause is that it has to wait.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from ..ground import ground, lasting

# Seconds of ours: at high speed, a client that was told to come back in a few seconds would always come too late.
LEAST = 3.0

TIMES = ("_awake_since", "_paused_since")

A_DAY = 86_400  # seconds of AWS's; one that has paused for longer sleeps deeper, AWS documents


class Pause:
    """`seconds` are AWS's, until an unused database pauses; None for one that never does."""

    def __init__(self, seconds: Callable[[], float | None], say: Callable[[str], None]) -> None:
        self._seconds = seconds
        self._say = say
        self._state = "awake"
        self._awake_since = self._paused_since = time.monotonic()
        self._lock = threading.Lock()

    @property
    def paused(self) -> bool:
        return self._state == "paused"

    def is_due(self, idle_seconds: float) -> bool:
        wanted = self._seconds()
        if wanted is None or self._state != "awake":
            return False
        unused = min(idle_seconds, time.monotonic() - self._awake_since)
        return unused >= max(wanted / ground().clock.speed, LEAST)

    def begin(self, still_idle: Callable[[], bool]) -> None:
        """Asks again once nobody can come in any more: whoever is in by then stays."""
        with self._lock:
            if self._state != "awake" or not still_idle():
                return
            self._state = "paused"
            self._paused_since = time.monotonic()
        self._say("paused")

    def wake(self) -> bool:
        """Whether it is awake; if it is not, it will be."""
        with self._lock:
            if self._state != "paused":
                return self._state == "awake"
            self._state = "resuming"
        self._say("resuming")
        ground().begin(self._resume)
        return False

    def forget(self) -> None:
        """Without a server there is nothing to wake."""
        with self._lock:
            self._state = "awake"
            self._awake_since = time.monotonic()

    @lasting
    def _resume(self) -> None:
        clock = ground().clock
        slept = (time.monotonic() - self._paused_since) * clock.speed
        clock.timer("rds resume" if slept < A_DAY else "rds resume after a day").rest()
        with self._lock:
            if self._state != "resuming":
                return
            self._state = "awake"
            self._awake_since = time.monotonic()
        self._say("awake")

    # Its times are written as ages: the machine counts from its start, and the cloud's time stands still meanwhile.

    def __getstate__(self) -> dict[str, Any]:
        now = time.monotonic()
        return vars(self) | {name: now - vars(self)[name] for name in TIMES}

    def __setstate__(self, state: dict[str, Any]) -> None:
        now = time.monotonic()
        vars(self).update(state | {name: now - state[name] for name in TIMES})
