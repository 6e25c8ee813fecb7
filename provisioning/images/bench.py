"""What one build has on this machine while it lasts: a folder, a login, and one child process at a time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..engine.problem import Problem
from .child import Child
from .engines import Command
from .login import Registry, sign_in


class Bench:
    """All of it goes with `close`, or at the latest when Python ends."""

    def __init__(self, tree: Path, registry: Registry) -> None:
        self._tree = tree
        self._folder = tempfile.TemporaryDirectory(prefix="image-", ignore_cleanup_errors=True)
        self._child: Child | None = None
        self._before = ""
        self.registry = registry

    def run(self, command: Command, word: str = "") -> None:
        """Start a program in the tree, after the one before has ended; the word goes into the output."""
        self._end_child()
        self._before += f"{word}\n" if word else ""
        self.digest_file.unlink(missing_ok=True)
        try:
            self._child = Child(command.arguments, command.environment, self._tree, Path(self._folder.name))
        except OSError as error:
            again = "Install it again, or choose another with --builder"
            raise Problem(f"Image: {command.arguments[0]} could not be started", str(error), again) from error

    def sign_in(self, registry: Registry) -> None:
        """Let what runs next push to this registry."""
        self.registry = registry
        sign_in(registry, self.login)

    @property
    def code(self) -> int | None:
        """What the program ended with; None while it works."""
        return self._child.code if self._child else None

    @property
    def said(self) -> str:
        """What the program has printed so far."""
        return self._child.output if self._child else ""

    @property
    def output(self) -> str:
        """What it and those before it have printed so far."""
        return self._before + self.said

    @property
    def login(self) -> Path:
        return Path(self._folder.name, "login")

    @property
    def digest_file(self) -> Path:
        return Path(self._folder.name, "digest")

    def close(self) -> None:
        self._end_child()
        self._folder.cleanup()

    def _end_child(self) -> None:
        if self._child:
            self._before += self._child.output
            self._child.end()
            self._child = None
