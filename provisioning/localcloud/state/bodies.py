"""The bodies of S3's objects: files by their digest, so that a snapshot writes each of them once."""

import copyreg
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.s3.models import FakeKey

SMALL = 4096  # bytes; such a body lies among the records


@dataclass
class Body:
    """One that is not small. `buffer` is moto's, which is never written to again once it has a digest."""

    buffer: Any

    def read(self) -> bytes:
        self.buffer.seek(0)
        return bytes(self.buffer.read())


class Bodies:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._used: set[str] = set()

    def keep(self, body: Body) -> Path:
        """Its file, which is there now."""
        name = getattr(body.buffer, "kept_as", None)
        if name is None or not (self._folder / name).exists():
            content = body.read()
            name = hashlib.sha256(content).hexdigest()
            unfinished = self._folder / f"{name}.unfinished"
            unfinished.write_bytes(content)
            unfinished.replace(self._folder / name)
            body.buffer.kept_as = name
        self._used.add(name)
        return self._folder / str(name)

    def begin(self) -> None:
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._used = set()

    def remove_unused(self) -> None:
        """Once a snapshot is there that does without them."""
        for file in self._folder.iterdir():
            if file.name not in self._used:
                file.unlink()


def without_body(key: FakeKey) -> Any:
    """As moto's own __getstate__ has it, but that a large body is not read into memory each time."""
    state = {name: value for name, value in vars(key).items() if name not in ("_value_buffer", "lock")}
    try:
        with key.lock:
            state["value"] = Body(key._value_buffer) if key.contentsize > SMALL else Body(key._value_buffer).read()
    except ValueError:  # the object was deleted, and its buffer closed
        state["value"] = b""
    return copyreg.__newobj__, (type(key),), state  # type: ignore[attr-defined]
