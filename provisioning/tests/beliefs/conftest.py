from contextlib import ExitStack, closing

import pytest

from provisioning.beliefs import chosen
from provisioning.beliefs.scene import Scene
from provisioning.beliefs.trial import each_tried
from provisioning.localcloud.rds.pause import Pause
from provisioning.stack.images import Making

from .clock import TwinsClock


@pytest.fixture
def scene(env, on_local_aws, monkeypatch):
    """The standing environment, as if this run had found it there; its database sleeps when the clock says so."""
    monkeypatch.setattr(Pause, "is_due", lambda pause, idle: False)
    with closing(TwinsClock(on_local_aws, env.the("Cluster").name)) as clock:
        yield Scene(env.config, env.aws, Making(), clock)


@pytest.fixture
def told(standing, on_local_aws):
    """A scene of which only what happened matters: `made` and `gone` are the test's to write."""
    return Scene(standing.config, standing.aws, Making(), TwinsClock(on_local_aws))


@pytest.fixture
def verdict():
    """`verdict(scene, "an-object-is-made-once")`."""

    def judge(scene, id_):
        (belief,) = chosen([id_])
        ((tried),) = each_tried([belief], scene, belief.when)
        return tried.verdict

    return judge


@pytest.fixture
def twin(on_local_aws):
    """The local AWS; what a test changes of it is undone."""
    with ExitStack() as undo:
        undo.callback(setattr, on_local_aws, "while_resuming", on_local_aws.while_resuming)
        undo.callback(setattr, on_local_aws, "enforce_iam", on_local_aws.enforce_iam)
        undo.callback(setattr, on_local_aws, "bad_days", ())
        yield on_local_aws
