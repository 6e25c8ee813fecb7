"""One throw-away environment on its way from nothing to nothing, and what was seen of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from .. import stack
from ..aws import Aws
from ..config import Config
from ..dataapi import DataApi
from ..engine.clock import Clock
from ..engine.events import ENDS, TROUBLES, Event, Finished
from ..engine.graph import Graph
from ..engine.plan import Action
from ..engine.problem import code, said
from ..engine.resource import Live, Resource
from ..engine.run import apply, teardown
from ..remote import WAKING, Prints, run_beside
from ..resources.apprunner.closed import CLOSED
from ..stack.foundation import Foundation
from ..stack.images import Making
from ..stack.leftovers import sweep_logs
from ..waking import wake
from .belief import CannotBeTried
from .lookout import Lookout

Seen = TypeVar("Seen")


@dataclass(frozen=True)
class Attempt:
    """To connect to the database, from within its network."""

    took: float
    """Seconds."""
    met: str
    """What PostgreSQL's client said; empty if it was let in."""

    @property
    def words(self) -> str:
        return f'"{self.met}" after {self.took:g} s' if self.met else f"let in after {self.took:g} s"


class Scene:
    """`clock` is what the tries wait by; making and removing take the time that they take."""

    def __init__(self, config: Config, aws: Aws, making: Making, clock: Clock | None = None) -> None:
        self.config, self.aws, self.clock = config, aws, clock or Clock()
        self.foundation = Foundation(config, aws, making)
        site, everything = stack.site(config, aws, making), stack.everything(config, aws)
        self.closed = self._closed()
        """What App Runner answers to its first call, if it does not take the account."""
        self.site, self.everything = self._open_part(site), self._open_part(everything)
        self.made: list[Event] = []
        self.gone: list[Event] = []
        self.removed = False
        """Whether all of it is gone."""
        self.secret = ""
        """The master's: its ARN, once the cluster is to go."""
        self.lookout: Lookout | None = None
        self._seen: dict[Callable[[Scene], Any], Any] = {}

    def make(self) -> Iterator[Event]:
        yield from _kept(apply(self.site, self.aws), self.made)

    def remove(self) -> Iterator[Event]:
        with suppress(ClientError, BotoCoreError):  # that all of it goes matters more than what is seen of it
            self._look_at_what_goes()
        yield from _kept(teardown(self.everything, self.aws, data=True, clock=self.lookout), self.gone)
        sweep_logs(self.config, self.aws)
        self.removed = not any(isinstance(event, TROUBLES) for event in self.gone)

    def _look_at_what_goes(self) -> None:
        cluster = self.foundation.cluster.find(self.aws)
        self.secret = cluster.values["secret_arn"] or "" if cluster else ""
        vpc = self.foundation.network.vpc.find(self.aws)
        self.lookout = Lookout(Clock(), self.aws, vpc.id) if vpc else None

    def once(self, look: Callable[[Scene], Seen]) -> Seen:
        """What this sees, seen once for all beliefs that ask for it."""
        if look not in self._seen:
            self._seen[look] = look(self)
        seen: Seen = self._seen[look]
        return seen

    def the(self, kind: str) -> Resource:
        """The resource of a kind of which there is one. Raises CannotBeTried where App Runner is closed."""
        found = [each for each in self.site if each.kind == kind]
        if not found:
            raise CannotBeTried(f"There is no {kind}: App Runner does not take this account")
        return found[0]

    def live(self, kind: str) -> Live:
        """The same as AWS has it; raises CannotBeTried if it has not."""
        live = self.the(kind).find(self.aws)
        if live is None:
            raise CannotBeTried(f"There is no {self.the(kind)}")
        return live

    def end(self, kind: str, events: Iterable[Event]) -> Event:
        """How it ended for the resource of this kind. Raises CannotBeTried if it was never begun."""
        for event in events:
            if event.resource == self.the(kind) and isinstance(event, ENDS):
                return event
        raise CannotBeTried(f"Nothing was seen of {self.the(kind)}")

    def finished(self, kind: str, action: Action) -> Finished:
        """Raises CannotBeTried unless it was done, in this run."""
        event = self.end(kind, self.gone if action is Action.DELETE else self.made)
        if isinstance(event, Finished) and event.action is action:
            return event
        raise CannotBeTried(f"This run did not {action.value} {event.resource}")

    @property
    def data_api(self) -> DataApi:
        self.live("Instance")
        return DataApi(self.aws, self.live("Cluster"))

    def ask(self, query: str) -> str:
        """The one value that the database answers to its master, by the Data API; it is awake then."""
        for _ in wake(self.aws, self.foundation.cluster, self.foundation.writer, WAKING, self.clock):
            pass
        ((field,),) = self.data_api.execute(query)["records"]
        return str(next(iter(field.values())))

    def attempt(self, seconds: int, *more: str) -> Attempt:
        """To connect, by the operations function. It wakes the database, if anything does."""
        self.live("Function")
        command = ["attempt_connection", "--seconds", str(seconds), *more]
        told = run_beside(self.aws, self.foundation, command, {}, self.clock)
        printed = "".join(each.text for each in told if isinstance(each, Prints)).strip()
        try:
            return Attempt(**json.loads(printed.splitlines()[-1]))
        except (ValueError, IndexError) as error:
            raise CannotBeTried(f'The operations function printed "{printed[-300:]}"') from error

    def _closed(self) -> str:
        try:
            self.aws.client("apprunner").list_services()
        except ClientError as error:
            if code(error) not in CLOSED:
                raise
            return said(error)
        return ""

    def _open_part(self, graph: Graph) -> Graph:
        """Without what needs App Runner, if it is closed: the rest can be tried all the same."""
        if not self.closed:
            return graph
        return Graph(*(each for each in graph if all(one.service != "apprunner" for one in Graph(each))))


def _kept(events: Iterator[Event], kept: list[Event]) -> Iterator[Event]:
    for event in events:
        kept.append(event)
        yield event
