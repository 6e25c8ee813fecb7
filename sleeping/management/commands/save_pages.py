"""Makes a copy of every public page, and the index of paths, ahead of the visitors."""

import math
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from wagtail.models import Site as WagtailSite

from sleeping.saved.counting import note
from sleeping.saved.index import is_served, origin_of
from sleeping.saved.making import forget_former_releases, make
from sleeping.saved.site import here, is_on

MOST = 600.0  # seconds: a function of Lambda ends after 15 minutes, and what is left goes on with the visitors


class Command(BaseCommand):
    help = "Saves every public page, so that visitors find it while the database sleeps."

    def add_arguments(self, parser: CommandParser) -> None:
        said = "The database was changed by something else, such as psql: no former copy holds."
        parser.add_argument("--anew", action="store_true", help=said)

    def handle(self, *args: Any, **options: Any) -> None:
        if not is_on():
            raise CommandError(
                'save_pages: there is nowhere to save them. STORAGES has no "saved". Add one: see docs/saved-pages.md.'
            )
        site = here()
        if options["anew"]:
            note(hard=True)
        for origin in map(origin_of, WagtailSite.objects.all()):
            if not is_served(origin):
                self.stdout.write(f"{origin.origin}: passed over, for ALLOWED_HOSTS does not have its name.")
        site.store.breaker.slow = math.inf  # nobody waits for it
        saved = 0
        for address, outcome in make(site, MOST):
            saved += outcome in ("saved", "there")
            if outcome not in ("saved", "there") or options["verbosity"] > 1:
                self.stdout.write(f"{address}: {'' if outcome in ('saved', 'there') else 'not saved: '}{outcome}")
        if site.store.is_away:
            raise CommandError(
                "save_pages: the shared storage failed, as the log above says. Mend that and run it again: it goes on."
            )
        for name in forget_former_releases(site):
            self.stdout.write(f"The copies of release {name}: removed.")
        index = site.index()
        if index and index.left:
            self.stdout.write(
                f"{len(index.left)} are left after {MOST:.0f} s: run it again, or leave them to visitors."
            )
        done = f"{saved} saved" if saved else "Nothing has changed: all copies are there"
        self.stdout.write(f"{done}, for release {site.release}.")
