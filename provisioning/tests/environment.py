"""One environment on the local AWS, with what a test does to it."""

from provisioning.aws import Aws
from provisioning.config import Config
from provisioning.engine.events import TROUBLES
from provisioning.engine.graph import Graph
from provisioning.engine.run import apply, teardown
from provisioning.stack import everything, site


class Environment:
    def __init__(self, name, **settings):
        self.config = Config(env=name, final_snapshot=False, **settings)
        self.aws = Aws(tags=self.config.tags)
        self.everything = everything(self.config, self.aws)
        self.site = site(self.config, self.aws)

    def the(self, kind, ending=""):
        """The resource of a kind, told from others of it by how its name ends."""
        (found,) = [each for each in self.everything if each.kind == kind and each.name.endswith(ending)]
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
        assert [event for event in events if isinstance(event, TROUBLES)] == []
        return events
