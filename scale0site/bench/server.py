"""One program that serves on a port: started, asked, read, and stopped without a trace."""

import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from provisioning.localcloud.processes import Processes, python_environment

PATIENCE = 60.0  # seconds for a server to answer
GUNICORN = (sys.executable, "-m", "gunicorn")


class Server:
    """One program that serves on a port of its own; its children and its temporary folder go with the block."""

    def __init__(
        self, command: Sequence[str], environment: dict[str, str], *, folder: Path, path: str = "/healthz"
    ) -> None:
        self.port = int(environment["PORT"])
        self.host = f"127.0.0.1:{self.port}"
        self.address = f"http://{self.host}"
        self.known_as = ""
        """The name under which its site is asked for, where that is not its address."""
        self.lines: list[str] = []
        """What it has printed so far, both streams."""
        self.text = ""
        self._path = path
        self._folder = folder
        self.command = command
        self._environment = environment
        self._processes = Processes()

    def __enter__(self) -> Self:
        self.start()
        try:
            self.wait_for(self._path)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self) -> None:
        """Does not wait for it to answer."""
        self._temporary = tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True)
        here = Path(self._temporary.name)
        self._pid_file = here / "pid"
        self._child = self._processes.start(
            [*self.command, *(["--pid", str(self._pid_file)] if "gunicorn" in self.command else [])],
            cwd=self._folder,
            log=here / "log",
            # Whatever processes of one machine share by the temporary folder is this server's own.
            environment=python_environment({"TMPDIR": str(here), **self._environment}),
            listener=lambda lines: self.lines.extend(line for line in lines if line),
        )

    @property
    def running(self) -> bool:
        return self._child.running

    def wait_for(self, path: str) -> None:
        """Until it answers 200 there."""
        end = time.monotonic() + PATIENCE
        while self.status(path) != 200:
            if not self.running or time.monotonic() > end:
                said = "\n".join(self.lines[-30:])
                raise RuntimeError(f"{' '.join(self.command)} does not answer {path}. It says: {said}")
            time.sleep(0.005)

    def status(self, path: str = "/", patience: float = PATIENCE) -> int:
        """Of a GET; 0 when there was no answer. What it said is in `text`."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=patience)
        try:
            connection.request("GET", path, headers={"Host": self.known_as} if self.known_as else {})
            response = connection.getresponse()
            self.text = response.read().decode(errors="replace")
        except (OSError, HTTPException):
            return 0
        else:
            return response.status
        finally:
            connection.close()

    @property
    def master(self) -> psutil.Process:
        return psutil.Process(int(self._pid_file.read_text()))

    def workers(self) -> list[psutil.Process]:
        return self.master.children()

    def terminate(self) -> None:
        """As a platform does: SIGTERM to the first process alone, and wait until it has ended by itself."""
        self.master.send_signal(signal.SIGTERM)
        self._child.wait()

    def close(self) -> None:
        """SIGTERM to all of them, and SIGKILL to those that are still there after 5 s."""
        self._processes.stop_all()
        self._temporary.cleanup()
