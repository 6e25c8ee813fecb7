"""How long things take on AWS, and the clock that lets that time pass faster here."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

# Seconds these usually take on AWS. AWS promises none of them: they are what its guides and people's logs
# show (believed, not measured), rounded. The state moves on when this time has passed *and* the real thing
# (a PostgreSQL that answers, a gunicorn that passes its health check) is there.
USUAL: dict[str, float] = {
    "rds create cluster": 60,
    "rds modify cluster": 30,
    "rds delete cluster": 90,
    "rds create instance": 300,
    "rds modify instance": 30,
    "rds delete instance": 240,
    "apprunner create": 240,
    "apprunner update": 180,
    "apprunner deploy": 180,
    "apprunner delete": 90,
    "apprunner pause": 60,
    "apprunner resume": 60,
    "apprunner add instance": 5,  # where it is needed for the load
    # A deleted service is still described, as DELETED, for about an hour. Shorter here, so that a test can
    # see it go.
    "apprunner forget": 600,
    "apprunner release connector": 120,
    "apprunner release interfaces": 60,
    "lambda create": 60,
    "lambda update": 15,
    # Lambda's guide says up to 20 minutes, people have met 40; most go sooner.
    "lambda release interfaces": 300,
    # Lambda's guide: a minute before the first retry, two before the second.
    "lambda first retry": 60,
    "lambda second retry": 120,
    "rds resume": 15,  # of a database that paused less than a day ago
    "rds resume after a day": 30,
    # AWS documents that it waits so long, after it woke for something else than a client.
    "rds stay up after service": 1200,
    "rds scale up": 1,
    "rds scale down": 30,
    "rds reboot instance": 60,
    "rds failover": 30,
    "rds stop cluster": 240,
    "rds start cluster": 420,
    "rds data transaction": 180,  # until one that nobody uses is rolled back
    "codebuild build": 180,
}


class Stopped(Exception):
    """The local cloud is stopping: whatever waits gives up."""


class Pace(Protocol):
    """What makes things slower than they usually are."""

    def stretch(self, what: str) -> float:
        """How many times longer it takes."""

    def holds(self, what: str) -> bool:
        """Whether it does not come to its end at all."""


class Clock:
    """AWS's time: `speed` of its seconds pass in one of ours."""

    def __init__(self, speed: float, pace: Callable[[], Pace] | None = None) -> None:
        self.speed = speed
        self._pace = pace
        self._stopping = threading.Event()
        self._held: Counter[str] = Counter()

    def local_seconds(self, what: str) -> float:
        return USUAL[what] * (self._pace().stretch(what) if self._pace else 1.0) / self.speed

    def timer(self, what: str) -> "Timer":
        return Timer(self, what)

    @contextmanager
    def hold(self, what: str) -> Iterator[None]:
        """What takes this time does not come to its end meanwhile."""
        if what not in USUAL:
            raise KeyError(what)
        self._held[what] += 1
        try:
            yield
        finally:
            self._held[what] -= 1

    def holds(self, what: str) -> bool:
        return self._held[what] > 0 or (self._pace is not None and self._pace().holds(what))

    def sleep(self, local_seconds: float) -> None:
        """Raises Stopped when the cloud stops meanwhile."""
        if self._stopping.wait(max(local_seconds, 0)):
            raise Stopped

    def stop(self) -> None:
        self._stopping.set()

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()


class Timer:
    """Runs beside real work, so that the longer of the two counts."""

    def __init__(self, clock: Clock, what: str) -> None:
        self._clock = clock
        self._what = what
        self._end = time.monotonic() + clock.local_seconds(what)

    def rest(self) -> None:
        """Waits for what is left of the usual time."""
        self._clock.sleep(self._end - time.monotonic())
        while self._clock.holds(self._what):
            self._clock.sleep(0.01)
