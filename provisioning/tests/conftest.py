import shutil
from pathlib import Path

import pytest

import provisioning
from provisioning import remote
from provisioning.engine import loop, passing
from provisioning.images.source import Source
from provisioning.localcloud.cloud import LocalCloud

from .environment import Environment, point_at, pointed_at
from .models.witness import Witness

AWS_SECONDS_IN_OURS = 3000.0  # AWS's ten minutes pass in a fifth of a second
PAUSE = 0.1  # seconds between two looks at what takes so little
HERE = Path(__file__).parent
WITNESS = Witness()
OPERATIONS = ("__init__.py", "operations.py", "aws.py", "attempt.py", "engine")  # what its function needs of us


@pytest.fixture(scope="session")
def cloud():
    """One local AWS for all tests: each uses names of its own."""
    with LocalCloud(speed=AWS_SECONDS_IN_OURS) as cloud, pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "SHORTEST_PAUSE", PAUSE)
        # Here it is calls that are throttled, and not a time: who asks again that much sooner asks more often.
        patch.setattr(passing, "PAUSES", (PAUSE,) * 2 * len(passing.PAUSES))
        patch.setattr(remote, "PAUSE", PAUSE)
        cloud.look_on(WITNESS)
        yield cloud


@pytest.fixture(autouse=True)
def held_to_aws():
    """Every answer of the local AWS is one that botocore's model allows, or one of `models/allowed.py`."""
    yield
    assert WITNESS.take() == []


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """A tree to build from: a tiny site with the real operations function."""
    folder = tmp_path_factory.mktemp("source") / "tiny"
    shutil.copytree(HERE / "tiny", folder)
    ours = Path(provisioning.__file__).parent
    for name in OPERATIONS:
        copy = shutil.copytree if (ours / name).is_dir() else shutil.copy
        (folder / "provisioning").mkdir(exist_ok=True)
        copy(ours / name, folder / "provisioning" / name)
    return Source(folder)


@pytest.fixture
def on_local_aws(cloud, monkeypatch):
    """Point boto3 at it, and nothing else. By the test's own monkeypatch: two would be undone in the wrong order."""
    point_at(cloud, monkeypatch)
    return cloud


@pytest.fixture(scope="session")
def _standing(cloud, tiny):
    with pointed_at(cloud):
        env = Environment("standing", tiny)
    yield env
    with pointed_at(cloud):
        env.teardown(*env.everything)


@pytest.fixture
def standing(on_local_aws, _standing):
    """The environment of all tests that do not mind what is there already: to make a whole one takes seconds.

    Whoever asks for it says what must be there, by `standing.apply(…)`, which also puts right what another test left.
    """
    return _standing


@pytest.fixture
def env(standing, tiny):
    """The same when all of it is there, with the tiny site as it is."""
    standing.apply(*standing.built_from(tiny, push=True))
    return standing


@pytest.fixture
def environment(on_local_aws, tiny):
    """An environment of this test's own; what is left of it goes at the end."""
    made = []

    def make(name, source=tiny, **settings):
        made.append(Environment(name, source, **settings))
        return made[-1]

    yield make
    for each in reversed(made):
        each.teardown(*each.everything)
