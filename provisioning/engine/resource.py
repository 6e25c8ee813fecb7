"""What a resource is: something in AWS that can be found, made, changed and removed."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, dataclass_transform

Values = Mapping[str, Any]
NOTHING: Values = MappingProxyType({})


class State(enum.Enum):
    CHANGING = "changing"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, eq=False)
class Later:
    """A value that only AWS can give, once something else exists. It equals nothing, not even itself."""

    what: str

    def __str__(self) -> str:
        return f"(known after {self.what})"

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]  # it equals nothing, so it can be looked up nowhere

    def __format__(self, spec: str) -> str:
        raise TypeError(str(self) + " cannot be put into a string yet: build the string with text()")


def text(template: str, *parts: object) -> str | Later:
    """The template filled with the parts; Later for as long as one of them is."""
    return next((part for part in parts if isinstance(part, Later)), None) or template.format(*parts)


def is_later(value: object) -> bool:
    """True if the value, or anything in it, is known only later."""
    if isinstance(value, Mapping):
        return any(is_later(inner) for inner in value.values())
    if isinstance(value, (list, tuple)):
        return any(is_later(inner) for inner in value)
    return isinstance(value, Later)


def in_order(values: Iterable[str | Later]) -> list[Any]:
    """Sorted, so that an order that AWS made up is no difference; as they come while one is Later."""
    listed = list(values)
    return listed if is_later(listed) else sorted(listed, key=str)


@dataclass(frozen=True)
class Live:
    """A resource as AWS reports it now."""

    id: str
    arn: str = ""
    values: Values = field(default_factory=lambda: NOTHING)
    """What `decide` compares, key by key; may hold more than is ever wanted (an endpoint, say)."""
    state: State = State.READY
    word: str = ""
    """AWS's own word for the state, shown while we wait."""
    ours: bool = True
    """It carries our tag, or lies under our path."""
    why: str = ""
    """Why it is not ours, where there is more to say than that."""
    setback: str = ""
    """What AWS tells of its last operation on this, if that failed and left the thing as it was."""
    output: str = ""
    """What it has printed so far, if it is something that prints; whole lines."""


class _LaterValues(Mapping[str, Any]):
    """The values of what does not exist yet: each of them is Later."""

    def __init__(self, resource: Resource) -> None:
        self.resource = resource

    def __getitem__(self, key: str) -> Later:
        return Later(f"{self.resource} {key}")

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Lives:
    """What AWS has, by resource; of what is still to be made, every value is Later."""

    def __init__(self) -> None:
        self._lives: dict[Resource, Live] = {}

    def __setitem__(self, resource: Resource, live: Live) -> None:
        self._lives[resource] = live

    def __getitem__(self, resource: Resource) -> Live:
        live = self._lives.get(resource)
        if live is None:
            pending: Any = Later(f"{resource} id"), Later(f"{resource} arn")
            return Live(id=pending[0], arn=pending[1], values=_LaterValues(resource))
        return live

    def __contains__(self, resource: Resource) -> bool:
        return resource in self._lives


@dataclass(frozen=True)
class Given:
    """A string with what AWS gives to other resources in it, known once they exist.

    `Given("http://{}:{}", (cluster, "endpoint"), (cluster, "port"))`; a part names a resource and one of its
    live values, or its "id" or "arn".
    """

    template: str
    parts: tuple[tuple[Resource, str], ...]

    def __init__(self, template: str, *parts: tuple[Resource, str]) -> None:
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "parts", parts)

    def now(self, lives: Lives) -> str | Later:
        return text(self.template, *(self._part(resource, lives[resource], key) for resource, key in self.parts))

    @staticmethod
    def _part(resource: Resource, live: Live, key: str) -> object:
        known = {"id": live.id, "arn": live.arn, **live.values}.get(key)
        return Later(f"{resource} {key}") if known is None else known


def now(value: str | Given, lives: Lives) -> str | Later:
    """A plain string as it is; a Given one as it is by now."""
    return value.now(lives) if isinstance(value, Given) else value


@dataclass(frozen=True)
class Retry:
    """An AWS error that time alone cures."""

    code: str
    saying: str = ""
    """Only if the message has this in it: some codes mean many things."""
    at_most: float = float("inf")
    """Seconds; past them it is not one that passes."""

    def cures(self, code: str, message: str, age: float) -> bool:
        return code == self.code and self.saying in message and age <= self.at_most


