"""The two that go into MIDDLEWARE: one answers from a copy before the database is asked for, one makes the copies."""

import logging
import math
from collections.abc import Callable

from django.apps import apps
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse as Templated
from django.utils.translation import get_language_from_path

from ..answers import MARK
from ..conf import conf
from ..marks import Marks
from ..record import record
from ..refusals import words
from . import person
from .address import Address
from .copy import CACHE_STATUS, NAME, Copy
from .counting import look, present
from .generation import Generation
from .judging import (
    DOCUMENTS,
    PAGES,
    REDIRECTS,
    by_language,
    is_for_everybody,
    is_savable,
    lifetime,
    varies,
    view_of,
    why_not,
)
from .making import is_behind, make_some
from .rendering import Rendered, is_ours, plain, render
from .site import here, is_on

logger = logging.getLogger("sleeping")

GetResponse = Callable[[HttpRequest], HttpResponse]


class SavedPagesMiddleware:
    """Stands before Waking. What it answers needs no connection, and opens none."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response
        if not is_on():
            raise MiddlewareNotUsed('STORAGES has no "saved": no page is saved.')
        self.conf = conf()
        self.sleeps = connections[DEFAULT_DB_ALIAS].vendor == "postgresql"
        self.marks = Marks.of(self.conf.folder, connections[DEFAULT_DB_ALIAS])

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_ours(request):
            request.saving = Address.of(request)
            return self.get_response(request)
        if why := _why_bypassed(request):
            return self._passed_on(request, f"fwd=bypass; detail={why}")
        site, address = here(), Address.of(request)
        copy = address and site.at_hand(address)
        if copy and site.is_present(copy):
            return self._answered(request, copy, "hit")
        if not is_savable(view_of(request.path_info)):
            return self._passed_on(request, "fwd=bypass; detail=view")
        if nothing := self._nothing(request):
            return nothing
        if address is None:
            return self._passed_on(request, "fwd=bypass; detail=parameters")
        copy = site.find(address)
        if copy and site.is_present(copy):
            return self._answered(request, copy, "hit")
        shown = copy if copy and site.may_be_shown(copy) else None
        if shown and not self._is_awake():
            return self._refreshed(address, self._answered(request, shown, "hit; fwd=stale"))
        request.saving = address
        response = self._passed_on(request, "fwd=stale" if copy else "fwd=miss")
        if shown and (MARK in response.headers or response.status_code >= 500):  # it is not as awake as it seemed
            response.close()
            return self._answered(request, shown, "hit; fwd=stale")
        return response

    def _refreshed(self, address: Address, response: HttpResponse) -> HttpResponse:
        """Something was changed, and nobody has made the copies since: that is worth waking the database.

        Whoever asked has the answer by then, and does not wait for it.
        """

        def refresh() -> None:
            if not render(address).why_not_saved:  # which connects as any request does, and makes one attempt at most
                make_some(here(), self.conf.make_seconds)

        return afterwards(response, self.marks, refresh)

    def _answered(self, request: HttpRequest, copy: Copy, how: str) -> HttpResponse:
        record(request).saved = how
        return copy.answer(request, how, here().clock())

    def _passed_on(self, request: HttpRequest, how: str) -> HttpResponse:
        response = self.get_response(request)
        if MARK not in response.headers:
            if why := getattr(request, "why_not_saved", ""):
                how += f"; detail={why}"
            elif hasattr(request, "why_not_saved"):
                how += "; stored"
            response.headers[CACHE_STATUS] = f"{NAME}; {how}"
            record(request).saved = how
        return response

    def _nothing(self, request: HttpRequest) -> HttpResponse | None:
        """What is said where nothing is, if it is certain that nothing is there."""
        site = here()
        generation, index = site.generation(), site.index()
        if not generation or not index or index.generation != generation.number:
            return None
        if index.knows(request.get_host(), request.path_info, request.path) or _is_a_views(request.path_info):
            return None
        locale_middleware = by_language()
        language = (get_language_from_path(request.path_info) or "") if locale_middleware else ""
        copy = site.find_not_found(f"{request.scheme}://{request.get_host().lower()} {language}")
        copy = copy if copy and site.is_present(copy) else None

        def answered(request: HttpRequest) -> HttpResponse:
            return self._answered(request, copy, "hit; detail=not-found") if copy else HttpResponse(status=404)

        # On a site of many languages, / and the like lead to one of them, by the visitor's own.
        response = locale_middleware(answered)(request) if locale_middleware else answered(request)
        return response if copy or response.status_code in REDIRECTS else None

    def _is_awake(self) -> bool:
        """Whether a page can be made at once. It cannot have paused so soon after a change, whoever made it."""
        generation = here().told
        age = here().clock() - generation.number / 1000 if generation else math.inf
        return not self.sleeps or self.marks.was_awake(self.conf.pause_seconds) or age < self.conf.pause_seconds


class SavingMiddleware:
    """Stands behind Waking, before the session's: there is a connection."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response
        if not is_on():
            raise MiddlewareNotUsed('STORAGES has no "saved": no page is saved.')
        self.conf = conf()
        self.marks = Marks.of(self.conf.folder, connections[DEFAULT_DB_ALIAS])

    def __call__(self, request: HttpRequest) -> HttpResponse:
        address = getattr(request, "saving", None)
        if address is None and view_of(request.path_info) not in self.conf.no_database:
            look(here())
        response = self._saved(request, address) if address else self.get_response(request)
        if is_ours(request) or getattr(request, "is_dummy", False):
            return response
        person.follow(request, response)
        return self._make_what_is_left(response)

    def process_template_response(self, request: HttpRequest, response: Templated) -> Templated:
        """Django calls it before the middleware between here and the page adds what it has to say."""

        def see(rendered: Templated) -> None:
            request.varies = varies(rendered)

        response.add_post_render_callback(see)
        return response

    def _saved(self, request: HttpRequest, address: Address) -> HttpResponse:
        site = here()
        generation = present(site)  # what is committed from now on may or may not be in it
        if not is_ours(request) and (why := site.why_never(address, generation)):
            request.why_not_saved = why
            return self.get_response(request)
        clean = plain(request, address)
        response = self.get_response(clean)
        why = request.why_not_saved = why_not(clean, response, address)
        copy = None if response.streaming else self._copied(clean, response, generation, site.clock())
        if is_ours(request):
            request.rendered = Rendered(why, clean, response, copy)
        if why or copy is None:
            if is_ours(request):
                return response
            if copy and why == "status-404" and is_for_everybody(clean, response):
                return copy.answer(request, "", copy.made)
            site.never(address, generation, why)
            # What is not for everybody may be about whoever asks: it is made of the request as it came.
            for close in response._resource_closers:  # not close(), which ends the request for Django as well
                close()
            return self.get_response(request)
        is_known = is_ours(request) or view_of(request.path_info) == DOCUMENTS
        request.why_not_saved = site.keep(address, copy, is_known)
        return copy.answer(request, "", copy.made)

    def _copied(self, clean: HttpRequest, response: HttpResponse, generation: Generation, now: float) -> Copy:
        seconds = lifetime(response)
        return Copy.of(response, generation.number, now, clean.placeholder, None if seconds is None else now + seconds)

    def _make_what_is_left(self, response: HttpResponse) -> HttpResponse:
        """The database is awake, and this thread has a connection."""
        if not is_behind(here()):
            return response
        return afterwards(response, self.marks, lambda: make_some(here(), self.conf.make_seconds))


