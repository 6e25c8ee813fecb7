"""The first superuser, who gets a password by a link that works once."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandParser

from ...invitation import INVITED, invitation


class Command(BaseCommand):
    help = "Makes a superuser without a password, unless there is a superuser already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin", help="default: admin")

    def handle(self, *args: Any, **options: Any) -> None:
        users = get_user_model()
        there = users.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if there is None:
            field = {users.USERNAME_FIELD: options["username"], "password": INVITED}
            there = users.objects.create(is_superuser=True, is_staff=True, is_active=True, **field)
        if there.password == INVITED:
            self.stdout.write(invitation(there.get_username(), there.pk))
        else:
            self.stdout.write(f"There is a superuser already: {there.get_username()}.")
