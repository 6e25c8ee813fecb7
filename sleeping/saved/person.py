"""Whether somebody is signed in, told without asking the database.

Whoever has a session gets a second cookie beside it, signed, which names that session. A session's cookie alone says
nothing: anybody can make one up, and every robot that does would otherwise wake the database.
"""

import hashlib
from http.cookies import Morsel

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

SALT = "sleeping.saved.person"


def cookie() -> str:
    """What it is called."""
    return f"{settings.SESSION_COOKIE_NAME}-is"


def is_someone(request: HttpRequest) -> bool:
    """Whether the request comes with a session that this site has given, as far as can be known here."""
    session, mark = request.COOKIES.get(settings.SESSION_COOKIE_NAME), request.COOKIES.get(cookie())
    if not session or not mark:
        return False
    try:
        named = signing.TimestampSigner(salt=SALT).unsign(mark, max_age=settings.SESSION_COOKIE_AGE)
    except signing.BadSignature:
        return False
    return signing.constant_time_compare(named, _digest(session))


def follow(request: HttpRequest, response: HttpResponse) -> None:
    """Makes the second cookie go the way of the session's: it comes with it, and goes with it."""
    morsel = response.cookies.get(settings.SESSION_COOKIE_NAME)
    if morsel is not None and (not morsel.value or morsel["max-age"] == 0):
        _remove(response)
    elif morsel is not None:
        _give(response, morsel.value, morsel)
    elif cookie() in request.COOKIES and settings.SESSION_COOKIE_NAME not in request.COOKIES:
        _remove(response)
    elif not is_someone(request) and _has_session(request):
        _give(response, request.COOKIES[settings.SESSION_COOKIE_NAME], None)


def _has_session(request: HttpRequest) -> bool:
    """A living one, as the database says: it has been asked for this request, or it is not asked now."""
    session = getattr(request, "session", None)
    if session is None or not session.accessed or settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return False
    return not session.is_empty()


def _give(response: HttpResponse, session: str, morsel: Morsel | None) -> None:
    age = None if settings.SESSION_EXPIRE_AT_BROWSER_CLOSE else settings.SESSION_COOKIE_AGE
    if morsel is not None:
        age = morsel["max-age"] or None
    response.set_cookie(
        cookie(),
        signing.TimestampSigner(salt=SALT).sign(_digest(session)),
        max_age=age,
        domain=settings.SESSION_COOKIE_DOMAIN,
        path=settings.SESSION_COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE or False,
        httponly=True,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


def _remove(response: HttpResponse) -> None:
    response.delete_cookie(
        cookie(),
        path=settings.SESSION_COOKIE_PATH,
        domain=settings.SESSION_COOKIE_DOMAIN,
        samesite=settings.SESSION_COOKIE_SAMESITE,
    )


def _digest(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()[:32]
