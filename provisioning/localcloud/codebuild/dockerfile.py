"""What a Dockerfile says, as far as no engine is needed: its last stage's settings, and its collectstatic line."""

import json
import re
import shlex
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from string import Template

COLLECT = re.compile(r"manage\.py\s+collectstatic")
SETTINGS = re.compile(r"DJANGO_SETTINGS_MODULE=(\S+)")


class NotUnderstood(Exception):
    """Docker would refuse it too: the text is close to docker's."""


@dataclass
class Dockerfile:
    environment: dict[str, str] = field(default_factory=dict)
    command: list[str] = field(default_factory=list)
    entry_point: list[str] = field(default_factory=list)
    working_folder: str = ""
    user: str = ""
    collects_with: str | None = None

    @property
    def collects(self) -> bool:
        return self.collects_with is not None


def read(text: str) -> Dockerfile:
    """Raises NotUnderstood. ARG is passed over; RUN too, but for collectstatic."""
    found = Dockerfile()
    began = False
    for instruction, value in instructions(text):
        if instruction == "FROM":
            began = True
            found = Dockerfile(collects_with=found.collects_with)
        elif instruction == "ARG":
            continue
        elif not began:
            raise NotUnderstood(f"no build stage in current context: {instruction} stands before FROM")
        elif instruction == "ENV":
            found.environment |= variables(value, found.environment)
        elif instruction == "WORKDIR":
            found.working_folder = str(PurePosixPath(found.working_folder or "/") / value.strip())
        elif instruction == "CMD":
            found.command = words(value)
        elif instruction == "ENTRYPOINT":
            found.entry_point = words(value)
        elif instruction == "USER":
            found.user = value.strip()
        elif instruction == "RUN" and COLLECT.search(value):
            named = SETTINGS.search(value)
            found.collects_with = named[1] if named else found.environment.get("DJANGO_SETTINGS_MODULE", "")
    if not began:
        raise NotUnderstood("file with no instructions")
    return found


def instructions(text: str) -> list[tuple[str, str]]:
    """With their lines joined, without comments."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\[ \t]*\n", " ", "\n".join(lines))
    split = (line.split(None, 1) for line in joined.splitlines() if line.strip())
    return [(parts[0].upper(), parts[1] if len(parts) > 1 else "") for parts in split]


def variables(value: str, known: dict[str, str]) -> dict[str, str]:
    """ENV's two forms: `A=b C="d e"`, and the old `A b`."""
    parts = shlex.split(value)
    pairs = [part.partition("=")[::2] for part in parts]
    if parts and "=" not in parts[0]:
        pairs = [(parts[0], " ".join(parts[1:]))]
    # What is not known is empty, but for what the base image surely has.
    values = defaultdict(str, {"PATH": "$PATH", **known})
    return {name: Template(content).safe_substitute(values) for name, content in pairs}


def words(value: str) -> list[str]:
    """A JSON list as it stands; anything else is for the shell."""
    try:
        listed = json.loads(value)
    except ValueError:
        return ["/bin/sh", "-c", value.strip()]
    return [str(each) for each in listed]


def ignored(name: str, patterns: list[str]) -> bool:
    """Docker's documentation, ".dockerignore file": the last pattern that matches decides."""
    result = False
    for pattern in patterns:
        wanted = pattern.startswith("!")
        if matcher(pattern.removeprefix("!")).match(name):
            result = not wanted
    return result


def matcher(pattern: str) -> re.Pattern[str]:
    """Of a path, or of a folder above it; `**` is any number of folders."""
    pieces = []
    for piece in pattern.strip("/").split("/"):
        if piece == "**":
            pieces.append(r"(?:[^/]+/)*")
        else:
            pieces.append(re.escape(piece).replace(r"\*", "[^/]*").replace(r"\?", "[^/]") + "/")
    return re.compile("".join(pieces).removesuffix("/") + "(?:/|$)")


def patterns_of(tree: Path) -> list[str]:
    file = tree / ".dockerignore"
    lines = file.read_text().splitlines() if file.is_file() else []
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]
