"""What a request meets that needs the database: a connection, or an answer that says why there is none yet.

It must ask first. Django turns an OperationalError of a view into a 500 long before an outer middleware sees it,
and a connection that the server has closed looks open until it is used.
"""

import copy
import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, get_resolver, resolve

from . import loss
from .answers import SAFE, Why, answer, unheard
from .conf import conf
from .connection import BETWEEN, attempt, is_open, prepare
from .door import turned_back
from .marks import Marks, name_of
from .record import record
from .refusals import Means, meaning, next_step, words
from .secrecy import without_secrets
from .turnstile import turned_away

# Seconds in which another's first attempt may still turn out to have needed no waking, where the machine has seen the
# database awake. One that has not cannot tell one that sleeps from one that is far away, or from having too little of
# a processor: there all wait for the first attempt to end.
ACQUAINTED = 0.4
LOOK = 0.01  # seconds between two looks at it

logger = logging.getLogger("sleeping")


class WakingMiddleware:
    """Passes a request on with a working connection, or answers 503 within `SLEEPING["ATTEMPT_SECONDS"]`.

    The attempt to connect is what wakes the database. It stands after whatever answers without a query, and
    before the session's.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response
        self.conf = conf()
        if not prepare(self.conf):
            raise MiddlewareNotUsed("The default database is no PostgreSQL.")
        self.database = name_of(connections[DEFAULT_DB_ALIAS])
        self.marks = Marks.of(self.conf.folder, connections[DEFAULT_DB_ALIAS])
        loss.watch()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.get_host()  # a name that is not ours is refused here, before it wakes anything
        view = _view(request)
        if view in self.conf.no_database:
            return self.get_response(request)
        if back := turned_back(request, view):
            return back
        if turned_away():
            return self._answer(request, Why.BUSY)
        if request.method not in SAFE and view in self.conf.background:
            if not self._is_someone_there():
                return self._unheard(request)
        else:
            self.marks.person.make()
        return self._connect(request) or self._pass_on(request)

    # --- getting a connection ---

    def _connect(self, request: HttpRequest) -> HttpResponse | None:
        """None with a connection; an answer without."""
        connection = connections[DEFAULT_DB_ALIAS]
        began = time.monotonic()
        try:
            if is_open(connection):
                self._prove()
                return None
            return self._open(request)
        finally:
            record(request).connecting += time.monotonic() - began

    def _open(self, request: HttpRequest) -> HttpResponse | None:
        """As many may try as like while it is sure to be awake; else one does, and the others do not wait for it."""
        while not self._was_awake_lately():
            with self.marks.attempting() as mine:
                if mine:
                    return self._attempt(request, patience=0)
            if self.marks.asleep.age is not None or not self._may_be_over_in_a_moment():
                return self._answer(request, Why.WAKING)
            time.sleep(LOOK)
        return self._attempt(request, self.conf.restart_seconds)

    def _attempt(self, request: HttpRequest, patience: float) -> HttpResponse | None:
        began = time.monotonic()
        while True:
            try:
                attempt(connections[DEFAULT_DB_ALIAS], patience)
            except (OperationalError, InterfaceError) as error:
                waited = time.monotonic() - began
                found = meaning(error)
                if found is Means.BROKEN:
                    return self._broken(request, error)
                # Whoever says that it is full is awake, and so it is if others got in meanwhile.
                if found is Means.WAKING and not self.marks.awake.younger_than(waited):
                    return self._asleep(request, error, waited)
                self._prove()
                if waited + BETWEEN >= self.conf.restart_seconds:
                    return self._answer(request, Why.BUSY)
                patience = self.conf.restart_seconds - waited
            else:
                self._prove()
                return None

    def _may_be_over_in_a_moment(self) -> bool:
        grace = self.conf.attempt_seconds if self.marks.awake.age is None else ACQUAINTED
        return self.marks.attempt.younger_than(grace)

    def _was_awake_lately(self) -> bool:
        """Whether it cannot have paused since it was last seen awake."""
        return self.marks.was_awake(self.conf.pause_seconds)

    def _prove(self) -> None:
        self.marks.awake.make()
        if (slept := self.marks.asleep.remove()) is not None:
            logger.info("The database answered %.1f s after it was called.", slept)

    def _asleep(self, request: HttpRequest, error: Exception, waited: float) -> HttpResponse:
        self.marks.attempt.make()
        record(request).woke = self.marks.asleep.begin(waited)
        seconds = self.marks.asleep.age or 0.0
        if seconds > self.conf.patience_seconds and not self.marks.complaint.younger_than(60):
            self.marks.complaint.make()
            logger.error(
                "The database %s: no connection for %.0f s. It says: %s. See that it is there, and that its "
                "security group lets this machine in.",
                *(self.database, seconds, words(error)),
            )
        return self._answer(request, Why.WAKING)

    # --- using it ---

    def _pass_on(self, request: HttpRequest) -> HttpResponse:
        again = copy.copy(request) if request.method in SAFE else None
        loss.expect(request)
        response = self.get_response(request)
        if (error := loss.of(request)) is None:
            return response
        connections[DEFAULT_DB_ALIAS].close()
        then = "it is asked for again" if again is not None else "whoever sent it decides"
        logger.warning(
            "The connection was lost while %s was worked on: %s. PostgreSQL says: %s",
            *(without_secrets(request), then, words(error)),
        )
        if again is None:
            return self._answer(request, Why.LOST)
        return self._connect(again) or self.get_response(again)

    # --- answers ---

    def _answer(self, request: HttpRequest, why: Why) -> HttpResponse:
        seconds = self.marks.asleep.age or 0.0
        if why is Why.WAKING and seconds > self.conf.patience_seconds:
            why = Why.AWAY
        record(request).why = why.value
        return answer(request, why, self.conf.retry_seconds, seconds)

    def _broken(self, request: HttpRequest, error: Exception) -> HttpResponse:
        record(request).why = "refused"
        logger.error("The database %s: no connection. It says: %s. %s", self.database, words(error), next_step(error))
        if settings.DEBUG:
            raise error
        return get_resolver().resolve_error_handler(500)(request)

    def _unheard(self, request: HttpRequest) -> HttpResponse:
        record(request).why = "background"
        return unheard(self.conf.retry_seconds)

    def _is_someone_there(self) -> bool:
        """Whether what a browser sends by itself may use the database: it is awake, and not only by that."""
        return self._was_awake_lately() and self.marks.person.younger_than(self.conf.editor_idle_seconds)


def _view(request: HttpRequest) -> str:
    """The name of the view that it asks for; empty if there is none."""
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""
