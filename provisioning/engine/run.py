"""Apply and teardown: the two ways round the one loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .clock import Clock
from .events import Blocked, Event, Kept
from .graph import Graph
from .loop import Loop, Work, past
from .passing import is_lost
from .plan import NOT_OURS, Action, Step, decide, plan_teardown
from .problem import Problem
from .resource import Live, Lives, Resource, State, Values, is_later

ASK_AGAIN = 60.0  # seconds after which a change that AWS accepted and does not show is asked for again


def apply(graph: Graph, aws: Any, clock: Clock | None = None) -> Iterator[Event]:
    """Make what AWS has as wanted, as much at a time as the graph allows, telling what happens."""
    return _Apply(aws, clock or Clock()).run(graph, before=lambda each: each.needs)


def teardown(graph: Graph, aws: Any, *, data: bool, clock: Clock | None = None) -> Iterator[Event]:
    """Remove it all, what nothing needs first; what holds data, and what that needs, only with `data`."""
    loop = _Teardown(aws, clock or Clock())
    going = []
    for step in plan_teardown(graph, aws, data=data).steps:
        if step.action is Action.LEAVE:
            yield Kept(step.resource, loop.at, step.why)
        elif step.action is not Action.ABSENT:
            going.append(step.resource)
    yield from loop.run(going, before=lambda each: [n for n in graph.needed_by(each) if n in going])


class _Apply(Loop):
    def __init__(self, aws: Any, clock: Clock) -> None:
        super().__init__(aws, clock)
        self.lives = Lives()

    def patience(self, resource: Resource) -> int:
        return resource.patience

    def look(self, work: Work) -> Iterator[Event]:
        resource = work.resource
        live = resource.find(self.aws)
        yield from self.tell_output(work, live)
        step = decide(resource, live, self.lives)
        if unknown := [key for key, value in step.values.items() if is_later(value)]:
            work.differs = f"AWS does not tell what it needs for {', '.join(unknown)}"
            yield from self.wait(work, "waits for what AWS has not told yet")
        elif live is None:
            yield from self._create(work, step)
        elif step.action is Action.KEEP:
            self.lives[resource] = live
            yield self.finish(work)
        elif step.action is Action.UPDATE:
            yield from self._update(work, step, live)
        elif step.action is Action.WAIT:
            work.differs = f"AWS still reports it as {live.word}"
            yield from self.wait(work, live.word)
        elif work.created and live.state is State.READY:  # what differs is what AWS is slow to show
            work.differs = _differences(step) if live.ours else "AWS does not show our tags on it"
            yield from self.wait(work, "not all of it shows yet")
        elif work.created:
            yield self.failed(work, self._came_to_nothing(work, live))
        elif step.action is Action.REPLACE:
            yield from self.start(work, Action.REPLACE)
            work.differs = f"AWS still reports it as {live.word}"
            resource.delete(self.aws, live)
            yield from self.wait(work, "removing what failed")
        else:
            yield Blocked(resource, self.at, step.why)

    def _create(self, work: Work, step: Step) -> Iterator[Event]:
        if work.created:
            yield from self._wait_until_listed(work)
            return
        if self.clock.now() < work.uncertain_until:
            yield from self.wait(work, "not certain whether it was made")
            return
        yield from self.start(work, Action.CREATE)
        try:
            asked = work.resource.create(self.aws, step.values)
        except (ClientError, BotoCoreError) as error:
            # A call may take effect and its answer be lost; the next try then says that it exists already.
            if is_lost(error):
                work.uncertain_until = self.clock.now() + work.resource.uncertain
            live = work.resource.find(self.aws)
            if live is None or not live.ours:
                raise
        else:
            self._note_sent(work, step.values if asked is None else asked)
        work.created = True
        work.next_look = self.clock.now()

    def _wait_until_listed(self, work: Work) -> Iterator[Event]:
        resource = work.resource
        waited = self.clock.now() - work.since
        work.differs = "AWS does not list it"
        if waited > min(resource.appears, resource.patience):
            why = resource.why_absent(self.aws)
            doing = f"{resource}: created, and not there after {waited:.0f} s"
            yield self.failed(work, str(Problem(doing, why, "Mend that and run again: it goes on from here")))
        else:
            yield from self.wait(work, "not listed yet")

    def _update(self, work: Work, step: Step, live: Live) -> Iterator[Event]:
        work.differs = _differences(step)
        sent = all(work.sent.get(key) == value for key, value in step.values.items())
        if sent and live.setback and live.setback != work.setback:
            yield self.failed(work, self._came_to_nothing(work, live))
        elif sent and self.clock.now() - work.sent_at < ASK_AGAIN:
            yield from self.wait(work, "the change does not show yet")
        else:
            yield from self.start(work, Action.UPDATE)
            work.setback = live.setback
            asked = work.resource.update(self.aws, live, step.values)
            self._note_sent(work, step.values if asked is None else asked)
            work.next_look = self.clock.now()

    def _note_sent(self, work: Work, values: Values) -> None:
        work.sent, work.sent_at = values, self.clock.now()

    def _came_to_nothing(self, work: Work, live: Live) -> str:
        return str(
            Problem(
                f"{work.resource}: could not be {past(work)}",
                f'{work.resource.speaker} says: "{live.setback or live.word}"',
                "Mend that and run again: it goes on from here",
            )
        )


class _Teardown(Loop):
    def patience(self, resource: Resource) -> int:
        return resource.removal_patience

    def look(self, work: Work) -> Iterator[Event]:
        live = work.resource.find(self.aws)
        if live is None:
            work.action = Action.DELETE
            yield self.finish(work)
        elif not live.ours:
            yield Blocked(work.resource, self.at, live.why or NOT_OURS)
        elif live.state is State.CHANGING:
            work.differs = f"AWS still reports it as {live.word}"
            yield from self.start(work, Action.DELETE)
            yield from self.wait(work, live.word)
        else:
            if not work.sent:
                work.since = work.next_look = self.clock.now()
            yield from self.start(work, Action.DELETE)
            work.sent = {"deleted": True}
            work.differs = "AWS still lists it"
            work.resource.delete(self.aws, live)


def _differences(step: Step) -> str:
    return "Still different: " + ", ".join(
        f"{key} is {change.before!r} and should be {change.after!r}" for key, change in step.changes.items()
    )
