"""The order of things: resources, sorted so that each comes after all that it needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields

from .resource import Resource


class Graph:
    """Resources with all that they need, each once, in an order that never changes between runs."""

    def __init__(self, *roots: Resource) -> None:
        self._order: dict[Resource, None] = {}
        for root in roots:
            self._add(root)
        self._needed_by: dict[Resource, list[Resource]] = {each: [] for each in self}
        for each in self:
            for need in each.needs:
                self._needed_by[need].append(each)

    def __iter__(self) -> Iterator[Resource]:
        return iter(self._order)

    def __len__(self) -> int:
        return len(self._order)

    def __contains__(self, resource: Resource) -> bool:
        return resource in self._order

    def needed_by(self, resource: Resource) -> tuple[Resource, ...]:
        """What needs it directly."""
        return tuple(self._needed_by[resource])

    def only(self, *resources: Resource) -> Graph:
        """These and what they need, and nothing else."""
        return Graph(*(each for each in self if each in resources))

    def longest_chain(self, seconds: Callable[[Resource], float]) -> tuple[Resource, ...]:
        """The chain of needs that takes longest, first to last; those that take no time are left out."""
        ends: dict[Resource, float] = {}
        before: dict[Resource, Resource | None] = {}
        for each in self:
            before[each] = max(each.needs, key=ends.__getitem__, default=None)
            ends[each] = seconds(each) + (ends[before[each]] if before[each] else 0)  # type: ignore[index]
        chain: list[Resource] = []
        step = max(self, key=ends.__getitem__, default=None)
        while step is not None:
            chain.append(step)
            step = before[step]
        return tuple(each for each in reversed(chain) if seconds(each) > 0)

    def _add(self, resource: Resource) -> None:
        if resource in self._order:
            self._same_or_raise(resource)
            return
        for need in resource.needs:  # frozen objects cannot form a cycle, so this ends
            self._add(need)
        self._order[resource] = None

    def _same_or_raise(self, resource: Resource) -> None:
        known = next(each for each in self._order if each == resource)
        for each in fields(resource):
            if getattr(known, each.name) != getattr(resource, each.name):
                raise ValueError(f"{resource} is described twice, with a different {each.name}")
