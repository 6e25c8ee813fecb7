"""The storage that all instances share. That it fails, or is slow, must cost a visitor no more than a copy."""

import logging
import sys
import time
from collections.abc import Callable
from typing import TypeVar

from django.core.files.base import ContentFile
from django.core.files.storage import Storage

Result = TypeVar("Result")

AWAY = 20.0  # seconds for which it is not asked again once it has failed

logger = logging.getLogger("sleeping")


class Store:
    def __init__(self, storage: Storage, clock: Callable[[], float] = time.monotonic) -> None:
        self._storage = storage
        self._clock = clock
        self._away_until = 0.0

    @property
    def is_away(self) -> bool:
        return self._clock() < self._away_until

    def read(self, name: str) -> bytes | None:
        """None where there is none, or it cannot be read now."""

        def reading() -> bytes | None:
            try:
                with self._storage.open(name) as file:
                    return file.read()
            except FileNotFoundError:
                return None

        return self._tried(reading, f"{name}: could not be read. A page is made instead", None)

    def write(self, name: str, content: bytes) -> bool:
        """Whether it was."""

        def writing() -> bool:
            self._storage.save(name, ContentFile(content))
            return True

        return self._tried(writing, f"{name}: could not be saved", False)

    def delete(self, name: str) -> None:
        self._tried(lambda: self._storage.delete(name), f"{name}: could not be removed", None)

    def names(self, folder: str) -> tuple[list[str], list[str]]:
        """The folders and the files in a folder."""

        def listing() -> tuple[list[str], list[str]]:
            try:
                folders, files = self._storage.listdir(folder)
            except FileNotFoundError:
                return [], []
            return list(folders), list(files)

        return self._tried(listing, f"{folder}: could not be listed", ([], []))

    def _tried(self, attempt: Callable[[], Result], doing: str, otherwise: Result) -> Result:
        if self.is_away:
            return otherwise
        began = self._clock()
        try:
            return attempt()
        except _errors() as error:
            self._away_until = self._clock() + AWAY
            logger.error(
                "Saved pages: %s. The storage says, after %.1f s: %s. See that it is there and that the site may use "
                "it; it is asked again in %.0f s.",
                *(doing, self._clock() - began, error, AWAY),
            )
            return otherwise


def _errors() -> tuple[type[Exception], ...]:
    """What a storage raises: those of the system, and those of Amazon's library where a storage has loaded it."""
    botocore = sys.modules.get("botocore.exceptions")
    return (OSError, botocore.BotoCoreError, botocore.ClientError) if botocore else (OSError,)
