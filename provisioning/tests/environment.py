"""One environment on the local AWS, with what a test does to it."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from provisioning.aws import Aws
from provisioning.config import Config
from provisioning.console import line
from provisioning.engine.events import TROUBLES
from provisioning.engine.graph import Graph
from provisioning.engine.run import apply, teardown
from provisioning.localcloud.exports import MISLEADING
from provisioning.stack import everything, site
from provisioning.stack.images import Making


@contextmanager
def pointed_at(cloud):
    """boto3 finds that local AWS, and nothing else."""
    with pytest.MonkeyPatch.context() as patch:
        point_at(cloud, patch)
        yield


def point_at(cloud, patch):
    for name in [*MISLEADING, *(name for name in os.environ if name.startswith("AWS_"))]:
        patch.delenv(name, raising=False)
    for name, value in cloud.environment.items():
        patch.setenv(name, value)


@contextmanager
def open_folder():
    """Where the user of PostgreSQL gets through, as in no folder of pytest's; else root's has its databases apart."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


class Environment:
    def __init__(self, name, source, **settings):
        self.config = Config(**{"env": name, "final_snapshot": False, "builder": "codebuild", **settings})
        self.aws = Aws(tags=self.config.tags)
        self.everything = everything(self.config, self.aws)
        self.site = self.built_from(source)

    def built_from(self, source, *, push=False):
        """The graph of the site, its image made from this tree."""
        return site(self.config, self.aws, Making.choose(self.config, self.aws, source, push=push))

    def the(self, kind, ending=""):
        """The resource of a kind, told from others of it by how its name ends."""
        (found,) = [each for each in self.site if each.kind == kind and each.name.endswith(ending)]
        return found

    def apply(self, *resources):
        return self._well(apply(Graph(*resources), self.aws))

    def teardown(self, *resources):
        return self._well(teardown(Graph(*resources), self.aws, data=True))

    def client(self, service):
        return self.aws.client(service)

    @staticmethod
    def _well(events):
        events = list(events)
        troubles = [line(event) for event in events if isinstance(event, TROUBLES)]
        assert not troubles, "\n".join(troubles)
        return events
