"""A load from the outside: the program of the visitors is started, heard, and ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from ..engine.problem import Problem
from .options import AGAIN

MOST = 2000  # visitors that one process of Python can play


@dataclass(frozen=True)
class Moment:
    """A second of a load, or the whole of it."""

    at: float
    """Seconds since the beginning."""
    rate: float
    """Requests a second."""
    p50: float
    """Seconds, as the other three."""
    p95: float
    p99: float
    slowest: float
    answers: Counter[str]
    """How many of each: "200", "503 waking", "ConnectionRefusedError", "no answer"."""

    @classmethod
    def of(cls, told: dict[str, Any]) -> Moment:
        return cls(**{**told, "answers": Counter(told["answers"])})

    @property
    def requests(self) -> int:
        return self.answers.total()

    @property
    def failed(self) -> Counter[str]:
        """What a visitor would not call an answer."""
        return Counter({word: many for word, many in self.answers.items() if not word.startswith(("2", "3"))})


NOBODY = Moment(at=0.0, rate=0.0, p50=0.0, p95=0.0, p99=0.0, slowest=0.0, answers=Counter())


class Load:
    """So many visitors at once on an address, for so many seconds, each asking again once it is answered."""

    def __init__(
        self,
        url: str,
        visitors: int,
        seconds: float,
        headers: Mapping[str, str] | None = None,
        pause: float = 0.0,
    ) -> None:
        """With these headers; `pause` is how many seconds each reads. Raises Problem naming what can't be."""
        try:
            parts = urlsplit(url)
            _ = parts.port  # looked at only now
        except ValueError as error:
            raise Problem(f'"{url}" is no address of a site', f"{error}", AGAIN) from None
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Problem(f'"{url}" is no address of a site', "It should start with http:// or https://", AGAIN)
        if not 1 <= visitors <= MOST:
            raise Problem(f"--concurrency is {visitors}", f"It may be from 1 to {MOST} visitors", AGAIN)
        if find_spec("locust") is None:
            raise Problem(
                "The load can't begin", "It is made by Locust, which is not installed", "Run `pip install locust`"
            )
        self.url, self.visitors, self.seconds = url, visitors, seconds
        self.headers, self.pause = dict(headers or {}), pause
        self.whole: Moment | None = None
        self.stopped = False
        """Whether it was ended early."""
        self._program: subprocess.Popen[str] | None = None

    def moments(self) -> Iterator[Moment]:
        """One each second; at their end, `whole` is all of it. Raises Problem if the visitors' program breaks."""
        parts = urlsplit(self.url)
        host, path = f"{parts.scheme}://{parts.netloc}", parts.path + (f"?{parts.query}" if parts.query else "")
        command = [sys.executable, "-m", f"{__package__}.visitors", host, path or "/"]
        command += [str(self.visitors), str(self.seconds), str(self.pause)]
        with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as errors:
            json.dump(self.headers, given)
            given.seek(0)
            self._program = subprocess.Popen(  # noqa: S603
                command, stdin=given, stdout=subprocess.PIPE, stderr=errors, text=True
            )
            try:
                with _at_ctrl_c(self.stop):
                    yield from self._read()
                failed = self._program.wait()
                if self.stopped:
                    self.whole = self.whole or NOBODY  # it may have been before there was a visitor to go home
                elif (
                    failed or self.whole is None or not self.whole.requests
                ):  # Locust only notes what it can't ask for
                    errors.seek(0)
                    last = (errors.read().strip().splitlines() or ["nothing"])[-1]
                    raise Problem("The load broke off", f'The visitors\' program said "{last}"', "Run it again")
            finally:
                self._program.kill()
                self._program.communicate()

    def stop(self) -> None:
        """From another thread, or by Ctrl-C: the visitors go home, and `moments` ends."""
        self.stopped = True
        if self._program is not None:
            self._program.terminate()

    def _read(self) -> Iterator[Moment]:
        assert self._program is not None and self._program.stdout is not None
        for line in self._program.stdout:
            told = json.loads(line)
            if told.pop("whole", False):
                self.whole = Moment.of(told)
            else:
                yield Moment.of(told)


@contextmanager
def _at_ctrl_c(stop: Callable[[], None]) -> Iterator[None]:
    """Meanwhile it ends the load, and not the command: there is a verdict to come."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    former = signal.signal(signal.SIGINT, lambda *_: stop())
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)
