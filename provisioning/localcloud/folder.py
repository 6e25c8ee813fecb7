"""The cloud's folder: all that it has, locked while it lives. A temporary one is swept when it was killed."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TextIO

PREFIX = "localcloud-"
LOCK = "lock"
MEMORY = Path("/dev/shm")  # noqa: S108
ROOM = 2**30  # bytes: a few dozen databases
ROOTS = Path("/var/lib/localcloud")


class FolderRefused(Exception):
    """The folder can't be ours; the text has three parts."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"{path}: the local AWS can't keep what it has there.\n{why}\n"
            "Nothing of it was changed. Choose another folder with --folder."
        )


class Folder:
    """The lock is the kernel's, so it ends with its holder, even with a killed one."""

    def __init__(self, path: Path | None) -> None:
        self._temporary = path is None
        for place in (Path(tempfile.gettempdir()), MEMORY):
            sweep(place)
        self.path, self._lock = make() if path is None else use(path)

    def empty(self) -> None:
        for left in self.path.iterdir():
            if left.name != LOCK:
                remove(left)

    def close(self) -> None:
        """A folder of our own making goes; one that was asked for stays."""
        if self._temporary:
            remove(self.path)
        self._lock.close()


def quick() -> Path | None:
    """In memory, where Linux has room for it; None: where the system wants it.

    A database is a thousand small files: to make them takes a second on a disk, and a third of that here.
    """
    if not MEMORY.is_dir() or not os.access(MEMORY, os.W_OK):
        return None
    runs_programs = not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    return MEMORY if runs_programs and shutil.disk_usage(MEMORY).free >= ROOM else None


def root_s(path: Path) -> Path:
    """Root's own place for the databases of a cloud that has the rest of it where nobody else can go."""
    return ROOTS / hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]


def use(path: Path) -> tuple[Path, TextIO]:
    """One that was asked for. Raises FolderRefused: all that is in one of ours may be removed."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        if not (path / LOCK).is_file() and any(path.iterdir()):
            raise FolderRefused(path, "Something else lies in it, and it was never a local AWS's.")
        lock = take(path)
        if lock is None:
            raise FolderRefused(path, "Another local AWS has it, and still runs.")
        let_pass(path)
    except OSError as error:
        raise FolderRefused(path, f"{error}.") from None
    return path, lock


def let_pass(path: Path) -> None:
    """PostgreSQL runs as another user when we are root, and has to pass through."""
    path.chmod(0o711)


def make() -> tuple[Path, TextIO]:
    """One of our own. Another cloud that sweeps may take it for left behind, until its lock is held."""
    while True:
        path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=quick()))
        with contextlib.suppress(FileNotFoundError):
            lock = take(path)
            if lock is not None and path.exists():
                let_pass(path)
                return path, lock


def take(path: Path) -> TextIO | None:
    lock = (path / LOCK).open("a")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def sweep(place: Path) -> None:
    """Removes what clouds left in the temporary folder that were killed before they could tidy up."""
    for left in place.glob(f"{PREFIX}*"):
        if not (left / LOCK).is_file() or left.stat().st_uid != os.geteuid():
            continue
        lock = take(left)
        if lock is not None:
            remove(left)
            lock.close()


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        # A server that was killed with its cloud may still be writing its last files.
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
