"""The program of one instance: a process that is started again when it dies, and whose CPU can be taken away."""

import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import psutil

from ..folder import remove
from ..ground import ground
from ..ports import LOOPBACK, free_port
from ..processes import Child, CommandFailed, Listener
from .ways import Start, Way

# App Runner replaces an instance that fails; a program that can't stay up shall not be tried for ever.
MOST_STARTS = 5
TEMPORARY = "instances"  # the folder of their files
BETWEEN = 5.0  # of AWS's seconds, and as many more with each start: believed


class Program:
    """`hears` is called for each start, with the id that the instance then has, and gets what is printed."""

    def __init__(self, way: Way, log: Path, hears: Callable[[str], Listener]) -> None:
        self.port = free_port()
        self.starts = 0
        self.log = log
        self.id = ""
        self.frozen = False
        self._way = way
        self._hears = hears
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # none is started after the stop
        self._child: Child | None = None
        self._start: Start | None = None

    def start(self) -> None:
        self._start_child()
        ground().begin(self._keep_running)

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    def processes(self) -> list[psutil.Process]:
        """Raises psutil.Error."""
        if self._child is None or self._start is None:
            return []
        return self._way.processes(self._child, self._start)

    @property
    def given_up(self) -> bool:
        return self.starts >= MOST_STARTS and not self.running

    def freeze(self) -> None:
        self.frozen = True
        if self._child is not None:
            self._child.freeze()

    def thaw(self) -> None:
        self.frozen = False
        if self._child is not None:
            self._child.thaw()

    def stop(self) -> None:
        with self._lock:
            self._stopping.set()
        if self._child is not None:
            self._child.stop()

    def _start_child(self) -> None:
        with self._lock:
            if not self._stopping.is_set():
                self.id = uuid.uuid4().hex
                # An image tells its server to listen everywhere, which in a network of its own is harmless, and here
                # is not.
                variables = {"PORT": str(self.port), "BIND": LOOPBACK}
                temporary = ground().folder / TEMPORARY / self.id
                temporary.mkdir(parents=True)
                self._start = Start(self.id, variables, self.log.stem, temporary, self.log, self._hears(self.id))
                self._child = self._way.start(self._start)
                self.frozen = False
                self.starts += 1

    def _keep_running(self) -> None:
        clock = ground().clock
        while self._child is not None and self._start is not None:
            code = self._child.wait()
            remove(self._start.temporary)
            if self._stopping.is_set() or clock.stopping or self.starts >= MOST_STARTS:
                return
            ground().say(f"program of {self.log.stem}: ended with {code}, started again (log: {self.log})")
            clock.sleep(BETWEEN * self.starts / clock.speed)
            try:
                self._start_child()
            except CommandFailed:  # the cloud is stopping
                return
