"""The storage that all instances share. That it fails, or is slow, must cost a visitor no more than a copy."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from ..breaker import REST, Away, Breaker

Result = TypeVar("Result")

logger = logging.getLogger("sleeping")


class Store:
    def __init__(self, storage: Storage, clock: Callable[[], float] = time.monotonic) -> None:
        self._storage = storage
        self.breaker = Breaker(clock)

    @property
    def is_away(self) -> bool:
        return self.breaker.is_open

    def read(self, name: str) -> bytes | None:
        """None where there is none, or it cannot be read now."""

        def reading() -> bytes | None:
            try:
                with self._storage.open(name) as file:
                    return file.read()
            except FileNotFoundError:
                return None

        return self._tried(reading, f"{name}: not read in time. A page is made instead", None)

    def write(self, name: str, content: bytes) -> bool:
        """Whether it was."""

        def writing() -> bool:
            self._storage.save(name, ContentFile(content))
            return True

        return self._tried(writing, f"{name}: not saved in time", False)

    def delete(self, name: str) -> None:
        self._tried(lambda: self._storage.delete(name), f"{name}: not removed in time", None)

    def names(self, folder: str) -> tuple[list[str], list[str]]:
        """The folders and the files in a folder."""

        def listing() -> tuple[list[str], list[str]]:
            try:
                folders, files = self._storage.listdir(folder)
            except FileNotFoundError:
                return [], []
            return list(folders), list(files)

        return self._tried(listing, f"{folder}: not listed in time", ([], []))

    def _tried(self, attempt: Callable[[], Result], doing: str, otherwise: Result) -> Result:
        def tell(seconds: float, says: str) -> None:
            logger.error(
                "Saved pages: %s. The storage says, after %.1f s: %s. See that it is there and that the site may use "
                "it; it is asked again in %.0f s.",
                *(doing, seconds, says, REST),
            )

        try:
            return self.breaker.ask(attempt, tell)
        except Away:
            return otherwise
