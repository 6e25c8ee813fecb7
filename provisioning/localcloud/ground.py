"""What the emulated services stand on: the clock, the folder, the processes, the voice.

moto makes its backends itself, with a region and an account and nothing else. So the ground is found here
instead of being handed to them, and there is one at a time in a process, as there is one moto.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from .processes import Processes
from .times import Clock, Stopped

if TYPE_CHECKING:
    from .containers import Containers

Work = tuple[Callable[..., None], tuple[object, ...]]
Worker = TypeVar("Worker", bound=Callable[..., None])


def lasting(work: Worker) -> Worker:
    """Marks work that goes on after the cloud was stopped and started again: `begin` begins it once more.

    From its beginning, and perhaps when it had just come to its end: so it has to bear that.
    """
    work.lasts = True  # type: ignore[attr-defined]
    return work


@dataclass
class Ground:
    clock: Clock
    folder: Path
    databases: Path
    listener: Callable[[str], None]
    containers: "Containers"
    endpoint: str = ""
    region: str = ""
    processes: Processes = field(default_factory=Processes)
    # moto is not made for threads, and our own work changes its records too.
    lock: threading.RLock = field(default_factory=threading.RLock)
    closing: list[Callable[[], None]] = field(default_factory=list)
    # Set by whatever may have changed what the cloud remembers.
    changed: threading.Event = field(default_factory=threading.Event)
    # Lasting work that has begun and not ended, with its arguments: part of what the cloud remembers.
    under_way: list[Work] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)
    # Of those two lists. Not the other one: the loop of the fronts begins work too (it wakes databases), and whoever
    # holds the other one may wait for that loop.
    _lists: threading.Lock = field(default_factory=threading.Lock)

    def say(self, line: str) -> None:
        # What fails because the cloud stops is no news.
        if not self.clock.stopping:
            self.changed.set()
            self.listener(line)

    def begin(self, work: Callable[..., None], *arguments: object) -> None:
        """Does it beside the request that asked for it, as AWS does."""
        begun = (work, arguments)
        if getattr(work, "lasts", False):
            with self._lists:
                self.under_way = [*self.under_way, begun]

        def run() -> None:
            try:
                work(*arguments)
            except Stopped:
                return
            with self._lists:
                self.under_way = [other for other in self.under_way if other is not begun]
            self.changed.set()

        thread = threading.Thread(target=run, name=f"localcloud {work.__name__}", daemon=True)
        with self._lists:
            self._threads = [other for other in self._threads if other.is_alive()] + [thread]
            thread.start()

    def close(self) -> list[str]:
        """Ends all of it, and says what was still running. May be called twice."""
        self.clock.stop()
        ended = self.processes.stop_all()
        while self.closing:
            self.closing.pop(0)()
        for thread in self._threads:
            thread.join(timeout=10)
        return ended


_ground: Ground | None = None


def ground() -> Ground:
    if _ground is None:
        raise RuntimeError("No local cloud is running in this process: start one with LocalCloud().")
    return _ground


def stand_on(new: Ground | None) -> None:
    global _ground
    _ground = new
