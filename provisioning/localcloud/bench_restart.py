"""How long a local AWS takes to be back with a site on it, and how much memory all of that takes."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import boto3
import psutil
import requests

from ..aws import Aws
from ..config import Config
from ..engine.events import TROUBLES
from ..engine.run import apply
from ..images.source import Source
from ..stack import site
from ..stack.images import Making
from .bench import Failed
from .cloud import PROJECT
from .ports import free_port

MOST_SECONDS = 5.0  # until all of it answers again
MOST_MEMORY = 600.0  # MB, of all processes together


@dataclass(frozen=True)
class Restarted:
    empty: float
    """Seconds until an empty one answers."""
    seconds: float
    """Until one with a site does: API, database and site."""
    busy: float
    """Of a processor's seconds, in the same time: what says more where others keep the machine busy."""
    memory: float
    """MB, what processes share counted once."""
    kept: float
    """MB in the folder."""

    @property
    def holds(self) -> bool:
        return self.seconds <= MOST_SECONDS and self.memory <= MOST_MEMORY


class Process:
    """`manage.py localcloud`, as a person runs it."""

    def __init__(self, folder: Path, speed: float) -> None:
        options = ("--port", str(free_port()), "--folder", str(folder), "--speed", f"{speed:g}")
        self._command = [sys.executable, "manage.py", "localcloud", *options]

    @contextmanager
    def running(self) -> Iterator[tuple[float, Mapping[str, str], psutil.Process]]:
        """The seconds until all of it ran, what points at it, and itself."""
        begun = time.monotonic()
        started = subprocess.Popen(  # noqa: S603
            self._command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            yield *told(started, begun), psutil.Process(started.pid)
        finally:
            started.terminate()
            started.wait()


def told(started: subprocess.Popen[str], begun: float) -> tuple[float, Mapping[str, str]]:
    """It prints its exports when all of it runs."""
    assert started.stdout is not None
    found: dict[str, str] = {}
    for line in started.stdout:
        if line.startswith("unset"):
            return time.monotonic() - begun, found
        name, _, value = line.removeprefix("export ").strip().partition("=")
        found[name] = shlex.split(value)[0]
    raise Failed("The local AWS did not start.")


def measure_restart(source: Source, folder: Path, speed: float, environment: dict[str, str]) -> Restarted:
    """Of an environment with all that a site has. `environment` is where boto3 looks. Raises Failed."""
    process = Process(folder, speed)
    with process.running() as (empty, exports, _):
        environment.update(exports)
        make(source)
        answers()
    with process.running() as (seconds, _, cloud):
        busy = work(cloud)
        answers()
        memory = weight(cloud)
    return Restarted(empty, seconds, busy, memory, size(folder))


def make(source: Source) -> None:
    config = Config(env="bench", builder="codebuild", final_snapshot=False)
    aws = Aws(tags=config.tags)
    making = Making.choose(config, aws, source)
    try:
        if troubles := [event for event in apply(site(config, aws, making), aws) if isinstance(event, TROUBLES)]:
            raise Failed(str(troubles[0]))
    finally:
        making.close()


def answers() -> None:
    """The site, to a first visitor."""
    (service,) = boto3.client("apprunner").list_services()["ServiceSummaryList"]
    answer = requests.get(f"http://{service['ServiceUrl']}/", timeout=30)
    if answer.status_code not in (200, 503):  # 503: the page that says that the database wakes
        raise Failed(f"The site answers {answer.status_code}.")


def work(cloud: psutil.Process) -> float:
    """Of itself and its children, with those that have ended."""
    return sum(sum(each.cpu_times()[:4]) for each in (cloud, *cloud.children(recursive=True)))


def weight(cloud: psutil.Process) -> float:
    """Linux tells each process's part of what they share; elsewhere it counts for each."""
    found = 0
    for each in (cloud, *cloud.children(recursive=True)):
        with suppress(psutil.NoSuchProcess):  # it has ended since
            memory = each.memory_full_info()
            found += getattr(memory, "pss", memory.rss)
    return found / 1e6


def size(folder: Path) -> float:
    return sum(each.stat().st_size for each in folder.rglob("*") if each.is_file()) / 1e6
