"""What happened to one request, for its line in the log."""

from dataclasses import dataclass

from django.http import HttpRequest

MARK = "sleeping.saving"  # in the environment of a request of our own; no visitor's header comes to be called so


@dataclass
class Record:
    queries: int = 0
    connecting: float = 0.0
    """Seconds spent on getting a connection to the database."""
    woke: bool = False
    """Whether this request was the one that found the database asleep and called it."""
    why: str = ""
    """Why it was not passed on: waking, away, busy, lost, refused or background; empty if it was."""
    saved: str = ""
    """What came of looking for a saved copy, in the words of the header Cache-Status; empty where none is saved."""


def record(request: HttpRequest) -> Record:
    """The request's own, made when it is first asked for."""
    if not hasattr(request, "sleeping"):
        request.sleeping = Record()
    return request.sleeping
