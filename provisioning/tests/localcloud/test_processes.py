"""Nothing outlives the local cloud, however it ends."""

import contextlib
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from provisioning.localcloud.cloud import PROJECT
from provisioning.localcloud.folder import Folder

from ..environment import open_folder
from .conftest import fetch, wait_for


@contextlib.contextmanager
def cloud_process() -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """The process, and what it said of itself: its service's address, and its folder."""
    process = subprocess.Popen(
        [sys.executable, "-m", "provisioning.tests.localcloud.own_process"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None and process.stderr is not None
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield process, line.split()
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            stream.close()


def is_no_leash(process: psutil.Process) -> bool:
    return not any(part.endswith("leash.py") for part in process.cmdline())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_cloud_that_is_killed_takes_its_processes_with_it(number: signal.Signals) -> None:
    with cloud_process() as (process, [_, folder]):
        descendants = psutil.Process(process.pid).children(recursive=True)
        names = {" ".join(each.cmdline()) for each in descendants}
        assert any("postgres -D" in name for name in names) and any("program.py" in name for name in names)
        program = next(each for each in descendants if each.cmdline()[-1:] == ["program.py"] and is_no_leash(each))
        wait_for(program.status, psutil.STATUS_STOPPED)  # nobody visits the service: it would not hear a SIGTERM
        process.send_signal(number)
        process.wait()
        wait_for(lambda: [each for each in descendants if alive(each)] == [], within=15)
    assert Path(folder).exists()
    Folder(None).close()  # the next start of any local cloud
    assert not Path(folder).exists()


def test_a_cloud_that_is_stopped_takes_its_processes_and_its_folder_with_it() -> None:
    with cloud_process() as (process, [address, folder]):
        assert fetch(address)["PORT"]
        descendants = psutil.Process(process.pid).children(recursive=True)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0
        assert [each for each in descendants if alive(each)] == []
    assert not Path(folder).exists()


INTERRUPTED = """
import sys
from pathlib import Path
from provisioning.localcloud import cloud as module
from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.ground import ground
from provisioning.localcloud.state.keeping import Keeper
from provisioning.localcloud.occupant import find_occupant
begun = []
def fail(*_):
    folder = ground().folder
    begun.append(ground().processes.start(["sleep", "60"], cwd=folder, log=folder / "log"))
    raise MemoryError
with LocalCloud(folder=Path(sys.argv[1])): pass
broken = LocalCloud(folder=Path(sys.argv[1]))
{change}
try:
    broken.start()
    broken.stop()
except MemoryError:
    print("told")
{restore}
assert begun and not any(each.running for each in begun)
assert find_occupant(broken.port) is None
with LocalCloud(broken.port, folder=Path(sys.argv[1]), say=print): pass
"""


@pytest.mark.parametrize("where", ["Keeper.save", "module.put_back", "module.revive"])
def test_what_fails_while_it_starts_or_stops_leaves_nothing_behind(where: str) -> None:
    script = INTERRUPTED.format(change=f"former, {where} = {where}, fail", restore=f"{where} = former")
    with open_folder() as folder:
        done = subprocess.run(
            [sys.executable, "-c", script, folder / "cloud"],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.stdout.startswith("told\n"), done.stderr
    assert "going on with what is kept" in done.stdout


def test_one_after_another_in_the_same_process() -> None:
    script = """
import boto3
from provisioning.localcloud.cloud import AlreadyRunning, LocalCloud
for _ in range(2):
    with LocalCloud(speed=600) as cloud:
        e = cloud.environment
        s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=cloud.endpoint,
            aws_access_key_id=e["AWS_ACCESS_KEY_ID"], aws_secret_access_key=e["AWS_SECRET_ACCESS_KEY"])
        assert s3.list_buckets()["Buckets"] == []
        s3.create_bucket(Bucket="left-behind")
        try:
            LocalCloud().start()
        except AlreadyRunning:
            print("one at a time")
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "one at a time\n" * 2), done.stderr


def alive(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
