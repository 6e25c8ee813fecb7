"""A small world to move in: one kind of thing, an AWS that keeps it, and a clock that jumps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from provisioning.engine.clock import Clock
from provisioning.engine.events import Event
from provisioning.engine.resource import Given, Live, Lives, Resource, Retry, State, Values, now, resource


class FakeClock(Clock):
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        assert seconds > 0, "a loop that sleeps no time never ends"
        self.time += seconds


def refusal(code: str, message: str = "no") -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "Operation")


@dataclass
class Kept:
    """What the world has of one thing."""

    values: dict[str, Any]
    state: State = State.READY
    word: str = "ready"
    ours: bool = True
    setback: str = ""
    prints: tuple[tuple[float, str], ...] = ()
    """Seconds, and what it prints then."""
    ready_at: float = 0
    shows_at: float = 0
    shown: dict[str, Any] = field(default_factory=dict)
    gone_at: float | None = None
    listed_at: float = 0


@dataclass
class World:
    """An AWS that a test bends as it likes; `calls` is what was asked of it."""

    clock: FakeClock
    things: dict[str, Kept] = field(default_factory=dict)
    calls: list[tuple[str, str, float]] = field(default_factory=list)
    takes: dict[str, float] = field(default_factory=dict)
    """Seconds that making, changing or removing a thing takes, by name."""
    lags: dict[str, float] = field(default_factory=dict)
    """Seconds until a change shows, by name."""
    refuses: dict[tuple[str, str], list[Exception]] = field(default_factory=dict)
    """Errors that the next calls meet, by (call, name)."""
    forgets: dict[str, int] = field(default_factory=dict)
    """How many changes are accepted and forgotten, by name."""
    fails: dict[str, str] = field(default_factory=dict)
    """Names whose creation ends in this word."""
    rolls_back: dict[str, str] = field(default_factory=dict)
    """Names whose next change is rolled back, with the setback that shows."""
    lists_late: dict[str, float] = field(default_factory=dict)
    """Seconds until something that was made is listed, by name."""
    prints: dict[str, tuple[tuple[float, str], ...]] = field(default_factory=dict)
    """What is printed while a thing is made, by name: seconds after its creation, and the text."""
    one_at_a_time: set[str] = field(default_factory=set)
    """Names of which only one value can be changed in one call."""
    loses_answer: set[str] = field(default_factory=set)
    """Names whose next creation takes effect, but answers with an error."""

    def call(self, what: str, name: str) -> None:
        self.calls.append((what, name, self.clock.time))
        if errors := self.refuses.get((what, name)):
            raise errors.pop(0)

    def names(self, what: str) -> list[str]:
        return [name for call, name, _ in self.calls if call == what]


@resource
class Thing(Resource):
    service: ClassVar[str] = "things"
    fixed: ClassVar[frozenset[str]] = frozenset({"shape"})
    retries: ClassVar = (Retry("Busy"), Retry("Invalid", "spreads", at_most=60))
    advice: ClassVar = {"Closed": "Run again with another target"}
    usual: ClassVar[int] = 10
    name_limit: ClassVar[int] = 12

    shape: str = "round"
    size: int = 1
    on: tuple[Resource, ...] = ()
    label: str | Given = ""

    def find(self, world: World) -> Live | None:
        world.call("find", self.name)
        kept = world.things.get(self.name)
        now_ = world.clock.time
        if kept is None or (kept.gone_at is not None and now_ >= kept.gone_at):
            world.things.pop(self.name, None)
            return None
        if now_ < kept.listed_at:
            return None
        changing = now_ < kept.ready_at or kept.gone_at is not None
        values = kept.values if now_ >= kept.shows_at else kept.shown
        return Live(
            id=f"id-{self.name}",
            arn=f"arn:{self.name}",
            values=values,
            state=State.CHANGING if changing else kept.state,
            word="changing" if changing else kept.word,
            ours=kept.ours,
            setback=kept.setback,
            output="".join(text for at, text in kept.prints if at <= now_),
        )

    def wanted(self, lives: Lives) -> Values:
        return {"shape": self.shape, "size": self.size, "label": now(self.label, lives)}

    def create(self, world: World, wanted: Values) -> None:
        world.call("create", self.name)
        word = world.fails.pop(self.name, None)
        world.things[self.name] = Kept(
            dict(wanted),
            state=State.FAILED if word else State.READY,
            word=word or "ready",
            ready_at=world.clock.time + world.takes.get(self.name, 0),
            shows_at=world.clock.time + world.lags.get(self.name, 0),
            listed_at=world.clock.time + world.lists_late.get(self.name, 0),
            prints=tuple((world.clock.time + at, text) for at, text in world.prints.get(self.name, ())),
        )
        if self.name in world.loses_answer:
            world.loses_answer.discard(self.name)
            raise refusal("AlreadyExists")

    def update(self, world: World, live: Live, changes: Mapping[str, Any]) -> Values:
        world.call("update", self.name)
        if self.name in world.one_at_a_time:
            changes = dict(list(changes.items())[:1])
        if world.forgets.get(self.name, 0) > 0:
            world.forgets[self.name] -= 1
            return changes
        kept = world.things[self.name]
        if self.name in world.rolls_back:
            kept.setback = world.rolls_back.pop(self.name)
            return changes
        kept.shown = dict(kept.values)
        kept.values.update(changes)
        kept.ready_at = world.clock.time + world.takes.get(self.name, 0)
        kept.shows_at = world.clock.time + world.lags.get(self.name, 0)
        return changes

    def delete(self, world: World, live: Live) -> None:
        world.call("delete", self.name)
        if self.name in world.things:
            world.things[self.name].gone_at = world.clock.time + world.takes.get(self.name, 0)


@resource
class Shy(Thing):
    appears: ClassVar[int] = 60

    def why_absent(self, world: World) -> str:
        return "It hides"


@resource
class Unrepeatable(Thing):
    uncertain: ClassVar[int] = 60


@resource
class Data(Thing):
    keeps_data: ClassVar[bool] = True


@resource
class Cattle(Thing):
    disposable: ClassVar[bool] = True


@resource
class Revised(Thing):
    revised: ClassVar[bool] = True


def told(events: Iterable[Event]) -> list[str]:
    """Events as `Started a`, `Finished a`, without the times."""
    return [f"{type(event).__name__} {event.resource.name}" for event in events]
