"""CloudWatch beside a load: what it does not tell is no reason to end that."""

from provisioning.config import Config
from provisioning.load import watch
from provisioning.load.watch import Seen, Watch
from provisioning.tests.engine.world import refusal


class Refusing:
    """An AWS whose CloudWatch has no time."""

    is_local = True

    def client(self, service):
        return self

    def get_metric_data(self, **asked):
        raise refusal("ThrottlingException")


def test_a_refusal_of_cloudwatch_does_not_end_the_load(monkeypatch):
    monkeypatch.setattr(watch, "site", lambda config, aws: ())
    assert Watch(Config(), Refusing()).look(0.0) == Seen()
