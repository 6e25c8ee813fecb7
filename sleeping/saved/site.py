"""What one process knows: the generation, as it was told a moment ago, and the copies and the index it has at hand."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.signals import setting_changed
from django.db import DEFAULT_DB_ALIAS, connections
from django.urls import get_script_prefix

from ..conf import conf
from ..marks import Mark, Marks
from ..memory import Memory
from .address import Address
from .copy import Copy
from .generation import Generation
from .index import Index
from .release import release
from .store import Store

ALIAS = "saved"  # of STORAGES
GENERATION = "generation"
INDEX = "index"
MOST_NEVER = 1_000  # addresses that a process remembers for not being saved
VARIANTS = 100  # of one path, at most
UNLISTED = 1_000  # paths that the index does not list: those that one process saves of one generation, at most

logger = logging.getLogger("sleeping")


def is_on() -> bool:
    """Whether this project saves pages."""
    return ALIAS in settings.STORAGES


@dataclass(frozen=True)
class Held:
    copy: Copy | None
    """None: the storage had none."""
    looked: float
    """When it was read, or put: seconds of the process's clock."""

    @property
    def size(self) -> int:
        return self.copy.size if self.copy else 500


class Site:
    """One process's view. Its clock is that of the wall, which instances share."""

    def __init__(
        self, storage: Storage, release: str, clock: Callable[[], float] = time.time, mark: Mark | None = None
    ) -> None:
        """By `mark` the processes of one machine tell each other that there is a new generation."""
        chosen = conf()
        self.clock = clock
        self.told: Generation | None = None
        """What the shared storage, or this process itself, said last."""
        self.release = release
        self._mark = mark
        self._stamp = 0
        self.store = Store(storage)
        self._memory: Memory[Held] = Memory(chosen.memory_bytes)
        self._never: dict[str, tuple[int, str]] = {}
        self._unlisted = 0, 0  # the generation, and how many
        self._seconds = chosen.memory_seconds
        self._told_at = self._index_looked = self.looked = float("-inf")
        self._is_sure = True
        self._index: Index | None = None
        self._asking = threading.Lock()

    # --- the generation ---

    def generation(self) -> Generation | None:
        """The present one, no older than `memory_seconds`; None where nobody says, or this process knows better."""
        if self._is_behind():
            with self._asking:
                if self._is_behind():
                    now, self._stamp = self.clock(), self._mark.stamp if self._mark else 0
                    packed = self.store.read(GENERATION) if self._is_sure else None
                    self._learn(packed and Generation.unpack(packed), now)
        return self.told

    def _is_behind(self) -> bool:
        """Whether it is time to look again, or another process of this machine has told something since."""
        return self._is_long_ago(self._told_at) or (self._mark is not None and self._mark.stamp != self._stamp)

    def tell(self, generation: Generation) -> None:
        """Says to all instances which is the present one."""
        with self._asking:
            # What the others could not be told must not be taken back by what they were told before.
            self._is_sure = self.store.write(GENERATION, generation.pack())
            if self._mark is not None:
                self._mark.make()
                self._stamp = self._mark.stamp
            self._learn(generation, self.clock())

    def has_told(self, generation: Generation) -> bool:
        """Whether that is what the shared storage says, as far as this process knows."""
        return self._is_sure and self.told == generation

    def doubt(self) -> None:
        """From now on only the database knows."""
        with self._asking:
            self._is_sure, self._told_at = False, float("-inf")

    def is_to_look(self) -> bool:
        """Whether it is `memory_seconds` since the database was last asked."""
        return self._is_long_ago(self.looked)

    def _is_long_ago(self, then: float) -> bool:
        """Not within `memory_seconds`. What a clock says that has been put back since counts as long ago."""
        return not 0 <= self.clock() - then < self._seconds

    def _learn(self, generation: Generation | None, now: float) -> None:
        if generation is None and self._is_sure and not self.store.is_away:
            logger.info("Saved pages: nothing says which generation the site is in. The next page that is made will.")
        if generation != self.told:
            _forget_sites()
        self.told, self._told_at = generation, now

    # --- copies ---

    def at_hand(self, address: Address) -> Copy | None:
        """The copy that the process has, without a look into the storage."""
        self.generation()
        held = self._memory.get(address.name)
        return held.copy if held else None

    def find(self, address: Address) -> Copy | None:
        """The copy that there is, of whatever generation; looked for no longer than `memory_seconds` ago."""
        return self._read(address.name, self.generation())

    def keep(self, address: Address, copy: Copy, is_known: bool = False) -> str:
        """For everybody. Why not, or nothing. `is_known`: nobody has made the address up."""
        if address.query and not self._has_room(address):
            return "variants"
        if not is_known and not self._has_room_beside_the_index(address, copy):
            return "variants"
        return "" if self._write(address.name, copy) else "storage"

    def _has_room_beside_the_index(self, address: Address, copy: Copy) -> bool:
        """Whoever makes up paths below a page that routes by itself must not fill it either."""
        index, path = self.index(), "/" + address.path.removeprefix(get_script_prefix())
        if index and index.lists(address.host, path, address.path):
            return True
        generation, many = self._unlisted
        self._unlisted = copy.generation, many + 1 if generation == copy.generation else 1
        return self._unlisted[1] <= UNLISTED

    def _has_room(self, address: Address) -> bool:
        """Whoever counts up a parameter must not fill the storage."""
        folder, _, name = self._place(address.name).rpartition("/")
        names = self.store.names(folder)[1]
        return name in names or len(names) < VARIANTS

    def why_never(self, address: Address, generation: Generation) -> str:
        """Why what this generation answers there is not saved, if this process has seen it; else empty."""
        number, why = self._never.get(address.name, (0, ""))
        return why if number == generation.number else ""

    def never(self, address: Address, generation: Generation, why: str) -> None:
        """So that it need not be made twice: once for everybody, once for whoever asks."""
        if why.startswith("status"):
            return  # it may be otherwise in a moment
        if len(self._never) >= MOST_NEVER:
            self._never.clear()
        self._never[address.name] = (generation.number, why)

    def _read(self, name: str, present: Generation | None) -> Copy | None:
        held = self._memory.get(name)
        if held and held.copy and present and held.copy.generation == present.number:
            return held.copy
        if held and not self._is_long_ago(held.looked):
            return held.copy
        packed = self.store.read(self._place(name))
        copy = Copy.unpack(packed) if packed else None
        if not self.store.is_away:
            self._memory.put(name, Held(copy, self.clock()))
        return copy

    def _write(self, name: str, copy: Copy) -> bool:
        self._memory.put(name, Held(copy, self.clock()))
        return self.store.write(self._place(name), copy.pack())

    def is_present(self, copy: Copy) -> bool:
        """Whether it is what would be made now."""
        return bool(self.told and copy.generation == self.told.number and not self._is_over(copy))

    def may_be_shown(self, copy: Copy) -> bool:
        """Whether it was once, and nothing has been taken away from visitors since."""
        return bool(self.told and self.told.barrier <= copy.generation <= self.told.number and not self._is_over(copy))

    def _is_over(self, copy: Copy) -> bool:
        return copy.until is not None and self.clock() >= copy.until

    # --- the index ---

    def index(self) -> Index | None:
        """The one of the present generation, or the last that was made; looked for `memory_seconds` ago at most."""
        present, index = self.generation(), self._index
        if index and present and index.generation == present.number and not index.left:
            return index
        if self._is_long_ago(self._index_looked):
            packed = self.store.read(self._place(INDEX))
            self._index = Index.unpack(packed) if packed else None
            self._index_looked = self.clock()
        return self._index

    def keep_index(self, index: Index) -> bool:
        self._index, self._index_looked = index, self.clock()
        return self.store.write(self._place(INDEX), index.pack())

    def find_not_found(self, where: str) -> Copy | None:
        return self._read(_not_found(where), self.generation())

    def keep_not_found(self, where: str, copy: Copy) -> bool:
        return self._write(_not_found(where), copy)

    def _place(self, name: str) -> str:
        return f"{self.release}/{name}"


def begin() -> None:
    """What a process does before its first visitor comes, who need not wait for the storage's library then."""
    if is_on():
        here().index()


@cache
def here() -> Site:
    """This process's."""
    return Site(storages[ALIAS], release(), mark=Marks.of(conf().folder, connections[DEFAULT_DB_ALIAS]).told)


def _not_found(where: str) -> str:
    """`where` is scheme, host and language."""
    return Address("", "", f"404 {where}").name.replace("pages/", "not-found/")


def _forget_sites() -> None:
    """Wagtail remembers for an hour where its sites are, each process for itself: another one may have moved them."""
    from wagtail.models import Site as WagtailSite

    WagtailSite.clear_site_root_paths_cache()


@setting_changed.connect
def _forget(*, setting: str, **_: Any) -> None:
    if setting in ("STORAGES", "SLEEPING"):
        release.cache_clear()
        here.cache_clear()
