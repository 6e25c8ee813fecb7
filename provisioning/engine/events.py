"""What happens, as data: a terminal draws it, a log prints it, a test lists it."""

from __future__ import annotations

from dataclasses import dataclass

from .plan import Action
from .resource import Resource


@dataclass(frozen=True)
class Event:
    resource: Resource
    at: float
    """Seconds since the run began."""


@dataclass(frozen=True)
class Started(Event):
    action: Action


@dataclass(frozen=True)
class Waiting(Event):
    word: str
    """AWS's own word; one event for each new word, not for each look."""


@dataclass(frozen=True)
class Output(Event):
    text: str
    """What it printed since the last of these: one line or more."""


@dataclass(frozen=True)
class Finished(Event):
    action: Action
    took: float
    """Seconds."""


@dataclass(frozen=True)
class Unchanged(Event):
    pass


@dataclass(frozen=True)
class Kept(Event):
    why: str


@dataclass(frozen=True)
class Skipped(Event):
    because: Resource
    """What failed, or was blocked, and is needed."""


@dataclass(frozen=True)
class Blocked(Event):
    why: str


@dataclass(frozen=True)
class Failed(Event):
    problem: str


ENDS = (Finished, Unchanged, Kept, Skipped, Blocked, Failed)
TROUBLES = (Skipped, Blocked, Failed)
