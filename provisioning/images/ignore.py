"""Which files of a folder get into an image: .dockerignore, read as Docker reads it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

ALWAYS = ("Dockerfile", ".dockerignore")
"""They make the image what it is, whether they are sent into it or not."""
TRACES = frozenset({".git", "__pycache__"})
"""Folders that change by themselves, and make no other image."""


class Ignore:
    """The patterns of one .dockerignore. The last one that matches a path, or a folder above it, decides."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._rules: list[tuple[re.Pattern[str], bool]] = []
        for line in lines:
            pattern = line.strip()
            if not pattern or line.startswith("#"):
                continue
            out = not pattern.startswith("!")
            pattern = str(PurePosixPath(pattern.removeprefix("!").strip().strip("/")))
            self._rules.append((re.compile(_expression(pattern)), out))

    @classmethod
    def of(cls, folder: Path) -> Ignore:
        file = folder / ".dockerignore"
        return cls(file.read_text(encoding="utf-8-sig").splitlines() if file.is_file() else ())

    def leaves_out(self, path: str) -> bool:
        """True if the file at this path, relative to the folder and with slashes, makes no difference to an image."""
        parts = path.split("/")
        if path in ALWAYS or TRACES & set(parts):
            return path not in ALWAYS
        ways = ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]
        left_out = False
        for expression, out in self._rules:
            if out != left_out and any(expression.fullmatch(way) for way in ways):
                left_out = out
        return left_out


def files(folder: Path, ignore: Ignore) -> Iterator[str]:
    """Paths, in order, of all that the image is made of; a link counts as itself and is not followed."""
    for here, folders, names in os.walk(folder):
        base = Path(here)
        folders[:] = sorted(name for name in folders if name not in TRACES)
        for name in sorted(names + [link for link in folders if (base / link).is_symlink()]):
            path = (base / name).relative_to(folder).as_posix()
            if not ignore.leaves_out(path):
                yield path


def _expression(pattern: str) -> str:
    """Go's filepath.Match with `**`, as a regular expression."""
    found, rest = "", pattern
    while rest:
        if rest.startswith("**/"):
            found, rest = found + "(?:.*/)?", rest[3:]
        elif rest.startswith("**"):
            found, rest = found + ".*", rest[2:]
        elif rest[0] == "*":
            found, rest = found + "[^/]*", rest[1:]
        elif rest[0] == "?":
            found, rest = found + "[^/]", rest[1:]
        elif rest[0] == "\\" and len(rest) > 1:
            found, rest = found + re.escape(rest[1]), rest[2:]
        elif (end := rest.find("]", 2)) > 0 and rest[0] == "[":
            found, rest = found + rest[: end + 1], rest[end + 1 :]
        else:
            found, rest = found + re.escape(rest[0]), rest[1:]
    return found
