"""The static files of the last releases, in a storage that outlives them: `STORAGES["releases"]`.

An image holds the files of one release. A page of the former one, in an open tab or from an instance that is still
there, asks the new one for files that it has not got. So each release copies its own to the storage, beside a list of
them, and removes those that only older releases named. `files.py` answers from there.
"""

import json
import re
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self, TypeVar

from django.contrib.staticfiles.storage import ManifestFilesMixin
from django.core.files.base import ContentFile
from django.core.files.storage import Storage

Result = TypeVar("Result")

ALIAS = "releases"
KEPT = 3  # releases, at least
LEAVING = timedelta(days=1)  # for which a release's files are kept after the next one has come: tabs stay open
MOST = 10_000_000  # bytes of a file: whoever answers with one holds it in memory
THREADS = 8  # S3 takes some 20 ms for each question, of which there are two for a file

LONGEST = 200  # letters of a name; S3 takes 1,024, and what is longer would look like a fault of the storage
# What ManifestStaticFilesStorage calls a file. No part of it begins with a dot, as .. and the lists do.
HASHED = re.compile(r"(?:\w[\w.@+-]*/)*\w[\w.@+-]*\.[0-9a-f]{12}(?:\.\w{1,12})?", re.ASCII)

LISTS = ".releases"
LISTED = re.compile(r"(\d{8}T\d{12}Z)-([0-9a-z]+)\.json")
TIME = "%Y%m%dT%H%M%S%fZ"


def is_hashed(name: str) -> bool:
    return len(name) <= LONGEST and HASHED.fullmatch(name) is not None


class NoManifest(Exception):
    """The static files are not collected, or not under hashed names."""


@dataclass(frozen=True, order=True)
class Listing:
    """A file that says which files a release has. Its name alone tells whose it is, and from when."""

    time: datetime
    release: str

    @classmethod
    def named(cls, name: str) -> Self | None:
        found = LISTED.fullmatch(name)
        return cls(datetime.strptime(found[1], TIME).replace(tzinfo=UTC), found[2]) if found else None

    @property
    def path(self) -> str:
        return f"{LISTS}/{self.time.strftime(TIME)}-{self.release}.json"

    def write(self, storage: Storage, files: Iterable[str]) -> None:
        storage.save(self.path, ContentFile(json.dumps(sorted(files)).encode()))

    def read(self, storage: Storage) -> set[str]:
        """Nothing of one that was never written to its end: whose run had not begun to copy."""
        try:
            with storage.open(self.path) as file:
                return {str(name) for name in json.loads(file.read()) if is_hashed(str(name))}
        except (FileNotFoundError, ValueError, TypeError):
            return set()


@dataclass(frozen=True)
class Copied:
    release: str
    files: int
    """That the release has."""
    new: int
    """Which were not there yet."""
    too_large: list[str]


def add(static: Storage, storage: Storage, now: datetime) -> Copied:
    """Copy what the storage does not have. May be repeated, and two may do it at a time.

    Raises NoManifest, and what the storage raises.
    """
    if not isinstance(static, ManifestFilesMixin) or not static.hashed_files:
        raise NoManifest
    # By its files: a release that changes none of them is no other one here.
    listing = Listing(now, static.manifest_hash)
    sizes = {name: static.size(name) for name in static.hashed_files.values() if is_hashed(name)}
    files = [name for name, size in sizes.items() if size <= MOST]
    # First: from now on nobody removes any of them, and of a run that ends half way it is known what it copied.
    listing.write(storage, files)

    def copy(name: str) -> bool:
        if storage.exists(name):
            return False
        with static.open(name) as file:
            saved = storage.save(name, file)
        if saved != name:  # another run was faster
            storage.delete(saved)
        return saved == name

    new = sum(_each(copy, files))
    return Copied(listing.release, len(files), new, sorted(sizes.keys() - set(files)))


def prune(storage: Storage, now: datetime) -> int:
    """Remove the files that no kept release names, and say how many. May be repeated, and two may do it at a time.

    Raises what the storage raises.
    """
    kept, gone = _sorted_out(_listings(storage), now)
    needed = set().union(*_each(lambda each: each.read(storage), kept))
    named = set().union(*_each(lambda each: each.read(storage), gone))
    unneeded = sorted(named - needed)
    _each(storage.delete, unneeded)
    # Last: a run that ends half way leaves behind what says what is left to do.
    _each(lambda each: storage.delete(each.path), gone)
    return len(unneeded)


def _listings(storage: Storage) -> list[Listing]:
    """The newest first."""
    try:
        _, names = storage.listdir(LISTS)
    except FileNotFoundError:
        return []
    return sorted((each for each in map(Listing.named, names) if each), reverse=True)


def _sorted_out(listings: list[Listing], now: datetime) -> tuple[list[Listing], list[Listing]]:
    """Those whose files are kept, and the others."""
    kept: list[Listing] = []
    gone: list[Listing] = []
    followed = now
    for each in listings:
        again = any(each.release == newer.release for newer in kept)
        stays = len(kept) < KEPT or now - followed < LEAVING
        (kept if stays and not again else gone).append(each)
        followed = each.time
    return kept, gone


def _each(do: Callable[..., Result], things: Iterable[object]) -> list[Result]:
    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(do, things))
