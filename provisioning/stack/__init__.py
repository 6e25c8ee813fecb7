"""What a site needs: the graph of one environment, for each way to run it."""

from __future__ import annotations

from collections.abc import Callable

from ..aws import Aws
from ..config import Config
from ..engine.graph import Graph
from ..engine.passing import patiently
from ..engine.problem import Problem
from ..engine.resource import Resource
from . import apprunner
from .foundation import Foundation
from .images import Making

TARGETS: dict[str, Callable[[Foundation], tuple[Resource, ...]]] = {
    "apprunner": apprunner.compute,
}
"""How the site can be run: what makes the resource whose id is its address, and then what comes after that."""


def site(config: Config, aws: Aws, making: Making | None = None) -> Graph:
    """All that the site needs on its target. Raises Problem for what AWS, or the database under load, would refuse."""
    _check_budget(config)
    return _checked(config, aws, *_target(config)(Foundation(config, aws, making or Making())))


def everything(config: Config, aws: Aws) -> Graph:
    """The foundation under all targets, so that a change of target never orphans the former one."""
    foundation = Foundation(config, aws, Making(in_codebuild=True))
    return _checked(config, aws, *(each for compute in TARGETS.values() for each in compute(foundation)))


def address(config: Config, aws: Aws) -> str:
    """Where a browser finds the site; empty as long as nothing runs it."""
    live = patiently(lambda: _target(config)(Foundation(config, aws))[0].find(aws))
    return f"{aws.scheme}://{live.id}/" if live else ""


def _target(config: Config) -> Callable[[Foundation], tuple[Resource, ...]]:
    if config.target not in TARGETS:
        raise config.refusal("target", f"the targets are {', '.join(TARGETS)}")
    return TARGETS[config.target]


def _check_budget(config: Config) -> None:
    budget = config.budget
    if not budget.holds:
        fewer = f"lower MAX_INSTANCES to {budget.most_instances}, or " if budget.most_instances else ""
        raise Problem(
            f"With MAX_CAPACITY {config.max_capacity:g} and MIN_CAPACITY {config.min_capacity:g} the database has too "
            "few connections",
            f"{budget.text[0].upper()}{budget.text[1:]}",
            f"Raise MAX_CAPACITY, {fewer}lower WORKERS or THREADS, and run again: nothing was changed",
        )


def _checked(config: Config, aws: Aws, *roots: Resource) -> Graph:
    """The graph, if AWS takes all its names and has all its services in the region."""
    graph = Graph(*roots)
    tightest = min(graph, key=lambda each: each.name_limit - len(each.name))
    shortest = min(graph, key=lambda each: len(each.name) - each.name_least)
    if len(shortest.name) < shortest.name_least:
        rule = f'{shortest.kind} would be called "{shortest.name}", and AWS wants {shortest.name_least} characters'
        raise config.refusal("env", rule)
    excess = len(tightest.name) - tightest.name_limit
    if excess > 0:
        longest = len(config.env) - excess
        raise config.refusal(
            "env" if longest > 0 else "project",
            f'{tightest.kind} would be called "{tightest.name}", {len(tightest.name)} characters, and AWS '
            f"takes {tightest.name_limit}: use at most {longest if longest > 0 else len(config.project) - excess}",
        )
    aws.check_region(each.service for each in graph)
    return graph
