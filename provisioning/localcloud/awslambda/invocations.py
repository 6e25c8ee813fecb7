"""Invocations of one function: a warm process for each that runs at a time, and events that are tried again."""

import threading
import time
from dataclasses import dataclass
from typing import Any

from ..ground import ground, lasting
from .function import Function
from .runtime_api import Invocation, Outcome
from .sandbox import Sandbox

# Lambda's guide: what an event gets when nothing else is configured.
RETRIES = 2
OLDEST = 21_600  # seconds of AWS's time


@dataclass
class EventSettings:
    retries: int | None = None
    oldest: int | None = None


class Invocations:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.twice = 0  # so many of the next events are delivered twice
        self._sandboxes: list[Sandbox] = []
        self._lock = threading.Lock()

    def run(self, payload: bytes, client_context: str | None = None, id: str | None = None) -> tuple[str, Outcome]:
        """The request's id and what came of it; raises Stopped."""
        function = self.function
        invocation = Invocation(payload, function.arn, function.settings.timeout, client_context=client_context)
        invocation.id = id or invocation.id
        sandbox = self._take()
        self._say("invoked")
        try:
            outcome = sandbox.run(invocation)
        finally:
            self._give_back(sandbox)
        self._say(f"ended ({outcome.payload.decode(errors='replace')[:200] if outcome.error else 'well'})")
        return invocation.id, outcome

    def queue(self, event: bytes, settings: EventSettings) -> str:
        """Runs it beside; the request's id at once. At least once is Lambda's promise, so twice is kept too."""
        id = Invocation(event, self.function.arn, 0).id
        times = 1
        if self.twice:
            self.twice -= 1
            times = 2
        for _ in range(times):
            ground().begin(self._deliver, event, settings, id)
        return id

    def retire(self) -> None:
        """Ends the processes that are idle; a busy one ends after its invocation."""
        with self._lock:
            idle = [each for each in self._sandboxes if not each.busy]
            self._sandboxes = [each for each in self._sandboxes if each.busy]
        for sandbox in idle:
            sandbox.stop()

    @lasting
    def _deliver(self, event: bytes, settings: EventSettings, id: str) -> None:
        clock = ground().clock
        born = time.monotonic()
        oldest = OLDEST if settings.oldest is None else settings.oldest
        retries = RETRIES if settings.retries is None else settings.retries
        for wait in (None, "lambda first retry", "lambda second retry")[: 1 + retries]:
            if wait is not None:
                clock.timer(wait).rest()
            if self.function.deleted or (time.monotonic() - born) * clock.speed > oldest:
                break
            _, outcome = self.run(event, id=id)
            if outcome.error is None:
                return
        self._say(f"event {id} given up")

    def _take(self) -> Sandbox:
        with self._lock:
            for sandbox in self._sandboxes:
                if not sandbox.busy and sandbox.alive and sandbox.revision == self.function.revision:
                    sandbox.busy = True
                    return sandbox
            sandbox = Sandbox(self.function)
            self._sandboxes.append(sandbox)
            return sandbox

    def _give_back(self, sandbox: Sandbox) -> None:
        with self._lock:
            sandbox.busy = False
            keep = sandbox.alive and sandbox.revision == self.function.revision and not self.function.deleted
            if not keep:
                self._sandboxes.remove(sandbox)
        if not keep:
            sandbox.stop()

    def __getstate__(self) -> dict[str, Any]:
        """What is remembered when the cloud stops; its processes do not outlive it."""
        return vars(self) | {"_sandboxes": []}

    def _say(self, what: str) -> None:
        ground().say(f"function {self.function.name}: {what}")
