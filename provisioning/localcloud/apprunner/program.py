"""The program of one version of a service: a process that is started again when it dies."""

import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..ground import ground
from ..ports import free_port
from ..processes import Child, CommandFailed

# App Runner replaces an instance that fails; a program that can't stay up shall not be tried for ever.
MOST_STARTS = 5


class Program:
    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.port = free_port()
        self.starts = 0
        self.log = log
        self._command = command
        self._environment = {**environment, "PORT": str(self.port)}
        self._stopping = threading.Event()
        self._child: Child | None = None

    def start(self) -> None:
        self._start_child()
        ground().begin(self._keep_running)

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.running

    @property
    def given_up(self) -> bool:
        return self.starts >= MOST_STARTS and not self.running

    def stop(self) -> None:
        self._stopping.set()
        if self._child is not None:
            self._child.stop()

    def _start_child(self) -> None:
        self.starts += 1
        self._child = ground().processes.start(
            self._command,
            cwd=ground().project,
            log=self.log,
            environment=self._environment,
            name=f"service {self.log.stem}",
        )

    def _keep_running(self) -> None:
        clock = ground().clock
        while self._child is not None:
            code = self._child.wait()
            if self._stopping.is_set() or clock.stopping or self.starts >= MOST_STARTS:
                return
            ground().say(f"program of {self.log.stem}: ended with {code}, started again (log: {self.log})")
            clock.sleep(0.2 * self.starts)
            if self._stopping.is_set():
                return
            try:
                self._start_child()
            except CommandFailed:  # the cloud is stopping
                return


def site_command() -> list[str]:
    """What the image's own start command does: gunicorn, which reads gunicorn.conf.py by itself."""
    return [sys.executable, "-m", "gunicorn", "scale0site.wsgi"]
