"""gunicorn's threaded worker with a turnstile (lanes.py) and a limit to its growth.

It uses some of gunicorn's inner workings: tests/test_gunicorn.py fails if they change.
"""

import gc
import resource
import socket
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

from django.apps import apps
from django.urls import get_resolver
from gunicorn import glogging
from gunicorn.arbiter import Arbiter
from gunicorn.workers.gthread import TConn, ThreadWorker

from .board import Board
from .lanes import Lanes
from .parting import Partings
from .pulse import Pulse
from .turnstile import turned_away

LOOK = 0.1  # seconds between two looks at those who linger, or at the memory
PATIENT = 1.25  # times the memory that a worker may take: so far it waits for a moment in which it has nothing to do

board = Board()


class Logger(glogging.Logger):
    """`logger_class` in gunicorn.conf.py."""

    def access(self, *_: Any) -> None:
        """RequestLogMiddleware writes a line for each request. gunicorn would put one together for nobody."""


class Worker(ThreadWorker):
    """`worker_class` in gunicorn.conf.py: a subclass with the limits of the site."""

    capacity = 256
    """Requests that the instance, all workers together, takes in hand at a time: the waiting ones included."""
    memory = 0
    """MB above which a worker is replaced by a fresh one; 0 for never."""
    apart = 60.0
    """Seconds from one replacement to the next, of whichever worker."""
    health = "/healthz"
    """What is heard even where others are not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.place = board.take()
        self.told_to_end = False
        self._weighed = float("-inf")
        super().__init__(*args, **kwargs)
        self.tmp = Pulse.of(self)

    def get_thread_pool(self) -> Lanes:
        return Lanes(self.cfg.threads, self.capacity, self.health, board, self.place)

    def init_process(self) -> None:
        for listener in self.sockets:
            if listener.FAMILY != socket.AF_UNIX and hasattr(socket, "TCP_DEFER_ACCEPT"):  # Linux has it
                # Nobody is let in before they have said something: so a health check is known by its first line.
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)  # second
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        if apps.ready and apps.is_installed("sleeping"):
            from .saved.site import begin

            begin()
        if self.memory and (size := megabytes()) > self.memory:
            self.log.error(
                "A worker may take %d MB, and takes %d before its first request: it would be replaced for ever. "
                "Set WEB_WORKER_MEMORY to two or three times its size, or to 0 for no limit.",
                *(self.memory, size),
            )
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def run(self) -> None:
        self.partings = Partings(self.poller, self._gone)
        super().run()

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(min(timeout, LOOK) if self.partings else timeout)
        self.partings.end_overdue()
        self.tpool.deadlines.enforce()

    def handle_exit(self, sig: int, frame: Any) -> None:
        self.told_to_end = True
        super().handle_exit(sig, frame)

    def set_accept_enabled(self, enabled: bool) -> None:
        super().set_accept_enabled(enabled)
        if not self.alive:
            # gunicorn keeps it open till its last request is done: who came meanwhile would wait for nothing.
            for listener in self.sockets:
                if self.told_to_end:  # nobody else may be left to serve those who are let in already: they'd be reset
                    self._let_in_all(listener)
                listener.close()

    def _let_in_all(self, listener: Any) -> None:
        for _ in range(self.cfg.backlog):
            before = self.nr_conns
            self.accept(listener)
            if self.nr_conns == before:
                return

    def handle(self, conn: TConn) -> Any:
        kept = super().handle(conn)
        now = time.monotonic()
        if not self.memory or not self.alive or now - self._weighed < LOOK:
            return kept
        self._weighed = now
        if (size := megabytes()) > self.memory and self._may_leave(size):
            self.log.info("This worker has grown to %d MB of %d: a fresh one takes its place", size, self.memory)
            self.alive = False  # it takes nothing more in hand and ends what it has, as after max_requests
        return kept

    def _may_leave(self, size: int) -> bool:
        """gunicorn starts the fresh one only when this one has ended: with one worker, nobody serves till then."""
        others = self.tpool.in_hand - (0 if turned_away() else 1)
        return (not others or size > PATIENT * self.memory) and board.may_leave(self.apart)

    def finish_request(self, conn: TConn, future: Any) -> None:
        # gunicorn would wait for the client to close first in this thread, which accepts: for up to 2 s.
        conn.close = partial(self._part, conn)
        super().finish_request(conn, future)

    def _part(self, conn: TConn, graceful: bool = False) -> None:
        if graceful:
            self.nr_conns += 1  # it is counted until it is closed: the worker does not end before
            self.partings.begin(conn.sock)
        else:
            conn.sock.close()

    def _gone(self) -> None:
        self.nr_conns -= 1


def when_ready(server: Arbiter) -> None:
    """gunicorn's hook: does once what each worker would do again, when the site is loaded and none is forked yet."""
    _ = get_resolver().url_patterns
    gc.freeze()  # what is here now is looked through for garbage by no worker, not even at its end: 0.5 s, not 2


def child_exit(server: Arbiter, worker: Worker) -> None:
    """gunicorn's hook: gives back the worker's place, in the process that started it."""
    board.leave(worker.place)


def megabytes() -> int:
    """What this process takes of the memory, with what it shares."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except FileNotFoundError:  # macOS has the most that it ever took, in bytes
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 20
    return pages * resource.getpagesize() >> 20
