"""Whole plans, held as text: what a person reads before anything is done.

`UPDATE_PLANS=1 make test` writes them anew; look at the difference before you commit it.
"""

import os
import re
import shutil
from pathlib import Path

import pytest

from provisioning.console import plan_text
from provisioning.engine.plan import plan, plan_teardown
from provisioning.images.source import Source

PLANS = Path(__file__).parent / "plans"
MADE_UP = {  # by AWS, anew each time
    r"sha256:[0-9a-f]{64}": "sha256:<digest>",
    r"cluster-[0-9A-Z]{26}": "cluster-<id>",
    r"[0-9a-f]{32}": "<revision>",
    r"dirty-[0-9a-f]{8}": "dirty-<digest>",
}


def same_as_file(name, text):
    for made_up, shown in MADE_UP.items():
        text = re.sub(made_up, shown, text)
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


def test_the_plans_of_an_environment_that_is_there(environment, made, tiny, tmp_path):
    same_as_file("nothing-to-do", plan_text(plan(made.site, made.aws)))

    more = environment("plan", max_capacity=8, max_instances=2)
    same_as_file("more-capacity", plan_text(plan(more.site, more.aws)))

    newer = environment("plan", postgres=18)
    same_as_file("newer-postgres", plan_text(plan(newer.site, newer.aws)))

    automatic = environment("plan", automatic_deployments=True)
    same_as_file("automatic-deployments", plan_text(plan(automatic.site, automatic.aws)))

    folder = shutil.copytree(tiny.folder, tmp_path / "changed")
    (folder / "new.txt").write_text("new")
    pushed = made.built_from(Source(folder), push=True)
    same_as_file("push", plan_text(plan(pushed, made.aws)))

    same_as_file("teardown", plan_text(plan_teardown(made.everything, made.aws, data=False)))
    same_as_file("teardown-data", plan_text(plan_teardown(made.everything, made.aws, data=True)))
