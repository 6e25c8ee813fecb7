"""What the processes of one machine tell each other about the database: files whose age speaks.

Nothing here needs a thread or a server, and nothing outlives a reboot. A process that is killed in the middle of
an attempt lets go of its lock, because the kernel does. It is advice: where no file can be kept, each process goes by
what it sees itself.
"""

import contextlib
import hashlib
import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

from django.core.files import locks
from django.db.backends.base.base import BaseDatabaseWrapper

SELDOM = 1.0  # seconds; a mark that is younger is not made anew
LULL = 60.0  # seconds without an attempt, after which whoever waited is gone and the next one begins anew

logger = logging.getLogger("sleeping")


class Mark:
    """A file; its modification time is when something was last so."""

    def __init__(self, folder: Callable[[], Path], name: str, seldom: float = SELDOM) -> None:
        self._seldom = seldom
        self._folder = folder
        self._name = name
        self._made = 0.0

    @property
    def path(self) -> Path:
        return self._folder() / self._name

    @property
    def age(self) -> float | None:
        """Seconds since it was made; None when there is none."""
        try:
            return max(0.0, time.time() - self.path.stat().st_mtime)
        except OSError:
            return None

    @property
    def stamp(self) -> int:
        """Another each time it is made; 0 when there is none."""
        try:
            return self.path.stat().st_mtime_ns
        except OSError:
            return 0

    def younger_than(self, seconds: float) -> bool:
        age = self.age
        return age is not None and age < seconds

    def make(self) -> None:
        """As of now, unless this process made it a moment ago."""
        now = time.monotonic()
        if now - self._made >= self._seldom or self.age is None:
            with advising():
                see_to(self._folder())
                self.path.touch(mode=0o600)
                exactly = time.time_ns()  # the system's own stamp is the same for some milliseconds
                os.utime(self.path, ns=(exactly, exactly))
                self._made = now

    def begin(self, ago: float = 0.0) -> bool:
        """Makes it, that many seconds old, unless it is there already. Whether it was this one that made it."""
        with advising():
            see_to(self._folder())
            try:
                self.path.touch(mode=0o600, exist_ok=False)
            except FileExistsError:
                return False
            began = time.time() - ago
            with contextlib.suppress(FileNotFoundError):  # another process removed it in between
                os.utime(self.path, (began, began))
            return True
        return False

    def remove(self) -> float | None:
        """How old it was; None when there was none, or another process removed it first."""
        age = self.age
        if age is not None:
            try:
                self.path.unlink()
            except OSError:
                return None
        return age


class Marks:
    """Of one database, as it is seen from this machine."""

    @classmethod
    def of(cls, folder: str, connection: BaseDatabaseWrapper) -> Self:
        """Of the database that a connection leads to."""
        return cls(folder, name_of(connection))

    def __init__(self, folder: str, database: str) -> None:
        """`database` tells it from others."""
        self._chosen = Path(folder)
        name = hashlib.sha256(database.encode()).hexdigest()[:16]
        self.awake = Mark(self.folder, f"{name}.awake")
        """When a connection was last seen to work."""
        self.asleep = Mark(self.folder, f"{name}.asleep")
        """Since when an attempt to connect has come to nothing."""
        self.attempt = Mark(self.folder, f"{name}.attempt")
        """When the attempt that may be under way began."""
        self.person = Mark(self.folder, f"{name}.person")
        """When somebody last asked for something that needs the database."""
        self.complaint = Mark(self.folder, f"{name}.complaint")
        """When the log was last told that it takes too long."""
        self.told = Mark(self.folder, f"{name}.told", seldom=0.0)
        """When a process of this machine last told that what visitors see is another."""

    def was_awake(self, seconds: float) -> bool:
        """Whether it was seen to be, within that time, and nothing has been said against it since."""
        return self.asleep.age is None and self.awake.younger_than(seconds)

    def folder(self) -> Path:
        """Below the chosen one, that of the user this process has become: /tmp is everybody's."""
        return self._chosen.with_name(f"{self._chosen.name}-{os.getuid()}") if hasattr(os, "getuid") else self._chosen

    @contextlib.contextmanager
    def attempting(self) -> Iterator[bool]:
        """True for the one that may attempt now; False while another does."""
        with self._alone(self.attempt.path) as mine:
            if mine:
                with advising():
                    if not self.attempt.younger_than(LULL):
                        self.asleep.remove()
                    os.utime(self.attempt.path)
            yield mine

    def making(self) -> contextlib.AbstractContextManager[bool]:
        """True for the one that makes copies of pages now; False while another does."""
        return self._alone(self.attempt.path.with_suffix(".making"))

    @contextlib.contextmanager
    def _alone(self, path: Path) -> Iterator[bool]:
        mine = True
        with contextlib.ExitStack() as stack:
            with advising():
                see_to(self.folder())
                file = stack.enter_context(path.open("a"))  # closing it lets go
                mine = locks.lock(file, locks.LOCK_EX | locks.LOCK_NB)
            yield mine


def name_of(connection: BaseDatabaseWrapper) -> str:
    settings = connection.settings_dict
    return f"{settings['NAME']} at {settings['HOST'] or 'localhost'}:{settings['PORT'] or 5432}"


def see_to(folder: Path) -> None:
    """It may have been swept away since. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if hasattr(os, "getuid") and folder.lstat().st_uid != os.getuid():
        raise PermissionError(f"{folder} belongs to someone else")


_complained = 0.0


@contextlib.contextmanager
def advising() -> Iterator[None]:
    """What cannot be written is left out, and the log told so now and then."""
    global _complained
    try:
        yield
    except OSError as error:
        if time.monotonic() - _complained > LULL or not _complained:
            _complained = time.monotonic()
            logger.warning(
                "The processes of this machine cannot tell each other how the database is. The system says: %s. "
                'Set SLEEPING["FOLDER"] to a folder that the site may write to.',
                error,
            )
