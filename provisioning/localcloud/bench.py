"""How much longer a run takes than its longest chain, and how often a plan asks AWS: ratios of one run."""

from __future__ import annotations

from dataclasses import dataclass

from ..aws import Aws
from ..config import Config
from ..engine.events import TROUBLES, Event, Finished
from ..engine.graph import Graph
from ..engine.plan import plan
from ..engine.resource import Resource
from ..engine.run import apply, teardown
from ..images.source import Source
from ..stack import everything, site
from ..stack.images import Making

MOST_CALLS = 1.2  # for each resource, of a plan that finds nothing
MOST_TIME = 1.05  # times the longest chain
CONSTANT = 1.0  # seconds on top: the first look at everything, and the last


class Failed(Exception):
    """The run did not come to a good end."""


@dataclass(frozen=True)
class Measured:
    resources: int
    calls_absent: int
    calls_present: int
    whole: float
    """Seconds."""
    chain: tuple[Resource, ...]
    longest: float
    """Seconds that the chain's resources took."""

    @property
    def calls(self) -> float:
        return self.calls_absent / self.resources

    @property
    def time(self) -> float:
        return (self.whole - CONSTANT) / self.longest

    @property
    def holds(self) -> bool:
        return self.calls <= MOST_CALLS and self.time <= MOST_TIME


def measure(source: Source) -> Measured:
    """Make an environment on the local AWS that boto3 finds, and remove it again. Raises Failed."""
    config = Config(env="bench", builder="codebuild", final_snapshot=False)
    aws = Aws(tags=config.tags)
    sent: list[str] = []  # calls, retries included
    aws.session.events.register("before-send", lambda event_name, **rest: sent.append(event_name))
    making = Making.choose(config, aws, source)
    graph = site(config, aws, making)
    absent = _calls(graph, aws, sent)
    took, whole = _timed(list(apply(graph, aws)))
    making.close()
    present = _calls(graph, aws, sent)
    _timed(list(teardown(everything(config, aws), aws, data=True)))
    chain = graph.longest_chain(lambda each: took.get(each, 0))
    return Measured(len(graph), absent, present, whole, chain, sum(took[each] for each in chain))


def _calls(graph: Graph, aws: Aws, sent: list[str]) -> int:
    """How many a plan makes."""
    before = len(sent)
    plan(graph, aws)
    return len(sent) - before


def _timed(events: list[Event]) -> tuple[dict[Resource, float], float]:
    """What each resource took, and the whole, in seconds."""
    if troubles := [event for event in events if isinstance(event, TROUBLES)]:
        raise Failed(str(troubles[0]))
    return {event.resource: event.took for event in events if isinstance(event, Finished)}, events[-1].at
