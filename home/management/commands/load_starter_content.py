"""Gives a new site its first pages and pictures."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from wagtail.models import Site

from home.models import HomePage
from home.starter.load import load


class Command(BaseCommand):
    help = (
        "Gives a new site its first pages and pictures. Safe to run again: a page that exists is left alone, "
        "edited or not; one that was deleted comes back. The home page is filled only until it is edited."
    )
    requires_migrations_checks = True

    def handle(self, *args, **options):
        site = Site.objects.filter(is_default_site=True).first()
        home = site and site.root_page.specific
        if not isinstance(home, HomePage):
            found = f"it begins at “{home}”, which is no HomePage" if home else "there is none"
            raise CommandError(
                f"Starter content: cannot be loaded into the default site, for {found}. "
                "Give it a home page in the admin, under Settings, Sites."
            )
        with transaction.atomic():
            lines = list(load(home))
        for line in lines:
            self.stdout.write(line)
