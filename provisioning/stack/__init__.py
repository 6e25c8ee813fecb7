"""What a site needs: the graph of one environment, for each way to run it."""

from __future__ import annotations

from collections.abc import Callable

from ..aws import Aws
from ..config import Config
from ..engine.graph import Graph
from ..engine.problem import Problem
from ..engine.resource import Resource
from . import apprunner
from .foundation import Foundation

TARGETS: dict[str, Callable[[Foundation], Resource]] = {
    "apprunner": apprunner.compute,
}
"""How the site can be run, and what makes the resource whose id is its address."""


def site(config: Config, aws: Aws) -> Graph:
    """All that the site needs on its target, the compute last. Raises Problem for what AWS would refuse."""
    if config.target not in TARGETS:
        raise config.refusal("target", f"the targets are {', '.join(TARGETS)}")
    return _checked(config, aws, TARGETS[config.target](Foundation(config, aws)))


def everything(config: Config, aws: Aws) -> Graph:
    """The foundation under all targets, so that a change of target never orphans the former one."""
    foundation = Foundation(config, aws)
    return _checked(config, aws, *(compute(foundation) for compute in TARGETS.values()))


def address(graph: Graph, aws: Aws) -> str:
    """Where a browser finds the site; empty as long as nothing runs it."""
    compute = list(graph)[-1]  # nothing needs it, so it comes last
    live = compute.find(aws)
    return f"{aws.scheme}://{live.id}/" if live else ""


def complete_or_raise(aws: Aws) -> None:
    """Raise Problem where what this version makes would cost money and not serve: on AWS itself."""
    if not aws.is_local:
        raise Problem(
            "AWS itself: not yet",
            "This version makes no network between service and database and builds no image, so the site "
            "would cost and not answer; that comes next",
            "Look at the plan with --plan; to try the whole on this machine, run `make demo`",
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
