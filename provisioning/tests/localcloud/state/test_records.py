"""Every backend that the project uses, of moto and ours, can be kept and read back."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from provisioning.localcloud.ground import ground
from provisioning.localcloud.ports import LOOPBACK, hold_port
from provisioning.localcloud.rds.pause import Pause
from provisioning.localcloud.state import pickling, records
from provisioning.localcloud.state.bodies import Bodies

from ...environment import Environment

SERVICES = (
    *("apprunner", "cloudwatch", "codebuild", "ec2", "ecr", "iam", "kms", "lambda", "logs", "rds", "rds-data", "s3"),
    *("secretsmanager", "ssm", "sts"),
)


@pytest.fixture
def copy_of(tmp_path: Path) -> Any:
    def copy(thing: Any) -> Any:
        bodies = Bodies(tmp_path / "objects")
        bodies.begin()
        return pickling.read(pickling.write(thing, bodies))

    return copy


def test_every_backend_that_the_project_uses_survives(env: Environment, copy_of: Any) -> None:
    with ground().lock:
        taken = records.take()
        services = {backends.service_name for backends, *_ in records.all_backends()}
        found = copy_of(taken)
    assert services >= set(SERVICES)
    compared = 0
    for where, accounts in taken.backends.items():
        for account, regions in accounts.items():
            for region, backend in regions.items():
                copied = found.backends[where][account][region]
                assert type(copied) is type(backend)
                if "cloudwatch" not in where:  # services go on telling it meanwhile
                    assert sizes(copied) == sizes(backend), where
                compared += 1
    assert compared >= len(SERVICES)


def sizes(backend: Any) -> dict[str, int | None]:
    """Of each of its records how many there are."""
    return {
        name: len(value) if isinstance(value, dict | list | set) else None
        for name, value in vars(backend).items()
        if name != "metric_data"  # there is more of it each second
    }


def test_who_refers_to_another_refers_to_the_same_afterwards(env: Environment, copy_of: Any) -> None:
    with ground().lock:
        found = copy_of(records.take())
    name = env.the("Cluster").name
    rds = found.backends["moto.rds.models:rds_backends"][env.aws.account][env.aws.region]
    cluster, (instance,) = rds.clusters[name], rds.clusters[name].members
    assert instance.cluster is cluster
    assert rds.databases[instance.db_instance_identifier] is instance
    assert cluster.front._server is cluster.server
    assert not cluster.server.serving


def test_locks_are_free_and_what_runs_is_gone(copy_of: Any) -> None:
    lock, happened, not_yet = threading.RLock(), threading.Event(), threading.Event()
    happened.set()
    with lock, hold_port() as held:
        found = copy_of([lock, happened, not_yet, held, threading.current_thread(), ground()])
    assert found[0].acquire(blocking=False)
    assert (found[1].is_set(), found[2].is_set()) == (True, False)
    assert found[3:] == [None, None, ground()]


def test_a_port_is_had_again_or_another_where_somebody_has_taken_it() -> None:
    with hold_port() as held:
        port = held.getsockname()[1]
        held.listen()
        with hold_port(port) as other:
            assert other.getsockname()[1] != port
    with hold_port(port) as again:
        assert again.getsockname() == (LOOPBACK, port)


def nobody() -> float | None:
    return None


def nothing() -> None:
    """Nothing is prepared."""


def silence(what: str) -> None:
    """Nobody listens."""


def test_a_pause_goes_on_with_its_time_standing_still(copy_of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pause = Pause(nobody, silence, nothing)
    pause.begin(still_idle=lambda: True)
    then = time.monotonic()
    written = pickling.write(pause, Bodies(Path("/nowhere")))
    monkeypatch.setattr(time, "monotonic", lambda: then - 1_000_000)  # the machine was started again
    found = pickling.read(written)
    assert found.paused
    assert time.monotonic() - found._paused_since < 60