def afterwards(response: HttpResponse, marks: Marks, work: Callable[[], None]) -> HttpResponse:
    """Has it done once the visitor has the answer, unless another thread of this machine is at it."""
    close = response.close

    def closed() -> None:
        try:
            with marks.making() as mine:
                if mine:
                    work()
        except (OperationalError, InterfaceError) as error:
            connections[DEFAULT_DB_ALIAS].close()
            logger.warning(
                "Saved pages: the copies that a change left behind were not all made. PostgreSQL says: %s. The next "
                "request that needs the database goes on with them.",
                words(error),
            )
        finally:
            close()

    response.close = closed
    return response


def _is_a_views(path: str) -> bool:
    """Whether it leads to a view of the project's, if only by way of APPEND_SLASH."""
    spelled = (path,) if path.endswith("/") or not settings.APPEND_SLASH else (path, f"{path}/")
    return any(view_of(each) != PAGES for each in spelled)


def _why_bypassed(request: HttpRequest) -> str:
    """Why nothing saved is for this request; empty if it may be."""
    if request.method not in ("GET", "HEAD"):
        return "method"
    if getattr(request, "is_dummy", False):
        return "preview"
    if request.META.get("HTTP_AUTHORIZATION") or request.META.get("REMOTE_USER"):
        return "authorization"
    if _is_told_something(request):
        return "messages"
    return "person" if person.is_someone(request) else ""


def _is_told_something(request: HttpRequest) -> bool:
    """Whether a message of Django's waits in a signed cookie: who has just sent a form may have no session."""
    if not request.COOKIES or not apps.is_installed("django.contrib.messages"):
        return False
    from django.contrib.messages.storage.cookie import CookieStorage

    return CookieStorage.cookie_name in request.COOKIES and len(CookieStorage(request)) > 0
