"""Two sites side by side on one PostgreSQL: ours, and a stock one of the same versions."""

import contextlib
import os
import runpy
import sys
import tempfile
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from unittest.mock import patch
from urllib.request import urlopen

from gunicorn.workers import SUPPORTED_WORKERS

from .postgres import Postgres
from .s3 import bucket
from .server import Server
from .site import BASE, MADE_UP, NAME, collect_static, manage, migrate, run, saving, site
from .stock import Stock

MAX_CONNECTIONS = 100
OURS, STOCK, SAME = "ours", "stock", "same"

# The second time: the first one also looks for the site.
QUERIES = """
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
client = Client(headers={"host": "127.0.0.1"})
assert client.get("/").status_code == 200
with CaptureQueriesContext(connection) as queries:
    client.get("/")
print(len(queries))
"""

Say = Callable[[str], None]


class Pair:
    """Made once; servers are started for each measurement, and end with it."""

    def __init__(self, say: Say) -> None:
        self.say = say
        self.conf = our_gunicorn()
        self._all = contextlib.ExitStack()

    def __enter__(self) -> Self:
        try:
            self._prepare()
        except BaseException:
            self._all.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._all.close()

    def _prepare(self) -> None:
        folder = Path(self._all.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        self.postgres = self._all.enter_context(Postgres(MAX_CONNECTIONS))
        self.urls = {name: self.postgres.create_database(name) for name in (OURS, STOCK, SAME)}
        self.say("ours: migrate, collectstatic, compileall")
        migrate(self.urls[OURS])
        self._static = collect_static(folder)
        ours = [
            name for name in ("home", "search", "sleeping", "provisioning", "scale0site") if (BASE / name).is_dir()
        ]
        run([sys.executable, "-m", "compileall", "-q", *ours], BASE)
        self.say("stock: wagtail start, migrate, collectstatic, compileall")
        self._stock = Stock(folder, STOCK)
        self._stock.prepare(self.urls[STOCK])
        self.say("stock with our pages: the same once more")
        self._same = Stock(folder, SAME)
        self._same.take_our_page()
        self._same.prepare(self.urls[SAME])

    @property
    def lanes(self) -> int:
        """How many requests ours works on at once."""
        return int(self.conf["workers"]) * int(self.conf["threads"])

    def ours(self, url: str = "", *arguments: str, **environment: str) -> Server:
        return site(url or self.urls[OURS], self._static, arguments, **environment)

    def saved(self, url: str = "", **environment: str) -> Server:
        """Ours, with saved pages in a bucket that its instances share; all of them are made."""
        server = site(url or self.urls[OURS], self._static, (), **self.storage, **environment)
        server.known_as = NAME
        return server

    @property
    def environment(self) -> dict[str, str]:
        """Of a command of ours that shares these pages."""
        return MADE_UP | self.storage | {"SITE_HOSTS": NAME, "BENCH_STATIC": str(self._static)}

    @cached_property
    def storage(self) -> dict[str, str]:
        """An S3 of this machine's, with the pages of ours in it."""
        s3 = self._all.enter_context(bucket())
        return saving(self.urls[OURS], self._static, {"BENCH_SAVED": "bucket", "AWS_ENDPOINT_URL": s3})

    def stock(self, url: str = "") -> Server:
        """gunicorn of the same class and counts."""
        return self._stock.gunicorn(url or self.urls[STOCK], *self._same_counts())

    def same(self) -> Server:
        """And with our page."""
        return self._same.gunicorn(self.urls[SAME], *self._same_counts())

    def ancestor(self) -> Server:
        return self._stock.runserver(self.urls[STOCK])

    def page(self, name: str, server: Server) -> str:
        """What the home page is made of."""
        environment = {"DATABASE_URL": self.urls[name]}
        if name == OURS:
            queries = manage("shell", "-c", QUERIES, DJANGO_SETTINGS_MODULE="scale0site.settings.dev", **environment)
        else:
            queries = (self._stock if name == STOCK else self._same).manage("shell", "-c", QUERIES, **environment)
        with urlopen(server.address) as response:  # noqa: S310
            return f"{queries.split()[-1]} queries, {len(response.read())} bytes"

    def _same_counts(self) -> list[str]:
        counts = [f"--{name}={self.conf[name]}" for name in ("workers", "threads")]
        kept = [f"--keep-alive={self.conf.get('keepalive', 2)}"]
        return [f"--worker-class={stock_class(self.conf['worker_class'])}", *counts, *kept, "--no-control-socket"]


def our_gunicorn() -> dict[str, Any]:
    """What gunicorn.conf.py says with nothing chosen."""
    with patch.dict(os.environ):
        for name in ("BIND", "PORT", *(name for name in os.environ if name.startswith("WEB_"))):
            os.environ.pop(name, None)
        return runpy.run_path(str(BASE / "gunicorn.conf.py"))


def stock_class(worker: str | type) -> str:
    """gunicorn's own name for the class of worker, or for the one that it is made from."""
    if isinstance(worker, str):
        if worker in SUPPORTED_WORKERS:
            return worker
        module, _, name = worker.replace(":", ".").rpartition(".")
        worker = getattr(import_module(module), name)
    names = {path.replace(":", "."): name for name, path in SUPPORTED_WORKERS.items()}
    return next(
        names[f"{each.__module__}.{each.__qualname__}"]
        for each in worker.__mro__
        if f"{each.__module__}.{each.__qualname__}" in names
    )
