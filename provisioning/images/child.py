"""A child process that a loop looks at: it writes into a file, and nothing of it is left when we go, however we go."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import IO

# SIGHUP first: after SIGINT or SIGTERM podman build leaves its working containers behind (4.3.1). Under nohup it is
# ignored, so there is a second way to ask.
ASKS = (signal.SIGHUP, signal.SIGTERM)
PATIENCE = 3  # seconds after each, before SIGKILL
# We hold the other end of its input and never write: that ends when we do, killed or not.
LEASH = 'while read -r _; do :; done; kill -s HUP -- "-$1"; /bin/rm -rf "$2"; /bin/sleep 3; kill -s KILL -- "-$1"'
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")  # a terminal's colours and cursor


class Child:
    """A program under way. It leads a group of its own: the terminal's Ctrl-C reaches us, and we end it.

    What it says goes into a file in `room`, which is removed if we are killed: a login may lie there.
    """

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path, room: Path) -> None:
        self._log = Path(room, "log").open("wb+")  # noqa: SIM115  # a pipe would fill up, and it would stand still
        settings = {**os.environ, "NO_COLOR": "1", "LC_ALL": "C.UTF-8", **environment}
        self._process = subprocess.Popen(  # noqa: S603
            arguments,
            cwd=folder,
            env=settings,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        leash = subprocess.Popen(  # noqa: S603
            ("/bin/sh", "-c", LEASH, "leash", str(self._process.pid), str(room.absolute())),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # Called at the latest when Python ends, by an error or by Ctrl-C.
        self.end = weakref.finalize(self, _end, self._process, leash, self._log)

    @property
    def code(self) -> int | None:
        """What it ended with; None while it works."""
        return self._process.poll()

    @property
    def output(self) -> str:
        """All that it has said so far, in whole lines while it works."""
        if self._log.closed:
            return ""
        said = os.pread(self._log.fileno(), os.fstat(self._log.fileno()).st_size, 0)
        if self.code is None:
            said = said[: said.rfind(b"\n") + 1]
        text = CODES.sub("", said.decode(errors="replace")).replace("\r\n", "\n")
        return "\n".join(line.rsplit("\r", 1)[-1].rstrip() for line in text.split("\n"))


def _end(process: subprocess.Popen[bytes], leash: subprocess.Popen[bytes], log: IO[bytes]) -> None:
    for ask in ASKS:
        if process.poll() is None:
            _signal(process, ask)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
    _signal(process, signal.SIGKILL)  # and what it may have left behind in its group
    process.wait()
    leash.kill()
    leash.communicate()
    log.close()


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    # macOS answers EPERM instead of ESRCH for a group in which only zombies are left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
