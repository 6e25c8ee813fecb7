"""`manage.py localcloud` as a process of its own, for a test to stop it and to start it again."""

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from provisioning.localcloud.cloud import PROJECT
from provisioning.localcloud.ports import free_port

from ..conftest import Aws, wait_for


class Local:
    """With the folder and the port that it has each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment: dict[str, str] = {}
        self._said = folder.with_suffix(".said")
        self._clients: dict[str, Any] = {}
        self._process: subprocess.Popen[str] | None = None

    def start(self, *options: str) -> None:
        """Returns when it has printed its exports, and so has all of it running."""
        with self._said.open("w") as said:
            self._process = subprocess.Popen(
                [*self._command, *options], cwd=PROJECT, stdout=subprocess.PIPE, stderr=said, text=True
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("unset"):
                return
            name, _, value = line.removeprefix("export ").strip().partition("=")
            self.environment[name] = shlex.split(value)[0]
        raise AssertionError(self.said)

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        if self._process is None:
            return 0
        self._process.send_signal(by)
        code = self._process.wait(timeout=30)
        assert self._process.stdout is not None
        self._process.stdout.close()
        self._process = None
        return code

    @property
    def said(self) -> str:
        return self._said.read_text()

    @property
    def endpoint(self) -> str:
        return self.environment["AWS_ENDPOINT_URL"]

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = Aws(self).client(service)  # type: ignore[arg-type]
        return self._clients[service]

    def wait_until_kept(self) -> None:
        """What has changed until now."""
        records, mark = self.folder / "state" / "records", os.urandom(8).hex()
        self.client("ssm").put_parameter(Name="/kept/now", Value=mark, Type="String", Overwrite=True)
        wait_for(lambda: records.exists() and mark.encode() in records.read_bytes())

    @property
    def _command(self) -> list[str]:
        return [
            *(sys.executable, "manage.py", "localcloud"),
            *("--port", str(self.port), "--folder", str(self.folder)),
        ]
