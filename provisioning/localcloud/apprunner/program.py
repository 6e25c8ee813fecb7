"""The program of one instance: a process that is started again when it dies, and whose CPU can be taken away."""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ..ground import ground
from ..ports import LOOPBACK, free_port
from ..processes import Child, CommandFailed, Listener

# App Runner replaces an instance that fails; a program that can't stay up shall not be tried for ever.
MOST_STARTS = 5
BETWEEN = 5.0  # of AWS's seconds, and as many more with each start: believed


class Program:
    """`hears` is called for each start, with the id that the instance then has, and gets what is printed."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        folder: Path,
        hears: Callable[[str], Listener],
    ) -> None:
        self.port = free_port()
        self.starts = 0
        self.log = log
        self.id = ""
        self.frozen = False
        self._command = command
        self._folder = folder
        self._hears = hears
        # An image tells its server to listen everywhere, which in a container is harmless, and here is not.
        self._environment = {**environment, "PORT": str(self.port), "BIND": LOOPBACK}
        self._stopping = threading.Event()
        self._lock = threading.Lock()  # none is started after the stop
        self._child: Child | None = None

    def start(self) -> None:
        self._start_child()
        ground().begin(self._keep_running)

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    @property
    def pid(self) -> int | None:
        """Of the process whose child it is."""
        return self._child.pid if self._child is not None else None

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
                self._child = self._new_child()
                self.frozen = False
                self.starts += 1

    def _new_child(self) -> Child:
        return ground().processes.start(
            self._command,
            cwd=self._folder,
            log=self.log,
            environment=self._environment,
            name=f"service {self.log.stem}",
            listener=self._hears(self.id),
        )

    def _keep_running(self) -> None:
        clock = ground().clock
        while self._child is not None:
            code = self._child.wait()
            if self._stopping.is_set() or clock.stopping or self.starts >= MOST_STARTS:
                return
            ground().say(f"program of {self.log.stem}: ended with {code}, started again (log: {self.log})")
            clock.sleep(BETWEEN * self.starts / clock.speed)
            try:
                self._start_child()
            except CommandFailed:  # the cloud is stopping
                return