@dataclass_transform(kw_only_default=True, frozen_default=True, eq_default=False)
def resource(cls: type) -> Any:
    """Make a class a kind of resource: a frozen dataclass whose arguments are all given by name."""
    return dataclass(frozen=True, kw_only=True, eq=False, repr=False)(cls)


@resource
class Resource:
    """Something in AWS. `find`, `create`, `update` and `delete` don't wait, and each may be called twice."""

    service: ClassVar[str]
    """The boto3 client that it is reached by."""
    fixed: ClassVar[frozenset[str]] = frozenset()
    """Values that AWS cannot change in place: a change of them is refused in the plan."""
    keeps_data: ClassVar[bool] = False
    """Teardown leaves it, and what it needs, unless told otherwise."""
    within: ClassVar[bool] = False
    """It lies within another one and goes with it: teardown passes it over."""
    disposable: ClassVar[bool] = False
    """One that failed may be removed and made again: it holds nothing that anybody would miss."""
    revised: ClassVar[bool] = False
    """An update makes a new revision under a new id, so what needs it changes too."""
    retries: ClassVar[tuple[Retry, ...]] = ()
    """Errors that pass by themselves, such as a role that AWS has not spread yet."""
    advice: ClassVar[Mapping[str, str]] = NOTHING
    """What a person should do next, by AWS's error code."""
    speaker: ClassVar[str] = "AWS"
    """Who says what went wrong with it."""
    patience: ClassVar[int] = 300
    """Seconds until we stop waiting for it to come or to change."""
    appears: ClassVar[int] = 3600
    """Seconds within which it is listed after its creation, or never will be; patience may end before."""
    uncertain: ClassVar[int] = 0
    """Seconds for which a creation whose answer was lost is not asked for again, where that would make two."""
    removal_patience: ClassVar[int] = 1800
    """Seconds until we stop waiting for it to go: AWS lets go slowly."""
    usual: ClassVar[int] = 1
    """Seconds that making it usually takes."""
    name_limit: ClassVar[int] = 64
    """The longest name that AWS takes."""
    name_least: ClassVar[int] = 1
    """The shortest."""

    name: str
    after: tuple[Resource, ...] = field(default=())
    """Order only: none of their values is used."""

    @property
    def kind(self) -> str:
        return type(self).__name__

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    __repr__ = __str__

    # A kind and a name are all that AWS tells two things apart by.
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.name == other.name

    def __hash__(self) -> int:
        return hash((type(self), self.name))

    @cached_property
    def needs(self) -> tuple[Resource, ...]:
        """The resources held in its fields, each once, in the order of the fields."""
        found: dict[Resource, None] = {}
        for each in fields(self):
            found.update(dict.fromkeys(_resources_in(getattr(self, each.name))))
        return tuple(found)

    def find(self, aws: Any) -> Live | None:
        """What AWS has of it, or None."""
        raise NotImplementedError

    def wanted(self, lives: Lives) -> Values:
        """How it should be: compared, key by key, with `Live.values`."""
        raise NotImplementedError

    def check(self, aws: Any) -> None:
        """Raise Problem for what AWS would refuse to create, as far as it can be known before."""

    def create(self, aws: Any, wanted: Values) -> Values | None:
        """What was asked of AWS, if that is less than what is wanted: the next look changes the rest."""
        raise NotImplementedError

    def why_absent(self, aws: Any) -> str:
        """What can be said of it if it was created and is not listed."""
        return "AWS does not list it"

    def update(self, aws: Any, live: Live, changes: Values) -> Values | None:
        """Change these values, and no others.

        Where AWS takes them only one after the other: those that were asked for; the next look brings the rest.
        """
        raise NotImplementedError

    def delete(self, aws: Any, live: Live) -> None:
        raise NotImplementedError

    def meters(self, usage: Any) -> Iterable[Any]:
        """What it uses in a month, as `pricing.Meter`s."""
        return ()


def _resources_in(value: object) -> Iterable[Resource]:
    if isinstance(value, Resource):
        yield value
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _resources_in(inner)
    elif isinstance(value, Mapping):
        yield from _resources_in(tuple(value.values()))
    elif is_dataclass(value):
        yield from _resources_in(tuple(getattr(value, each.name) for each in fields(value)))
