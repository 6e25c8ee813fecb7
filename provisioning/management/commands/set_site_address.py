"""Tell Wagtail where its site is: pages' full addresses are made from it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

PORTS = {"http": 80, "https": 443}


class Command(BaseCommand):
    help = "Sets the host and the port of Wagtail's default site, which says http://localhost/ when it is new."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", help="such as https://www.example.org/")

    def handle(self, *args: Any, **options: Any) -> None:
        from wagtail.models import Site

        parts = urlsplit(options["url"])
        try:
            host, port = parts.hostname, parts.port or PORTS.get(parts.scheme)
        except ValueError:
            host = port = None
        if not (host and port):
            raise CommandError(
                f'"{options["url"]}" is no address of a site. Give one such as https://www.example.org/'
            )
        site = Site.objects.filter(is_default_site=True).first()
        if site is None:
            raise CommandError("Wagtail has no default site. Make one in its admin, under Settings, Sites")
        site.hostname, site.port = host, port
        site.save()
        self.stdout.write(f"The site is at {site.root_url}")
