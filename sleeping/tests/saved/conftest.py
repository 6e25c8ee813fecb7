"""The bakery's site on a database with real commits: after each test it is put back as a whole."""

import contextlib
import shutil
import sqlite3

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.db import connection
from django.test import Client, override_settings

from sleeping.saved import middleware
from sleeping.saved import site as saved_site
from sleeping.saved.counting import present
from sleeping.saved.making import is_behind, make
from sleeping.saved.rendering import Rendered

from ..bakery import content
from ..bakery.models import OddPage

VIEWS = ("sitemap", "rss", "rss_by_tag")

QUICK = ["django.contrib.auth.hashers.MD5PasswordHasher"]


class Bakery:
    """What its visitors see, and what its people do."""

    def __init__(self, blocker, monkeypatch, folder):
        self._blocker = blocker
        self._monkeypatch = monkeypatch
        self.folder = folder
        self.now = 1_800_000_000.0
        self.makes_ahead = False  # after each answer, as a site does
        monkeypatch.setattr(middleware, "is_behind", lambda site: self.makes_ahead and is_behind(site))
        self.new_process()

    def new_process(self):
        """That knows nothing yet."""
        saved_site.here.cache_clear()
        site = saved_site.here()
        site.clock = site.store.breaker.clock = lambda: self.now

    @property
    def site(self):
        return saved_site.here()

    def client(self, host="bakery.test", **headers):
        return Client(SERVER_NAME=host.partition(":")[0], HTTP_HOST=host, headers=headers)

    def ask(self, path, host="bakery.test", method="get", **headers):
        return getattr(self.client(host), method)(path, headers=headers)

    def how(self, path, host="bakery.test", **headers):
        """What Cache-Status says of the answer."""
        return how(self.ask(path, host, **headers))

    @contextlib.contextmanager
    def asleep(self):
        """Nobody may come to a connection."""
        with self._monkeypatch.context() as patch, self._blocker.block():
            patch.setattr(middleware.SavedPagesMiddleware, "_is_awake", lambda self: False)
            patch.setattr(middleware, "render", lambda address: Rendered("asleep"))  # a former copy is refreshed
            yield

    def ask_asleep(self, path, host="bakery.test", method="get", **headers):
        with self.asleep():
            return self.ask(path, host, method, **headers)

    def save(self):
        """What `manage.py save_pages` does: each address, and what became of it."""
        return dict(make(self.site, 60))

    def generation(self):
        return present(self.site)

    def odd(self, manner, parent="/"):
        """The address of a new page that answers in this manner."""
        above = content.page(parent)
        above.add_child(instance=OddPage(title=manner, slug=manner, manner=manner))
        self.generation()
        return f"{parent}{manner}/"

    def sign_in(self, client, name="owner"):
        client.force_login(User.objects.get(username=name))


def how(response):
    return response.headers.get("Cache-Status", "").removeprefix("saved-pages; ")


@pytest.fixture(scope="package")
def _baked(django_db_setup, django_db_blocker, tmp_path_factory):
    """The bakery's database and the one that was there before; and where its pictures are."""
    media = tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock():
        if connection.vendor != "sqlite":
            pytest.skip("These tests put an SQLite database back as a whole.")
        before, baked = sqlite3.connect(":memory:"), sqlite3.connect(":memory:")
        connection.ensure_connection()
        connection.connection.backup(before)
        with override_settings(MEDIA_ROOT=media, PASSWORD_HASHERS=QUICK):
            content.bake()
        connection.connection.backup(baked)
        _put_back(before)
    yield before, baked, media
    before.close()
    baked.close()


@pytest.fixture
def transactional_db(_baked, django_db_blocker):
    """In place of pytest-django's, which empties a hundred tables after each test."""
    before, baked, _ = _baked
    with django_db_blocker.unblock():
        _put_back(baked)
        yield
        assert not connection.in_atomic_block
        _put_back(before)


@pytest.fixture
def bakery(_baked, transactional_db, settings, tmp_path, django_db_blocker, monkeypatch):
    settings.ROOT_URLCONF = "sleeping.tests.bakery.urls"
    settings.STORAGES = {
        **settings.STORAGES,
        "saved": {"BACKEND": "sleeping.saved.folder.Folder", "OPTIONS": {"location": str(tmp_path / "saved")}},
    }
    projects = getattr(settings, "SLEEPING", {})
    settings.SLEEPING = {
        **projects,
        "SAVED_VIEWS": VIEWS,
        "RELEASE": "this-one",
        "FOLDER": str(tmp_path / "marks"),
        "IGNORED_MODELS": (*projects.get("IGNORED_MODELS", ()), "bakery.Enquiry"),
    }
    settings.ALLOWED_HOSTS = [".test"]
    settings.MEDIA_ROOT = shutil.copytree(_baked[2], tmp_path / "media")
    settings.PASSWORD_HASHERS = QUICK
    return Bakery(django_db_blocker, monkeypatch, tmp_path / "saved")


def _put_back(database):
    database.backup(connection.connection)
    cache.clear()
    ContentType.objects.clear_cache()
