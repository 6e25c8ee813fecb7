"""The two ways in which an image runs: in a container of an engine, or as its working folder by our own Python."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import psutil

from ..containers import Runnable, Runner
from ..ground import ground
from ..processes import Child, Listener

FIRST = Path("/")  # what an engine's program is run in: the cloud's own folder may be gone before it


@dataclass(frozen=True)
class Start:
    """What is different with each start of an instance."""

    id: str
    variables: Mapping[str, str]
    service: str
    temporary: Path  # the instance's own, empty: no instance of App Runner's sees another's files
    log: Path
    listener: Listener


class Way(Protocol):
    @property
    def words(self) -> str: ...

    def start(self, start: Start) -> Child:
        """Raises CommandFailed."""

    def processes(self, child: Child, start: Start) -> list[psutil.Process]:
        """Those of the instance, without what only holds it; raises psutil.Error."""


@dataclass(frozen=True)
class InContainer:
    runnable: Runnable
    command: Sequence[str]  # empty: the image's own
    environment: Mapping[str, str]

    @property
    def words(self) -> str:
        return f"runs its image in {self.runnable.runner.name}"

    def start(self, start: Start) -> Child:
        runner, name = self.runnable.runner, self._name(start)
        command = runner.run(
            self.runnable.image,
            {**self.environment, **start.variables},
            name=name,
            label=ground().containers.label,
            command=self.command,
        )
        return ground().processes.start(
            command.arguments,
            cwd=FIRST,
            log=start.log,
            environment=command.environment,
            name=f"service {start.service}",
            listener=start.listener,
            reins=runner.reins(name),
        )

    def processes(self, child: Child, start: Start) -> list[psutil.Process]:
        first = psutil.Process(first_of(self.runnable.runner, self._name(start)))
        # Whose parent has ended is the child of the first, and of no process outside.
        return [first, *first.children(recursive=True)]

    def _name(self, start: Start) -> str:
        return ground().containers.name(start.service, start.id)


@lru_cache(maxsize=100)
def first_of(runner: Runner, name: str) -> int:
    """The number of a container's first process, asked for once; raises NoSuchProcess."""
    found = runner.pid(name)
    if found is None:
        raise psutil.NoSuchProcess(0, name)
    return found


@dataclass(frozen=True)
class AsTree:
    folder: Path
    command: Sequence[str]
    environment: Mapping[str, str]
    because: str

    @property
    def words(self) -> str:
        where = "its working folder, by this machine's Python"
        return f"its image runs without a container: {where}, because {self.because}"

    def start(self, start: Start) -> Child:
        return ground().processes.start(
            self.command,
            cwd=self.folder,
            log=start.log,
            environment={**self.environment, **start.variables, "TMPDIR": str(start.temporary)},
            name=f"service {start.service}",
            listener=start.listener,
        )

    def processes(self, child: Child, start: Start) -> list[psutil.Process]:
        return psutil.Process(child.pid).children(recursive=True)
