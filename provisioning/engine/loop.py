"""The one loop: start all that is ready, look at all that is under way, sleep a little if nothing moved.

No threads and no waiting inside: a resource is done when a fresh look and a fresh `decide` say that there is
nothing left to do. That one rule absorbs an API that accepts and forgets, a value that AWS spells in its own
way and a setting that shows late. An interrupted run leaves nothing to repair: the next one looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .clock import Clock
from .events import ENDS, TROUBLES, Event, Failed, Finished, Output, Skipped, Started, Unchanged, Waiting
from .passing import passes
from .plan import Action
from .problem import Problem, advice, code, said
from .resource import Live, Resource, State, Values

SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 5.0  # seconds between two looks at one resource
PARTICIPLE = {"create": "created", "update": "changed", "replace": "replaced", "delete": "deleted"}


@dataclass
class Work:
    """One resource under way."""

    resource: Resource
    since: float
    action: Action | None = None
    """What was begun, if anything."""
    created: bool = False
    sent: Values = field(default_factory=dict)
    """The values that were asked for last."""
    sent_at: float = 0
    setback: str = ""
    """The setback that AWS told of before those."""
    word: str = ""
    printed: int = 0
    """Letters of its output that were told."""
    uncertain_until: float = 0
    """When a creation whose answer was lost would show, if it took effect."""
    differs: str = ""
    """What still keeps it from being done."""
    next_look: float = 0


class Loop:
    def __init__(self, aws: Any, clock: Clock) -> None:
        self.aws, self.clock = aws, clock
        self.began = clock.now()

    @property
    def at(self) -> float:
        return self.clock.now() - self.began

    def run(self, resources: Iterable[Resource], before: Callable[[Resource], Iterable[Resource]]) -> Iterator[Event]:
        """Work on each resource once all those before it have come to a good end."""
        waiting = list(resources)
        underway: dict[Resource, Work] = {}
        ended: dict[Resource, Event] = {}
        while waiting or underway:
            moved = False
            for each in tuple(waiting):
                because = next((n for n in before(each) if isinstance(ended.get(n), TROUBLES)), None)
                if because is not None:
                    ended[each] = Skipped(each, self.at, _root(because, ended))
                    waiting.remove(each)
                    moved = True
                    yield ended[each]
                elif all(n in ended for n in before(each)):
                    underway[each] = Work(each, since=self.clock.now())
                    waiting.remove(each)
            for work in tuple(underway.values()):
                if work.next_look > self.clock.now():
                    continue
                for event in self._guarded_look(work):
                    moved = True
                    yield event
                    if isinstance(event, ENDS):
                        ended[work.resource] = event
                        del underway[work.resource]
            if not moved and underway:
                pause = min(work.next_look for work in underway.values()) - self.clock.now()
                if pause > 0:
                    self.clock.sleep(pause)

    def look(self, work: Work) -> Iterator[Event]:
        raise NotImplementedError

    def patience(self, resource: Resource) -> int:
        """Seconds."""
        raise NotImplementedError

    def _guarded_look(self, work: Work) -> Iterator[Event]:
        """One look, with AWS's refusals turned into a wait or a failure, and an end to all patience."""
        age = self.clock.now() - work.since
        work.next_look = self.clock.now() + min(max(age / 10, SHORTEST_PAUSE), LONGEST_PAUSE)
        try:
            for event in self.look(work):
                yield event
                if isinstance(event, ENDS):
                    return
        except Problem as problem:
            yield self.failed(work, str(problem))
            return
        except (ClientError, BotoCoreError) as error:
            if not _passes(work.resource, error, age):
                yield self.failed(work, self._refused(work, error))
                return
            work.differs = said(error)
            yield from self.wait(work, f"{code(error) or type(error).__name__}, trying again")
        if self.clock.now() - work.since > self.patience(work.resource):
            yield self.failed(
                work,
                f"{work.resource}: not {past(work)} after {self.patience(work.resource)} s. {work.differs}. "
                "Look at it in the AWS console, or run again: that goes on from here.",
            )

    def wait(self, work: Work, word: str) -> Iterator[Event]:
        if word != work.word:
            work.word = word
            yield Waiting(work.resource, self.at, word)

    def tell_output(self, work: Work, live: Live | None) -> Iterator[Event]:
        """What it printed since the last look, in whole lines while it still prints."""
        underway = work.action is not None or work.printed or (live is not None and live.state is State.CHANGING)
        if live is None or not underway:
            return
        if len(live.output) < work.printed:  # it was begun again
            work.printed = 0
        if text := live.output[work.printed :]:
            work.printed = len(live.output)
            yield Output(work.resource, self.at, text.rstrip("\n"))

    def start(self, work: Work, action: Action) -> Iterator[Event]:
        if work.action is None:
            work.action = action
            work.since = self.clock.now()
            yield Started(work.resource, self.at, action)

    def finish(self, work: Work) -> Event:
        if work.action is None:
            return Unchanged(work.resource, self.at)
        return Finished(work.resource, self.at, work.action, self.clock.now() - work.since)

    def failed(self, work: Work, problem: str) -> Event:
        return Failed(work.resource, self.at, problem)

    def _refused(self, work: Work, error: Exception) -> str:
        do = work.resource.advice.get(code(error)) or advice(error, "Mend that and run again: it goes on from here")
        return str(Problem(f"{work.resource}: could not be {past(work)}", said(error), do))


def _passes(resource: Resource, error: Exception, age: float) -> bool:
    """True if AWS, the network or the kind itself says that time alone cures it."""
    message = error.response.get("Error", {}).get("Message", "") if isinstance(error, ClientError) else ""
    return passes(error) or any(retry.cures(code(error), message, age) for retry in resource.retries)


def past(work: Work) -> str:
    return PARTICIPLE[work.action.value] if work.action else "looked up"


def _root(resource: Resource, ended: dict[Resource, Event]) -> Resource:
    """What was really in the way: not the skipped one in between."""
    event = ended[resource]
    return event.because if isinstance(event, Skipped) else resource
