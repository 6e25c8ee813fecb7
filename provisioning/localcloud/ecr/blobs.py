"""The files behind images: blobs by their digest, and the uploads that become blobs."""

import hashlib
import re
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import NoneType
from typing import Any, BinaryIO

from ..ground import ground

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
CHUNK = 256 * 1024  # bytes


class WrongDigest(Exception):
    """What arrived is not what was announced."""


class WrongOrder(Exception):
    """A part does not begin where the one before it ended."""


class Upload:
    """Grows part by part, and is never held in memory."""

    def __init__(self) -> None:
        self.id = str(uuid.uuid4())
        self.size = 0
        self._sum = hashlib.sha256()
        self._path = folder("uploads") / self.id
        self._path.touch()
        self._lock = threading.Lock()

    def append(self, source: BinaryIO, first_byte: int | None = None) -> None:
        """Raises WrongOrder."""
        with self._lock, self._path.open("ab") as file:
            if first_byte not in (None, self.size):
                raise WrongOrder(f"{first_byte} where {self.size} was due")
            while chunk := source.read(CHUNK):
                file.write(chunk)
                self._sum.update(chunk)
                self.size += len(chunk)

    def finish(self, expected: str | None = None) -> str:
        """The digest of the blob that it has become; raises WrongDigest."""
        with self._lock:
            digest = f"sha256:{self._sum.hexdigest()}"
            if expected not in (None, digest):
                self._path.unlink()
                raise WrongDigest(f"{digest} where {expected} was announced")
            self._path.replace(blob(digest))
            return digest

    def __reduce__(self) -> Any:
        """An upload does not outlive the cloud."""
        return NoneType, ()

    def cancel(self) -> None:
        self._path.unlink(missing_ok=True)


def blob(digest: str) -> Path:
    """Where the blob of this digest is, or would be."""
    return folder("blobs") / digest.removeprefix("sha256:")


def add(source: BinaryIO) -> tuple[str, int]:
    """A whole blob at once; its digest and its size."""
    upload = Upload()
    upload.append(source)
    return upload.finish(), upload.size


def chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def folder(name: str) -> Path:
    found = ground().folder / "registry" / name
    found.mkdir(parents=True, exist_ok=True)
    return found
