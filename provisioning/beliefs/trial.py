"""To try beliefs, one after the other: none of them may end what the others need."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from ..engine.problem import Problem, said
from .belief import Belief, CannotBeTried, Try, Unknown, Verdict, When
from .scene import Scene


@dataclass(frozen=True)
class Tried:
    belief: Belief
    verdict: Verdict


def each_tried(beliefs: Iterable[Belief], scene: Scene, when: When) -> Iterator[Tried]:
    for belief in beliefs:
        if belief.attempt and belief.when is when:
            yield Tried(belief, _judge(belief.attempt, scene))


def _judge(attempt: Try, scene: Scene) -> Verdict:
    try:
        return attempt(scene)
    except (CannotBeTried, Problem) as why:
        return Unknown(str(why))
    except (ClientError, BotoCoreError) as error:
        return Unknown(said(error))
