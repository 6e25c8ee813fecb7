"""Whole plans, held as text: what a person reads before anything is done.

`UPDATE_PLANS=1 make test` writes them anew; look at the difference before you commit it.
"""

import os
import re
from pathlib import Path

import pytest

from provisioning.console import plan_text
from provisioning.engine.plan import plan, plan_teardown

PLANS = Path(__file__).parent / "plans"


def same_as_file(name, text):
    text = re.sub(r"[0-9a-f]{32}", "<revision>", text)
    file = PLANS / f"{name}.txt"
    if os.environ.get("UPDATE_PLANS"):
        file.write_text(text + "\n")
    assert text + "\n" == file.read_text()


def test_the_plan_of_a_new_environment(environment):
    env = environment("plan")
    same_as_file("new", plan_text(plan(env.site, env.aws)))


@pytest.fixture
def made(environment):
    """An environment that is there, all of it."""
    env = environment("plan")
    env.apply(*env.site)
    return env


def test_the_plans_of_an_environment_that_is_there(environment, made):
    same_as_file("nothing-to-do", plan_text(plan(made.site, made.aws)))

    more = environment("plan", max_capacity=8, max_instances=2)
    same_as_file("more-capacity", plan_text(plan(more.site, more.aws)))

    newer = environment("plan", postgres=18)
    same_as_file("newer-postgres", plan_text(plan(newer.site, newer.aws)))

    same_as_file("teardown", plan_text(plan_teardown(made.everything, made.aws, data=False)))
    same_as_file("teardown-data", plan_text(plan_teardown(made.everything, made.aws, data=True)))
