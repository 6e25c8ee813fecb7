"""Whether an image runs in a container, and whose the containers are."""

import hashlib
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from ..folder import LOCK, take
from ..images import Image
from .fetching import NotFetched, fetch
from .finding import runner
from .runner import Runner

RunImages = Literal["auto", "engine", "tree"]
"""In a container of podman where that can be; in one of podman or docker, or not at all; never."""


class NoContainer(Exception):
    """The image can't run in one; the text says why, as the end of a sentence."""


@dataclass(frozen=True)
class Runnable:
    """An image that an engine has."""

    runner: Runner
    image: str


def checked(run_images: RunImages) -> RunImages:
    if run_images not in get_args(RunImages):
        raise ValueError(f"--run-images is {run_images!r}.\nIt is one of {', '.join(get_args(RunImages))}.")
    return run_images


class Containers:
    def __init__(self, run_images: RunImages, folder: Path) -> None:
        self.wanted = run_images
        self.label = str(folder)
        self._identity = hashlib.sha256(self.label.encode()).hexdigest()[:8]
        self._lock = threading.Lock()
        self._found: tuple[Runner | None, str] | None = None

    def name(self, service: str, id: str) -> str:
        return f"localcloud-{self._identity}-{service}-{id[:12]}"

    def runnable(self, image: Image) -> Runnable:
        """Brought to an engine, which may take a while; raises NoContainer."""
        if self.wanted == "tree":
            raise NoContainer("--run-images is tree")
        if not image.has_base:
            raise NoContainer("it was built without its base image")
        with self._lock:
            if self._found is None:
                self._found = runner(docker=self.wanted == "engine")
                if self._found[0]:
                    self._sweep(self._found[0])
            found, why = self._found
            if found is None:
                raise NoContainer(why)
            try:
                return Runnable(found, fetch(found, image))
            except NotFetched as problem:
                raise NoContainer(f"{found.name} did not get it: {problem}") from None

    def _sweep(self, runner: Runner) -> None:
        """What was left by a power cut, or when even the leash was killed: of this folder, and of any that is free."""
        runner.remove(name for name, label in runner.names().items() if label == self.label or is_left(Path(label)))


def is_left(folder: Path) -> bool:
    """Whether no local cloud lives in it."""
    if not (folder / LOCK).is_file():
        return not folder.exists()
    lock = take(folder)
    if lock is not None:
        lock.close()
    return lock is not None
