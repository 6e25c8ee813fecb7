"""Environments that may be made and removed by a machine: their names, their tags, and what one costs."""

from __future__ import annotations

import re
from typing import Any

from ..config import Config
from ..engine.problem import Problem
from ..engine.resource import Resource
from ..pricing import HOURS, RATES, estimate

NAME = re.compile(r"verify(-[a-z0-9-]+)?")
TAGS = {"scale0:throw-away": "yes"}
"""Beside the environment's own: what does not carry them was made by somebody else, and stays untouched."""
SETTINGS: dict[str, Any] = {  # the least that shows all of it
    "min_capacity": 0.0,
    "max_capacity": 1.0,
    "max_instances": 2,
    "max_concurrency": 10,  # so that few visitors are too many
    "pause_seconds": 300,
    "final_snapshot": False,
    "automatic_deployments": False,
}
LONGEST = 3.0  # hours that a run takes at most
REMOVING = 2400  # seconds; Lambda's network interfaces go when they want to


def check_name(env: str) -> None:
    """Raise Problem for the name of an environment that somebody may want to keep."""
    if not NAME.fullmatch(env):
        rule = "It is removed at the end with all its data, so its name is verify, or begins with verify-"
        raise Problem(f'--env is "{env}"', rule, "Leave --env out, or name another: nothing was changed")


def dollars(config: Config, resources: list[Resource]) -> float:
    """At most: all the time awake, the database at its greatest capacity."""
    price = estimate(resources)
    database = config.max_capacity * RATES["Aurora capacity unit-hour"].dollars
    return LONGEST * (price.asleep / HOURS + price.awake + database) + 5 * RATES["CodeBuild small minute"].dollars
