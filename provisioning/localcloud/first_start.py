"""Until there is a release: what it will do, done before a service starts.

A database that is empty gets its tables, the starter content and one administrator, whose password is made up
and shown once. One that has tables gets the migrations it lacks. Nothing else in the local cloud knows the
site.
"""

import contextlib
import secrets
import sys
import threading
from collections.abc import Mapping
from pathlib import Path

from .ground import Login, ground
from .processes import CommandFailed, python_environment

# What Django prints when it makes the first of all tables, and when it has nothing to do.
FIRST = "Applying contenttypes.0001_initial"
NOTHING = "No migrations to apply"
SETTINGS = "scale0site.settings.production"
BUILD_SETTINGS = "scale0site.settings.build"
USERNAME = "admin"
SET_ADDRESS = "from wagtail.models import Site; Site.objects.update(hostname={host!r}, port={port})"

# Two services that start at once share a project, and maybe a database.
_one_at_a_time = threading.Lock()
_one_build_at_a_time = threading.Lock()


def build() -> None:
    """What the build of an image does: collects the static files."""
    if ground().service_command is None:
        # If it fails, the service that needs it tries again and says why.
        with contextlib.suppress(CommandFailed):
            collect_static()


def prepare(name: str, environment: Mapping[str, str], address: str, log: Path) -> dict[str, str]:
    """The environment in which gunicorn starts; raises CommandFailed."""
    complete = {"DJANGO_SETTINGS_MODULE": SETTINGS, **environment}
    with _one_at_a_time:
        collect_static()
        output = manage(complete, log, "migrate", "--noinput")
        if FIRST in output:
            ground().say(f"service {name}: first migration of its database done")
            manage(complete, log, "load_starter_content")
            ground().say(f"service {name}: starter content loaded")
            make_administrator(complete, log)
        elif NOTHING not in output:
            ground().say(f"service {name}: migrated its database")
        host, _, port = address.partition(":")
        manage(complete, log, "shell", "--command", SET_ADDRESS.format(host=host, port=port))
    return complete


def make_administrator(environment: Mapping[str, str], log: Path) -> None:
    login = Login(USERNAME, secrets.token_urlsafe(12))
    own = {
        "DJANGO_SUPERUSER_USERNAME": login.username,
        "DJANGO_SUPERUSER_PASSWORD": login.password,
        "DJANGO_SUPERUSER_EMAIL": "admin@example.com",
    }
    manage({**environment, **own}, log, "createsuperuser", "--noinput")
    ground().login = login
    ground().say(f"the site's administrator: {login.username}, password {login.password} (shown once)")


def collect_static() -> None:
    """Once for each local cloud."""
    done = ground().folder / "static-collected"
    log = ground().folder / "logs" / "build.log"
    with _one_build_at_a_time:
        if not done.exists():
            manage({"DJANGO_SETTINGS_MODULE": BUILD_SETTINGS}, log, "collectstatic", "--noinput", "--verbosity", "0")
            done.touch()


def manage(environment: Mapping[str, str], log: Path, *command: str) -> str:
    return ground().processes.run(
        [sys.executable, "manage.py", *command],
        cwd=ground().project,
        log=log,
        environment=python_environment(environment),
    )
