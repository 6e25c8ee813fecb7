"""A service's image runs in a container of a real engine, and no container is left behind: `make test-image`."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from provisioning.localcloud.cloud import PROJECT, LocalCloud
from provisioning.tests.conftest import WITNESS
from provisioning.tests.localcloud.conftest import Aws, Services, fetch, wait_for

from .small import containers, create, engine, made

Running = tuple[LocalCloud, Services]


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with LocalCloud(speed=1000, run_images="engine") as cloud:
        cloud.look_on(WITNESS)
        yield cloud, made(Aws(cloud))
        folder = cloud.folder
    assert containers(folder) == {}


@pytest.fixture
def service(running: Running) -> Iterator[dict[str, Any]]:
    cloud, services = running
    service = create(services, "served", COLOUR="blue\nand green", HOME="/elsewhere", PYTHONUNBUFFERED="1")
    services.wait(service)
    yield service
    services.delete_all()
    wait_for(lambda: containers(cloud.folder) == {})


def is_paused(cloud: LocalCloud) -> bool:
    found = containers(cloud.folder)
    return bool(found) and all("paused" in state.lower() for state in found.values())


def test_it_serves_by_the_image_s_own_python_as_its_own_user(running: Running, service: dict[str, Any]) -> None:
    _, services = running
    seen = fetch(service["ServiceUrl"])
    assert seen["UID"] == 10001
    assert seen["PYTHON"].startswith("/usr/local/") and seen["PYTHON"] != sys.executable
    assert seen["PATH"].split(":")[0] == "/usr/local/bin"
    assert (seen["COLOUR"], seen["HOME"]) == ("blue\nand green", "/elsewhere")
    assert seen["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert "VIRTUAL_ENV" not in seen and "PYTHONDONTWRITEBYTECODE" not in seen
    assert f"[local AWS] runs its image in {engine().name}" in services.story(service)


def test_what_it_prints_is_in_its_log(running: Running, service: dict[str, Any]) -> None:
    cloud, _ = running
    fetch(service["ServiceUrl"], "/print")
    logs = Aws(cloud).client("logs")
    group = f"/aws/apprunner/served/{service['ServiceId']}/application"

    def printed() -> list[str]:
        return [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]

    wait_for(lambda: "printed" in printed())


def test_one_that_nobody_asks_has_no_cpu_until_somebody_does(running: Running, service: dict[str, Any]) -> None:
    cloud, _ = running
    for _ in range(2):
        wait_for(lambda: is_paused(cloud))
        began = time.monotonic()
        assert fetch(service["ServiceUrl"])["COLOUR"]
        assert time.monotonic() - began < 5
        assert not is_paused(cloud)


def test_one_that_dies_is_another_container(running: Running, service: dict[str, Any]) -> None:
    cloud, _ = running
    [first] = containers(cloud.folder)
    fetch(service["ServiceUrl"], "/die")
    wait_for(lambda: set(containers(cloud.folder)) - {first})
    wait_for(lambda: first not in containers(cloud.folder))


def test_a_deployment_replaces_the_container_also_one_without_cpu(running: Running, service: dict[str, Any]) -> None:
    cloud, services = running
    before = set(containers(cloud.folder))
    wait_for(lambda: is_paused(cloud))
    source = services.source({"VERSION": "2"})
    services.api.update_service(ServiceArn=service["ServiceArn"], SourceConfiguration=source)
    services.wait(service)
    assert fetch(service["ServiceUrl"])["VERSION"] == "2"
    wait_for(lambda: not before & set(containers(cloud.folder)))
    assert len(containers(cloud.folder)) == 1


def test_one_that_fails_its_health_check_is_not_left(running: Running) -> None:
    cloud, services = running
    for name, variables in {"poorly": {"STATUS": "500"}, "mortal": {"DIE": "1"}}.items():
        service = create(services, name, **variables)
        services.wait(service, "CREATE_FAILED")
    wait_for(lambda: containers(cloud.folder) == {})
    services.delete_all()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
@pytest.mark.parametrize("frozen", [False, True])
def test_a_cloud_that_is_killed_leaves_no_container(number: signal.Signals, frozen: bool) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "provisioning.tests.with_engine.small"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            address, folder = process.stdout.readline().split()
            place = Path(folder)
            assert len(containers(place)) == 1
            wait_for(lambda: "paused" in str(containers(place)).lower())
            if not frozen:
                assert fetch(address)["PORT"]
                assert "paused" not in str(containers(place)).lower()
        finally:
            process.send_signal(number)
    wait_for(lambda: containers(place) == {})
