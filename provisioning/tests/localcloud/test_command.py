"""`manage.py localcloud`: what it prints, and what it says when the port is taken."""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from provisioning.localcloud.cloud import PROJECT
from provisioning.localcloud.credentials import MADE_UP
from provisioning.localcloud.occupant import find_occupant
from provisioning.localcloud.ports import free_port

from ..environment import open_folder
from .conftest import wait_for

COMMAND = [sys.executable, "manage.py", "localcloud"]


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where all that they have lies: the usual one is somebody's."""
    with open_folder() as place:
        monkeypatch.setattr(sys.modules[__name__], "COMMAND", [*COMMAND, "--folder", str(place / "cloud")])
        yield place / "cloud"


@contextlib.contextmanager
def running(port: int, *options: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [*COMMAND, "--port", str(port), *options],
        cwd=PROJECT,
        env={**os.environ, "AWS_PROFILE": "nobody"},  # one that is not there is none of its business
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: (found := find_occupant(port)) is not None and found.pid == process.pid)
        yield process
    finally:
        process.kill()
        process.communicate()


def run(port: int, *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, "--port", str(port), *options], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )


def run_at_once(*calls: tuple[Any, ...]) -> "list[subprocess.CompletedProcess[str]]":
    """Each takes two seconds to load the project."""
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda call: run(*call), calls))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The command in this process, which is quicker, where it starts no local AWS; what it says."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)

    def call(port: int, **options: Any) -> str:
        said = io.StringIO()
        call_command("localcloud", port=port, stderr=said, **options)
        return said.getvalue()

    return call


def s3_of(port: int) -> Any:
    return boto3.client(
        "s3",
        region_name="eu-west-3",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id=MADE_UP.key_id,
        aws_secret_access_key=MADE_UP.secret,
    )


def make_bucket(port: int) -> None:
    s3_of(port).create_bucket(Bucket="kept", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})


def buckets(port: int) -> list[str]:
    return [each["Name"] for each in s3_of(port).list_buckets()["Buckets"]]


def test_exports_are_all_there_is_on_standard_output_and_any_shell_takes_them(folder: Path) -> None:
    port = free_port()
    with running(port) as process:
        process.send_signal(signal.SIGINT)
        exports, said = process.communicate(timeout=30)
        assert process.returncode == 0
    assert "an emulation: nothing here reaches AWS, nothing costs" in said
    assert f"stopped: the local AWS on port {port}; its state is kept in {folder}" in said
    script = f'{exports}\necho "$AWS_ENDPOINT_URL $AWS_REGION ${{AWS_PROFILE-none}}"'
    shell = subprocess.run(
        ["sh", "-eu", "-c", script],
        env={"AWS_PROFILE": "real", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shell.stdout == f"http://127.0.0.1:{port} eu-west-3 none\n"


def test_another_local_aws_on_the_port_is_offered_or_replaced() -> None:
    port = free_port()
    with running(port) as former:
        second = run(port)
        assert second.returncode == 1
        assert f"A local AWS already runs there, as process {former.pid}." in second.stderr
        assert "--fresh" in second.stderr
        assert f"export AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n" in second.stdout
        make_bucket(port)
        with running(port, "--fresh"):
            assert former.wait(30) == 0
            assert buckets(port) == []


def test_a_state_that_can_not_be_read_is_refused_and_stays_as_it_is(folder: Path) -> None:
    broken, other = folder.with_name("broken"), folder.with_name("other")
    for cloud, content in ((broken, b"x"), (other, b'{"written by": {"moto": "4.0"}, "sha256": ""}\n')):
        (cloud / "state").mkdir(parents=True, mode=0o700)
        (cloud / "state" / "records").write_bytes(content)
        (cloud / "state" / "records").chmod(0o600)
        (cloud / "databases").mkdir()
        (cloud / "lock").touch()
    for cloud, refused in zip(
        (broken, other),
        run_at_once((free_port(), "--folder", str(broken)), (free_port(), "--folder", str(other))),
        strict=True,
    ):
        assert refused.returncode == 1
        assert f"{cloud}: the state there can't be read.\n" in refused.stderr
        assert "manage.py localcloud --fresh" in refused.stderr
        assert refused.stdout == ""
        assert (cloud / "databases").is_dir()
        assert (cloud / "state" / "records").stat().st_size > 0


def test_somebody_elses_program_on_the_port_is_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as theirs:
        port = theirs.getsockname()[1]
        for refused in run_at_once((port,), (port, "--fresh")):
            assert refused.returncode == 1
            assert f"Port {port}: the local AWS cannot listen there.\nAnother program does.\n" in refused.stderr
            assert f"--port {port + 1}" in refused.stderr
            assert refused.stdout == ""


def test_a_port_or_speed_that_can_not_be_is_refused(here: Callable[..., str]) -> None:
    with pytest.raises(CommandError, match="--port is 70000"):
        here(70000)
    with pytest.raises(CommandError, match=r"--speed is 0\.0"):
        here(free_port(), speed=0.0)


def test_a_bad_day_begins_while_it_runs_and_ends(here: Callable[..., str]) -> None:
    port = free_port()
    with running(port, "--bad-day", "throttling", "--seed", "3"):
        closed = run(port, "--bad-day", "closed,quotas", "--seed", "4")
        assert (closed.returncode, closed.stdout) == (0, "")
        assert f"port {port}: from now on, closed, quotas (seed 4)" in closed.stderr
        with pytest.raises(CommandError, match="--bad-day is rain"):
            here(port, bad_day="rain")
        assert f"port {port}: from now on, an ordinary day" in here(port, bad_day="none")


def test_a_folder_that_can_not_be_is_not_taken_for_a_port(folder: Path) -> None:
    folder.mkdir()
    (folder / "thesis.txt").touch()
    refused = run(free_port())
    assert refused.returncode == 1
    assert f"{folder}: the local AWS can't keep what it has there." in refused.stderr
    assert (folder / "thesis.txt").exists()
