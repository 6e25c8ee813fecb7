"""The visitors: so many at once, each asking again as soon as it is answered. A program of its own.

Locust replaces parts of Python's standard library in the process that imports it, so it has one to itself. It prints
a JSON object each second, and one about the whole at the end; Ctrl-C brings the end. Its standard input is a JSON
object of request headers: they may hold a cookie, which is in no list of processes so.
"""

import json
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any

import gevent
from locust import FastHttpUser, constant, task
from locust.env import Environment
from locust.exception import StopUser

TIMEOUT = 120  # seconds for one answer: App Runner's own limit
USUAL = {"Accept": "text/html", "Accept-Encoding": "gzip"}
MOST_FILES = 10_000  # that the visitors may have open
GRACE = 10  # seconds at the end, for those who still wait


class Visitor(FastHttpUser):
    """Wants one page, and nothing that it shows."""

    # Locust itself would take any certificate. One context for all: to read what the machine trusts takes 20 ms.
    insecure = False
    ssl_context_factory = staticmethod(cache(gevent.ssl.create_default_context))
    connection_timeout = TIMEOUT
    network_timeout = TIMEOUT
    path = "/"
    headers: Mapping[str, str] = {}
    tally: "Tally"

    @task
    def visit(self) -> None:
        if self.tally.over:
            raise StopUser
        self.tally.asking += 1
        try:
            # What is sent besides may be a cookie, and is for this site alone.
            self.client.get(self.path, headers=USUAL | self.headers, allow_redirects=not self.headers)
        finally:
            self.tally.asking -= 1


class Tally:
    """What was answered, and how fast: since it was last told, and in all."""

    def __init__(self) -> None:
        self.began = self.told = time.monotonic()
        self.all: list[float] = []
        self.new: list[float] = []
        self.answers: Counter[str] = Counter()
        self.new_answers: Counter[str] = Counter()
        self.asking = 0
        """Who waits for an answer."""
        self.over = False
        """Whether nobody asks any more."""

    def note(self, response_time: float, response: Any, exception: BaseException | None, **rest: object) -> None:
        """Locust tells of each request: the time is in milliseconds."""
        self.new.append(response_time)
        self.new_answers[word(response, exception)] += 1

    def moment(self) -> dict[str, Any]:
        """Since the last one."""
        now = time.monotonic()
        told = figures(self.began, now, now - self.told, self.new, self.new_answers)
        self.all += self.new
        self.answers += self.new_answers
        self.new, self.new_answers, self.told = [], Counter(), now
        return told

    def whole(self) -> dict[str, Any]:
        self.moment()
        now = time.monotonic()
        return {**figures(self.began, now, now - self.began, self.all, self.answers), "whole": True}


def word(response: Any, exception: BaseException | None) -> str:
    """A status, with what our own 503 says of itself; of a request without an answer, what went wrong."""
    status = getattr(response, "status_code", 0)
    if not status:
        return type(exception).__name__
    headers = getattr(response, "headers", None) or {}
    return f"{status} {headers.get('X-Sleeping', '')}".strip()


def figures(began: float, now: float, seconds: float, times: list[float], answers: Counter[str]) -> dict[str, Any]:
    """Times in seconds."""
    ordered = sorted(times)

    def at(share: float) -> float:
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)] / 1000, 4) if ordered else 0.0

    return {
        "at": round(now - began, 1),
        "rate": round(len(ordered) / seconds, 1) if seconds else 0.0,
        "p50": at(0.5),
        "p95": at(0.95),
        "p99": at(0.99),
        "slowest": at(1),
        "answers": dict(answers),
    }


def tell(told: dict[str, Any]) -> None:
    print(json.dumps(told), flush=True)


def open_many() -> None:
    """Each visitor has a connection open, and many systems allow 256 or 1,024 where no program asks for more."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if most == resource.RLIM_INFINITY else min(MOST_FILES, most)
    if now != resource.RLIM_INFINITY and now < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def main(host: str, path: str, headers: Mapping[str, str], visitors: int, seconds: float, pause: float) -> None:
    open_many()
    tally = Tally()
    chosen = {"host": host, "path": path, "headers": headers, "tally": tally, "wait_time": constant(pause)}
    environment = Environment(user_classes=[type("Here", (Visitor,), chosen)])
    environment.events.request.add_listener(tally.note)
    stopped = gevent.event.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        gevent.signal_handler(number, stopped.set)
    runner = environment.create_local_runner()
    runner.start(visitors, spawn_rate=visitors)
    end = tally.began + seconds
    while (left := end - time.monotonic()) > 0 and not stopped.wait(min(1.0, left)):
        tell(tally.moment())
    tally.over = True
    if not stopped.is_set():  # else whoever still waits is not waited for
        end = time.monotonic() + GRACE
        while tally.asking and time.monotonic() < end and not stopped.is_set():
            gevent.sleep(0.01)
        if tally.asking:
            tally.new_answers["no answer"] = tally.asking
    tell(tally.whole())
    runner.quit()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], json.load(sys.stdin), int(sys.argv[3]), float(sys.argv[4]), float(sys.argv[5]))
