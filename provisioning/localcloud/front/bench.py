"""How much longer a client of the endpoint waits than one of the PostgreSQL behind it: ratios of one run.

The client is a process of its own, as the site is, and goes from one to the other in turns. It is this file again:
Django is set up there, with the settings of whoever asks, and its pages are those of the site that is loaded.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TURNS = 60
AT_ONCE = 5  # pages before the other has its turn
MOST = 1.05  # times as long, of a page
ALONE = 20  # queries, of which each is the time that one takes
LOAD = (("migrate", "--verbosity", "0"), ("load_starter_content",))


class Failed(Exception):
    """The client did not come to a good end."""


@dataclass(frozen=True)
class Compared:
    """Seconds; a quarter of the times were shorter. The longer ones tell more of what else the machine does."""

    by_front: float
    directly: float

    @property
    def ratio(self) -> float:
        return self.by_front / self.directly


@dataclass(frozen=True)
class Measured:
    page: Compared
    """The site's first page, of Wagtail's own queries and of its templates, on an open connection."""
    query: Compared
    """One that takes no time itself."""
    connection: Compared
    """To open one, ask one query, and close it."""
    queries: int
    """Of the page."""

    @property
    def holds(self) -> bool:
        return self.page.ratio <= MOST


def measure(manage: Path, front: int, server: int, login: str, turns: int = TURNS) -> Measured:
    """By the ports of both; `login` is user:password of somebody who owns `site`. Raises Failed."""
    url = f"postgresql://{login}@127.0.0.1:{server}/site"
    for command in LOAD:
        run([sys.executable, str(manage), *command], url, manage.parent)
    asked = [sys.executable, "-m", __name__, str(front), str(server), str(turns)]
    found = json.loads(run(asked, url, manage.parent).splitlines()[-1])
    return Measured(**{name: Compared(*each) for name, each in found["times"].items()}, queries=found["queries"])


def run(command: list[str], url: str, folder: Path) -> str:
    environment = {**os.environ, "DATABASE_URL": url}
    ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True)  # noqa: S603
    if ended.returncode:
        raise Failed(f"{command[1:3]}: {(ended.stderr.strip().splitlines() or ['it said nothing'])[-1]}")
    return ended.stdout


def compare(front: int, server: int, turns: int) -> dict[str, Any]:
    """What the client does."""
    import django
    from django.conf import settings

    settings.DEBUG = False  # it would keep every query
    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def ask() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.fetchall()

    def connect() -> None:
        connection.close()
        ask()

    show_page()
    with CaptureQueriesContext(connection) as asked:
        show_page()
    times: dict[str, list[list[float]]] = {"page": [[], []], "query": [[], []], "connection": [[], []]}
    both = list(enumerate((front, server)))
    for turn in range(turns):
        for which, port in both if turn % 2 else reversed(both):
            connection.close()
            connection.settings_dict["PORT"] = port
            ask()
            show_page()
            times["page"][which] += [seconds(show_page) for _ in range(AT_ONCE)]
            times["query"][which] += [seconds(ask) for _ in range(ALONE)]
            times["connection"][which] += [seconds(connect)]
    short = {name: [statistics.quantiles(each, n=4)[0] for each in found] for name, found in times.items()}
    return {"times": short, "queries": len(asked)}


def show_page() -> None:
    from django.contrib.auth.models import AnonymousUser
    from django.test import RequestFactory
    from wagtail.models import Site

    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    site = Site.objects.select_related("root_page").get(is_default_site=True)
    site.root_page.specific.serve(request).render()


def seconds(do: Callable[[], object]) -> float:
    begin = time.perf_counter()
    do()
    return time.perf_counter() - begin


if __name__ == "__main__":
    print(json.dumps(compare(*(int(each) for each in sys.argv[1:]))))
