"""A belief: a sentence about AWS that our code relies on, where it is from, and how a lifecycle tries it."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .scene import Scene


class Source(enum.Enum):
    DOCUMENTED = "documented"
    MODELLED = "botocore's model"
    REPORTED = "reported"
    BELIEVED = "believed"


class When(enum.Enum):
    STANDS = "while the site stands"
    GONE = "after it was removed"


@dataclass(frozen=True)
class Held:
    seen: str
    word = "held"


@dataclass(frozen=True)
class Broke:
    seen: str
    word = "broke"


@dataclass(frozen=True)
class Unknown:
    seen: str
    """Why it could not be told."""
    word = "unknown"


Verdict = Held | Broke | Unknown
Try = Callable[["Scene"], Verdict]


class CannotBeTried(Exception):
    """What it takes is not there, or was not seen; in words for a person."""


@dataclass(frozen=True)
class Belief:
    id: str
    says: str
    """The sentence, without its full stop."""
    source: Source
    where: str
    """The page, the shape of the model or the report; what it is inferred from, if it is only believed."""
    relied_on_by: tuple[str, ...]
    """Files, from the project's folder."""
    attempt: Try | None = None
    when: When = When.STANDS
    seconds: int = 0
    """That trying it usually takes, beside what the lifecycle takes anyway."""
    not_tried: str = ""
    """Why a lifecycle does not try it."""


def tried(
    says: str, source: Source, where: str, *relied_on_by: str, when: When = When.STANDS, seconds: int = 0
) -> Callable[[Try], Belief]:
    """Make of a function the belief that it tries; its name is the belief's."""

    def make(function: Try) -> Belief:
        return Belief(
            id=function.__name__.replace("_", "-"),
            says=says,
            source=source,
            where=where,
            relied_on_by=relied_on_by,
            attempt=function,
            when=when,
            seconds=seconds,
        )

    return make


def not_tried(id_: str, says: str, source: Source, where: str, *relied_on_by: str, because: str) -> Belief:
    return Belief(id=id_, says=says, source=source, where=where, relied_on_by=relied_on_by, not_tried=because)


def judged(holds: bool, seen: str) -> Verdict:
    return Held(seen) if holds else Broke(seen)
