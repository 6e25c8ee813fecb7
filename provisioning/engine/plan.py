"""What would have to be done: each resource is found, compared with what is wanted, and decided on."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from .graph import Graph
from .passing import patiently
from .problem import Problem, advice, code, said
from .resource import Live, Lives, Resource, State, Values

Found = TypeVar("Found")
READERS = 8  # threads; finding is reading, and a plan should take a second or two


FIXED = "set the former value again, or make another environment"
NOT_OURS = "it has this name but not our tags, so it may be somebody else's and stays untouched"


class Action(enum.Enum):
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    """Remove what failed and make it again."""
    KEEP = "keep"
    """It is as wanted."""
    WAIT = "wait"
    """AWS is changing it; what to do shows when that is over."""
    BLOCKED = "blocked"
    """Not ours, beyond repair, or a change that AWS can't make: a person has to decide."""
    DELETE = "delete"
    LEAVE = "leave"
    """Teardown keeps it: it holds data, or data needs it."""
    ABSENT = "absent"
    """Teardown finds nothing to remove."""


@dataclass(frozen=True)
class Change:
    before: Any
    after: Any


@dataclass(frozen=True)
class Step:
    """What to do with one resource, and why."""

    resource: Resource
    action: Action
    changes: Mapping[str, Change] = field(default_factory=lambda: MappingProxyType({}))
    why: str = ""

    @property
    def values(self) -> Values:
        """The changed values as they should become."""
        return {key: change.after for key, change in self.changes.items()}


ACTS = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.WAIT, Action.DELETE)


@dataclass(frozen=True)
class Plan:
    graph: Graph
    steps: tuple[Step, ...]

    def having(self, *actions: Action) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.action in actions)

    @property
    def blocked(self) -> tuple[Step, ...]:
        return self.having(Action.BLOCKED)

    @property
    def empty(self) -> bool:
        """True if there is nothing to do."""
        return not self.having(*ACTS)

    @property
    def longest_chain(self) -> tuple[Resource, ...]:
        """The chain that decides how long the whole takes."""
        return self.graph.longest_chain(self._seconds)

    @property
    def usual(self) -> int:
        """Seconds that the whole usually takes: its longest chain."""
        return sum(self._seconds(each) for each in self.longest_chain)

    def _seconds(self, resource: Resource) -> int:
        acting = {step.resource for step in self.having(*ACTS)}
        return resource.usual if resource in acting else 0


def decide(resource: Resource, live: Live | None, lives: Lives) -> Step:
    """What to do with a resource, from what AWS has of it and of what it needs."""
    if live is None:
        wanted = resource.wanted(lives)
        return Step(resource, Action.CREATE, {key: Change(None, value) for key, value in wanted.items()})
    if not live.ours:
        return Step(resource, Action.BLOCKED, why=live.why or NOT_OURS)
    if live.state is State.CHANGING:
        return Step(resource, Action.WAIT, why=live.word)
    if live.state is State.FAILED:
        action = Action.REPLACE if resource.disposable else Action.BLOCKED
        return Step(resource, action, why=f"AWS reports it as {live.word}")
    changes = {
        key: Change(live.values.get(key), value)
        for key, value in resource.wanted(lives).items()
        if live.values.get(key) != value
    }
    if not changes:
        return Step(resource, Action.KEEP)
    if stuck := sorted(resource.fixed & changes.keys()):
        return Step(resource, Action.BLOCKED, changes, f"AWS cannot change {', '.join(stuck)} in place: {FIXED}")
    return Step(resource, Action.UPDATE, changes)


def plan(graph: Graph, aws: Any) -> Plan:
    """What `apply` would do now. It only reads, and never wakes a database.

    Raises Problem for what cannot be read, or what AWS would refuse to create.
    """
    found = find_all(graph, aws)
    lives, steps = Lives(), []
    for each in graph:
        live = found[each]
        step = decide(each, live, lives)
        if step.action is Action.CREATE:
            _asked(each, "checked", lambda each=each: each.check(aws))  # type: ignore[misc]
        renewed = step.action is Action.REPLACE or (step.action is Action.UPDATE and each.revised)
        if live is not None and not renewed:
            lives[each] = live
        steps.append(step)
    return Plan(graph, tuple(steps))


def plan_teardown(graph: Graph, aws: Any, *, data: bool) -> Plan:
    """What `teardown` would remove, last things first; with `data`, what holds data as well."""
    found = find_all(graph, aws)
    holding = [each for each in graph if each.keeps_data and _exists(found[each]) and not data]
    kept = set(graph.only(*holding))
    return Plan(graph, tuple(_teardown_step(each, found[each], each in kept) for each in reversed(list(graph))))


def _teardown_step(resource: Resource, live: Live | None, kept: bool) -> Step:
    if live is None or resource.within:
        return Step(resource, Action.ABSENT)
    if not live.ours:
        return Step(resource, Action.BLOCKED, why=live.why or NOT_OURS)
    if kept:
        why = "it holds data" if resource.keeps_data else "data that is kept needs it"
        why += f"; AWS reports it as {live.word}" if live.state is not State.READY else ""
        return Step(resource, Action.LEAVE, why=why)
    return Step(resource, Action.DELETE)


def _exists(live: Live | None) -> bool:
    return live is not None and live.ours


def find_all(resources: Iterable[Resource], aws: Any) -> dict[Resource, Live | None]:
    """What AWS has of each, read side by side. Raises Problem naming the one that could not be read."""

    def find(each: Resource) -> Live | None:
        return _asked(each, "looked up", lambda: each.find(aws))

    everything = list(resources)
    with ThreadPoolExecutor(READERS) as pool:
        return dict(zip(everything, pool.map(find, everything), strict=True))


def _asked(each: Resource, how: str, read: Callable[[], Found]) -> Found:
    """What AWS answers, once it does. Raises Problem for what it refuses."""
    try:
        return patiently(read)
    except (ClientError, BotoCoreError) as error:
        do = each.advice.get(code(error)) or advice(error, "Mend that and run again: nothing was changed")
        raise Problem(f"{each}: could not be {how}", said(error), do) from error
