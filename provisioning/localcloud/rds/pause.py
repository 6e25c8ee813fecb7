"""The pause of a database with a minimum capacity of 0, of which neither status nor endpoint tell.

PostgreSQL itself goes on running: what a client can see of a pause is that it has to wait.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from ..ground import ground, lasting
from ..processes import CommandFailed

# Seconds of ours: at high speed, a client that was told to come back in a few seconds would always come too late.
LEAST = 3.0

TIMES = ("_awake_since", "_paused_since", "_stays_until")

A_DAY = 86_400  # seconds of AWS's; one that has paused for longer sleeps deeper, AWS documents


class Pause:
    """`seconds` are AWS's, until an unused database pauses; None for one that never does.

    `tell` gets a word for each turn: pausing, canceled, paused, resuming, resumed. `prepare` is done on the way back.
    """

    def __init__(
        self, seconds: Callable[[], float | None], tell: Callable[[str], None], prepare: Callable[[], None]
    ) -> None:
        self._seconds = seconds
        self._tell = tell
        self._prepare = prepare
        self._state = "awake"
        self._awake_since = self._paused_since = time.monotonic()
        self._stays_until = 0.0
        self._lock = threading.Lock()

    @property
    def paused(self) -> bool:
        return self._state == "paused"

    @property
    def awake(self) -> bool:
        """Not while it resumes."""
        return self._state == "awake"

    def is_due(self, idle_seconds: float) -> bool:
        wanted = self._seconds()
        if wanted is None or self._state != "awake" or time.monotonic() < self._stays_until:
            return False
        unused = min(idle_seconds, time.monotonic() - self._awake_since)
        return unused >= max(wanted / ground().clock.speed, LEAST)

    def begin(self, still_idle: Callable[[], bool]) -> None:
        """Asks again once nobody can come in any more: whoever is in by then stays."""
        if self._state != "awake":
            return
        self._tell("pausing")
        with self._lock:
            pauses = self._state == "awake" and still_idle()
            if pauses:
                self._state = "paused"
                self._paused_since = time.monotonic()
            self._tell("paused" if pauses else "canceled")

    def wake(self) -> bool:
        """Whether it is awake; if it is not, it will be."""
        with self._lock:
            if self._state != "paused":
                return self._state == "awake"
            self._state = "resuming"
        self._tell("resuming")
        ground().begin(self._resume)
        return False

    def wake_for_service(self) -> None:
        """Because of something that an administrator does."""
        if not self.wake():
            self._stays_until = time.monotonic() + ground().clock.local_seconds("rds stay up after service")

    def forget(self) -> None:
        """Without a server there is nothing to wake."""
        with self._lock:
            self._state = "awake"
            self._awake_since = time.monotonic()

    @lasting
    def _resume(self) -> None:
        clock = ground().clock
        slept = (time.monotonic() - self._paused_since) * clock.speed
        timer = clock.timer("rds resume" if slept < A_DAY else "rds resume after a day")
        try:
            self._prepare()
        except CommandFailed as failure:  # as if it slept: the next attempt tries again
            ground().say(f"a database does not resume: {failure}")
            with self._lock:
                self._state = "paused"
            return
        timer.rest()
        with self._lock:
            if self._state != "resuming":
                return
            self._state = "awake"
            self._awake_since = time.monotonic()
        self._tell("resumed")

    # Its times are written as ages: the machine counts from its start, and the cloud's time stands still meanwhile.

    def __getstate__(self) -> dict[str, Any]:
        now = time.monotonic()
        return vars(self) | {name: now - vars(self)[name] for name in TIMES}

    def __setstate__(self, state: dict[str, Any]) -> None:
        now = time.monotonic()
        vars(self).update(state | {name: now - state[name] for name in TIMES})
