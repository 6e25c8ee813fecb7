"""Before a new image gets its traffic."""

from datetime import UTC, datetime

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import storages
from django.core.management.base import BaseCommand, CommandError

from sleeping.releases import ALIAS, MOST, NoManifest, add, prune


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
        storage, now = storages[ALIAS], datetime.now(UTC)
        try:
            copied = add(staticfiles_storage, storage, now)
            removed = prune(storage, now)
        except NoManifest:
            raise CommandError(
                "Static files: cannot be copied, for there is no list of their hashed names. Run collectstatic with "
                'a STORAGES["staticfiles"] that writes a manifest, such as ManifestStaticFilesStorage.'
            ) from None
        except OSError as error:
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
