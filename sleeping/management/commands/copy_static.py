"""Before a new image gets its traffic."""

from datetime import UTC, datetime

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import Storage, storages
from django.core.management.base import BaseCommand, CommandError

from sleeping.faults import faults
from sleeping.releases import ALIAS, MOST, Copied, NoManifest, add, prune

TRIES = 3


class Command(BaseCommand):
    help = (
        'Copies the hashed static files of this release to STORAGES["releases"], so that pages of it find them when '
        "the next one serves, and removes those of releases that are long gone. Safe to run again."
    )
    requires_system_checks: list[str] = []  # it asks no database

    def handle(self, *args, **options):
        if ALIAS not in storages.backends:
            self.stdout.write('No static files copied: there is no STORAGES["releases"].')
            return
        try:
            copied, removed = self._copy(storages[ALIAS])
        except NoManifest:
            raise CommandError(
                "Static files: cannot be copied, for there is no list of their hashed names. Run collectstatic with "
                'a STORAGES["staticfiles"] that writes a manifest, such as ManifestStaticFilesStorage.'
            ) from None
        except faults() as error:
            raise CommandError(
                f"Static files: could not be copied. The storage says: {error}. "
                'See that STORAGES["releases"] is there and may be written, and run it again: it goes on from there.'
            ) from None
        for name in copied.too_large:
            self.stdout.write(f"{name}: not copied, it has more than {MOST:,} bytes")
        self.stdout.write(
            f"Static files {copied.release}: {copied.files}, of which {copied.new} were copied now; "
            f"{removed} of older releases removed"
        )

    def _copy(self, storage: Storage) -> tuple[Copied, int]:
        """A storage that is made for visitors does not try again by itself."""
        for _ in range(TRIES - 1):
            try:
                return _once(storage)
            except faults() as error:
                self.stdout.write(f"Static files: the storage says: {error}. It is tried again.")
        return _once(storage)


def _once(storage: Storage) -> tuple[Copied, int]:
    now = datetime.now(UTC)
    return add(staticfiles_storage, storage, now), prune(storage, now)
