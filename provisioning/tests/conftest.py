import os
import sys

import pytest

from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.exports import MISLEADING

from .environment import Environment

AWS_SECONDS_IN_OURS = 600.0  # AWS's ten minutes pass in one second


@pytest.fixture(scope="session")
def cloud():
    """One local AWS for all tests: each uses names of its own. Its services run a tiny site."""
    command = [sys.executable, "-m", "provisioning.tests.tiny_site"]
    with LocalCloud(speed=AWS_SECONDS_IN_OURS, service_command=command) as cloud:
        yield cloud


@pytest.fixture
def on_local_aws(cloud, monkeypatch):
    """Point boto3 at it, and nowhere else."""
    for name in [*MISLEADING, *(name for name in os.environ if name.startswith("AWS_"))]:
        monkeypatch.delenv(name, raising=False)
    for name, value in cloud.environment.items():
        monkeypatch.setenv(name, value)
    return cloud


@pytest.fixture
def environment(on_local_aws):
    """An environment of this test's own; what is left of it goes at the end."""
    made = []

    def make(name, **settings):
        made.append(Environment(name, **settings))
        return made[-1]

    yield make
    for each in reversed(made):
        each.teardown(*each.everything)
