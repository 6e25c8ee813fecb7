"""Two instances of one site in one process, on a clock of ours, and what visitors may be shown by each of them.

Each instance has a Site, an access to the shared storage and Wagtail's cache of its own; they share the database, the
folder and the middleware, which asks `here()` for whose turn it is. The database and the fallings asleep are real or
not as `World` says. `Tree` is what the site should be: a model in plain Python, which no line of ours had a hand in.
"""

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model, login, logout
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.cache.backends.locmem import LocMemCache
from django.core.files.base import ContentFile
from django.core.handlers.base import BaseHandler
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import include, path
from django.utils import translation
from wagtail import urls as wagtail_urls
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Locale, Page, PageViewRestriction
from wagtail.models import Site as WagtailSite

from sleeping.models import Change
from sleeping.models import Generation as Row
from sleeping.saved import counting, index, rendering
from sleeping.saved import middleware as saved_middleware
from sleeping.saved.folder import Folder
from sleeping.saved.generation import Generation
from sleeping.saved.site import GENERATION, Site

SECONDS = 3  # SLEEPING["MEMORY_SECONDS"]
BEGAN = 1_800_000_000.0
LOCALE = "django.middleware.locale.LocaleMiddleware"
MIDDLEWARE = [
    "sleeping.middleware.HeadMiddleware",
    "django.middleware.common.CommonMiddleware",
    "sleeping.middleware.SavedPagesMiddleware",
    "sleeping.tests.saved.two_instances.waking",
    "sleeping.middleware.SavingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
PAGE = """{% load i18n %}{% get_current_language as language %}page|{{ page.title }}|{{ language }}|{{ happen }}
{% for each in page.get_children.live.public %}{{ each.title }} {% endfor %}|{{ user.username }}|{{ happen_late }}"""
TEMPLATES = {
    "wagtailcore/page.html": PAGE,
    "wagtailcore/password_required.html": "closed|{{ user.username }}",
    "404.html": "nothing",
}


# --- the site that is served ---


def sign_in(request: HttpRequest, name: str) -> HttpResponse:
    login(request, get_user_model().objects.get(username=name), "django.contrib.auth.backends.ModelBackend")
    return HttpResponse("in")


def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponse("out")


urlpatterns = [
    path("in/<str:name>/", sign_in),
    path("out/", sign_out),
    path("", include(wagtail_urls)),
]


def waking(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """In the place of Waking: no connection while the database sleeps."""

    def answered(request: HttpRequest) -> HttpResponse:
        world = World.present
        if world.asleep:
            return HttpResponse("asleep", status=503, headers={"X-Sleeping": "waking"})
        world.reached = True
        return get_response(request)

    return answered


def meanwhile(request: HttpRequest) -> dict[str, Any]:
    """A context processor."""
    return {
        "happen": lambda: World.present.happen("in the page"),
        "happen_late": lambda: World.present.happen("at its end"),
    }


class Shared(Folder):
    """One instance's access to the folder. It may fail, and what it writes may land late."""

    failing = False
    slow = False

    def __init__(self, folder: Any) -> None:
        super().__init__(folder)
        self.late: list[tuple[str, bytes]] = []

    def _open(self, name: str, mode: str = "rb") -> Any:
        self._may_fail()
        return super()._open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        self._may_fail()
        if self.slow and name != GENERATION:  # that is written while a row is locked, so it cannot be overtaken
            self.late.append((name, content.read()))
            return name
        return super()._save(name, content)

    def land(self) -> None:
        for name, content in self.late:
            Folder._save(self, name, ContentFile(content))
        self.late.clear()

    def listdir(self, path: str) -> Any:
        self._may_fail()
        return super().listdir(path)

    def _may_fail(self) -> None:
        if self.failing:
            raise OSError("the storage is away")


class Killed(Exception):
    """As if the process had been ended at this point."""


@dataclass
class Instance:
    name: str
    storage: Shared
    skew: float
    """Seconds by which its clock differs."""
    site: Site = field(init=False)
    cache: LocMemCache = field(init=False)
    looked: float = float("-inf")
    """When a request last reached its database."""

    def start(self, world: "World") -> None:
        self.site = Site(self.storage, "this-release", lambda: world.now + self.skew)
        self.site.store.breaker.clock = self.site.clock
        self.cache = LocMemCache(f"{self.name} {id(self.site)}", {})
        self.looked = float("-inf")


class World:
    """Used as a context; begins anew, with a few pages, at each `begin()`."""

    present: "World"

    def __init__(self, monkeypatch: Any, folder: Any) -> None:
        self._folder = folder
        self._many = 0
        self._begins = sqlite3.connect(":memory:")
        World.present = self
        monkeypatch.setattr(counting, "here", self._here_to_count)
        monkeypatch.setattr(saved_middleware, "here", lambda: self.turn.site)
        monkeypatch.setattr(saved_middleware.SavedPagesMiddleware, "_is_awake", lambda _: self.seems_awake)
        monkeypatch.setattr(saved_middleware, "present", self._present)
        monkeypatch.setattr(index, "_views", self._views)
        keep = Site.keep
        monkeypatch.setattr(Site, "keep", lambda site, address, copy: self._keep(keep, site, address, copy))

    def __enter__(self) -> "World":
        """Takes a copy of the tests' own database, for a connection on which commits are real."""
        rendering._handler.cache_clear()
        self._language = translation.get_language()
        self._former = connections[DEFAULT_DB_ALIAS]
        self._former.ensure_connection()
        self._former.connection.backup(self._begins)
        own = connections.create_connection(DEFAULT_DB_ALIAS)
        own.settings_dict = {**own.settings_dict, "NAME": ":memory:"}
        connections[DEFAULT_DB_ALIAS] = own
        own.connect()
        self.begin()
        own.execute_wrappers.append(self._awake_only)
        self.handler = BaseHandler()
        self.handler.load_middleware()
        return self

    def __exit__(self, *_: Any) -> None:
        connection.connection.close()
        connections[DEFAULT_DB_ALIAS] = self._former
        rendering._handler.cache_clear()
        translation.activate(self._language)

    def remember(self) -> None:
        """This is how the database is at each beginning from now on."""
        connection.connection.backup(self._begins)

    def begin(self) -> None:
        self._begins.backup(connection.connection)
        WagtailSite.clear_site_root_paths_cache()
        translation.deactivate()
        self._many += 1
        self.now = BEGAN
        self.asleep = self.reached = self.killed = False
        self.seems_awake = True
        self._waits: tuple[str, Callable[[], None]] | None = None
        self.happened = False
        self.kept: Callable[[str, str], None] = lambda path, answer: None
        folder = self._folder / str(self._many)
        self.instances = [Instance("one", Shared(folder), 0.0), Instance("two", Shared(folder), -50.0)]
        for instance in self.instances:
            instance.start(self)
        self.turn = self.instances[0]

    @contextlib.contextmanager
    def on(self, instance: Instance) -> Iterator[None]:
        """It is this one's turn."""
        before, cache = self.turn, caches[DEFAULT_CACHE_ALIAS]
        self.turn, caches[DEFAULT_CACHE_ALIAS] = instance, instance.cache
        try:
            yield
        finally:
            self.turn, caches[DEFAULT_CACHE_ALIAS] = before, cache

    # --- what happens in the middle of something else ---

    def meanwhile(self, point: str, what: Callable[[], None]) -> None:
        self._waits, self.happened = (point, what), False

    def nothing_waits(self) -> None:
        self._waits = None

    def happen(self, point: str) -> str:
        if self._waits and self._waits[0] == point:
            (_, what), self._waits = self._waits, None
            what()
            self.happened = True
        return ""

    def _present(self, site: Site) -> Generation:
        found = counting.present(site)
        self.happened = False
        self.happen("before a page is made")
        return found

    def _keep(self, keep: Callable[..., str], site: Site, address: Any, copy: Any) -> str:
        self.happen("before it is saved")
        if self.happened:
            self.kept(address.path, said(copy.status, dict(copy.headers), copy.content))
        return keep(site, address, copy)

    def _views(self) -> Iterator[str]:
        self.happen("while the index is made")
        return iter(())

    def _here_to_count(self) -> Site:
        if self.killed:
            raise Killed
        return self.turn.site

    def _awake_only(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        assert not self.asleep, f"The database sleeps, and is asked: {sql}"
        return execute(sql, params, many, context)

    # --- what can be known without asking the site ---

    def is_told(self) -> bool:
        """Whether the folder says what the database does, and nothing is left to be counted."""
        asleep, self.asleep = self.asleep, False
        row, changes = Row.objects.first(), Change.objects.exists()
        self.asleep = asleep
        try:
            packed = Folder._open(self.turn.storage, GENERATION).read()
        except FileNotFoundError:
            return False
        return row is not None and Generation.unpack(packed) == Generation(row.number, row.barrier) and not changes

    # --- visits ---

    def ask(
        self,
        instance: Instance,
        address: str,
        cookies: dict[str, str],
        method: str = "GET",
        sent: Any = None,
        **headers: str,
    ) -> HttpResponse:
        factory = RequestFactory(SERVER_NAME="localhost", headers=headers)
        factory.cookies.load(cookies)
        request = getattr(factory, method.lower())(address, sent)
        request._dont_enforce_csrf_checks = True
        with self.on(instance):
            self.reached = False
            return self.handler.get_response(request)

    def close(self, instance: Instance, response: HttpResponse) -> None:
        """The server has sent it all."""
        with self.on(instance):
            response.close()


def said(status: int, headers: Any, content: bytes) -> str:
    """What an answer comes to, in the words of the model."""
    text = " ".join(content.decode().split())
    if status == 200:
        return text
    if status in (301, 302):
        where, _, _ = headers["Location"].removeprefix("http://localhost").partition("?")  # some repeat the query
        return "closed|" if "/login/" in where else f"to {where}"
    return {404: "nothing", 503: "asleep"}.get(status, f"{status} {text}")


# --- what it should be ---


@dataclass
class Leaf:
    """A page."""

    title: str
    slug: str
    parent: int | None
    live: bool = True
    draft: str = ""
    restrictions: dict[int, str] = field(default_factory=dict)
    """The keys of the records; "login" or "password"."""
    language: str = ""
    """Where it is the first page of a language."""


@dataclass
class Tree:
    pages: dict[int, Leaf] = field(default_factory=dict)
    """In the order in which they stand."""
    redirects: dict[str, int | str] = field(default_factory=dict)
    """To a page or an address."""
    languages: tuple[str, ...] = ()
    language: str = "en-gb"

    def above(self, key: int) -> list[int]:
        """The page itself, then those that it is below of."""
        found = [key]
        while (parent := self.pages[found[-1]].parent) is not None:
            found.append(parent)
        return found

    def below(self, key: int) -> list[int]:
        return [each for each in self.pages if key in self.above(each)]

    def path(self, key: int) -> str:
        *slugs, first = (self.pages[each] for each in self.above(key))
        prefix = f"/{first.language}/" if self.languages else "/"
        return prefix + "".join(f"{leaf.slug}/" for leaf in reversed(slugs))

    def restrictions(self, key: int) -> dict[int, str]:
        return {pk: kind for each in self.above(key) for pk, kind in self.pages[each].restrictions.items()}

    def answer(self, path: str, name: str = "", passed: frozenset[int] = frozenset(), speaks: str = "") -> str:
        """What somebody of that name is told there; nobody's name is empty."""
        key, language = self._found(path)
        if key is not None and self.pages[key].live:
            return self._page(key, name, passed, language)
        if path in self.redirects:
            to = self.redirects[path]
            return f"to {to if isinstance(to, str) else self.path(to)}"
        if self.languages and path == "/":
            return f"to /{speaks or self.language}/"
        return "nothing"

    def _found(self, path: str) -> tuple[int | None, str]:
        """The page, and the language in which it is shown.

        While the first page of a language is not live, all pages of the site's own are shown in that language.
        """
        if not self.languages:
            return next((each for each in self.pages if self.path(each) == path), None), ""
        _, language, slugs = path.split("/", 2) if path.count("/") > 1 else ("", "", "")
        firsts = {leaf.language: key for key, leaf in self.pages.items() if leaf.parent is None}
        if language not in firsts:
            return None, language
        shown = language if self.pages[firsts[language]].live else self.language
        return next((each for each in self.pages if self.path(each) == f"/{shown}/{slugs}"), None), language

    def _page(self, key: int, name: str, passed: frozenset[int], language: str) -> str:
        if any(not (name if kind == "login" else pk in passed) for pk, kind in self.restrictions(key).items()):
            return f"closed|{name}"  # by the login's page or the password's, whichever Wagtail comes to first
        children = [
            leaf.title
            for each, leaf in self.pages.items()
            if leaf.parent == key and leaf.live and not self.restrictions(each)
        ]
        return " ".join(
            f"page|{self.pages[key].title}|{language}| {''.join(f'{c} ' for c in children)}|{name}|".split()
        )


def few_pages(languages: tuple[str, ...] = ()) -> Tree:
    """Makes them: a page at /, a/, a/b/ and c/, for each language."""
    site = WagtailSite.objects.get(is_default_site=True)
    root = Page.get_first_root_node().add_child(instance=Page(title="home", slug="first"))
    former, site.root_page = site.root_page, root
    site.save()
    Page.objects.get(pk=former.pk).delete()
    language = root.locale.language_code
    tree = Tree(languages=languages, language=language)
    roots = [root]
    for code in languages:
        if code != language:
            roots.append(root.copy_for_translation(Locale.objects.get_or_create(language_code=code)[0]))
    for first in roots:
        code = first.locale.language_code
        first.title, first.live = f"home-{code}", True
        first.save_revision().publish()
        tree.pages[first.pk] = Leaf(first.title, first.slug, None, language=code)
        page = first
        for slug, above in (("a", first), ("b", None), ("c", first)):
            above = above or page
            page = Page.objects.get(pk=above.pk).add_child(instance=Page(title=f"{slug}-{code}", slug=slug))
            page.save_revision().publish()
            tree.pages[page.pk] = Leaf(page.title, slug, above.pk)
    for name in ("ada", "bo"):
        with transaction.atomic():
            get_user_model().objects.create(username=name)
    return tree


class Edits:
    """What editors do: to the database, in real commits, and to the model."""

    KINDS = (
        *("publish", "publish", "draft", "unpublish", "republish", "create", "create_draft", "delete", "move", "slug"),
        *("restrict", "restrict", "open", "redirect", "redirect_to_page", "stop_redirect"),
    )
    HARD = frozenset(
        ["unpublish", "delete", "move", "slug", "restrict", "redirect", "redirect_to_page", "stop_redirect"]
    )
    PLACES = ("x", "a", "b", "c", "y")

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._many = 0
        self.published: set[str] = set()
        """The titles of drafts that were."""

    def do(self, kind: str, first: int, second: int, together: bool = False) -> None:
        """`first` and `second` choose what it is done to: any numbers. `together`: in one transaction."""
        key = list(self.tree.pages)[first % len(self.tree.pages)]
        self._many += 1
        page = Page.objects.get(pk=key).specific
        with transaction.atomic() if together else nullcontext():
            getattr(self, f"_{kind}")(key, page, second)

    def _publish(self, key: int, page: Page, _: int) -> None:
        leaf = self.tree.pages[key]
        page.title = leaf.title = f"title{self._many}"
        page.save_revision().publish()
        leaf.live, leaf.draft = True, ""

    def _draft(self, key: int, page: Page, _: int) -> None:
        page.title = self.tree.pages[key].draft = f"draft{self._many}"
        page.save_revision()

    def _unpublish(self, key: int, page: Page, _: int) -> None:
        page.unpublish()
        self.tree.pages[key].live = False

    def _republish(self, key: int, page: Page, _: int) -> None:
        leaf = self.tree.pages[key]
        page.get_latest_revision().publish()
        self.published |= {leaf.draft, leaf.title}
        leaf.live, leaf.title, leaf.draft = True, leaf.draft or leaf.title, ""
        if page.get_latest_revision_as_object().slug != leaf.slug:
            raise AssertionError("A revision has another slug.")

    def _create(self, key: int, page: Page, second: int, live: bool = True) -> None:
        slug = self._free(key, second)
        if slug:
            title = f"title{self._many}" if live else f"draft{self._many}"
            child = page.add_child(instance=Page(title=title, slug=slug, live=live))
            child.save_revision()
            self.tree.pages[child.pk] = Leaf(title, slug, key, live)

    def _create_draft(self, key: int, page: Page, second: int) -> None:
        self._create(key, page, second, live=False)

    def _delete(self, key: int, page: Page, _: int) -> None:
        tree = self.tree
        if tree.pages[key].parent is None:
            return
        page.delete()
        gone = set(tree.below(key))
        tree.redirects = {path: to for path, to in tree.redirects.items() if to not in gone}
        tree.pages = {each: leaf for each, leaf in tree.pages.items() if each not in gone}

    def _move(self, key: int, page: Page, second: int) -> None:
        to = list(self.tree.pages)[second % len(self.tree.pages)]
        leaf = self.tree.pages[key]
        if leaf.parent is None or to in self.tree.below(key) or not self._is_free(to, leaf.slug):
            return
        page.move(Page.objects.get(pk=to), pos="last-child")
        leaf.parent = to
        self.tree.pages[key] = self.tree.pages.pop(key)  # the last

    def _slug(self, key: int, page: Page, second: int) -> None:
        leaf = self.tree.pages[key]
        if leaf.parent is not None and (slug := self._free(leaf.parent, second)):
            page.slug = leaf.slug = slug
            page.save()
            page.save_revision()
            leaf.draft = ""

    def _restrict(self, key: int, page: Page, second: int) -> None:
        if not self.tree.pages[key].restrictions:
            kind = ("login", "password")[second % 2]
            made = PageViewRestriction.objects.create(page=page, restriction_type=kind, password="word")
            self.tree.pages[key].restrictions[made.pk] = kind

    def _open(self, key: int, page: Page, _: int) -> None:
        PageViewRestriction.objects.filter(page=page).delete()
        self.tree.pages[key].restrictions = {}

    def _redirect(self, key: int, page: Page, second: int, to: Any = None) -> None:
        path = f"{self.tree.path(key)}{self.PLACES[second % len(self.PLACES)]}/"
        if path not in self.tree.redirects:
            Redirect.add_redirect(path, redirect_to=to or f"/somewhere{second % 3}/")
            self.tree.redirects[path] = to.pk if to else f"/somewhere{second % 3}/"

    def _redirect_to_page(self, key: int, page: Page, second: int) -> None:
        to = list(self.tree.pages)[second % len(self.tree.pages)]
        self._redirect(key, page, second, to=Page.objects.get(pk=to))

    def _stop_redirect(self, key: int, page: Page, second: int) -> None:
        if self.tree.redirects:
            path = sorted(self.tree.redirects)[second % len(self.tree.redirects)]
            Redirect.objects.filter(old_path=Redirect.normalise_path(path)).delete()
            del self.tree.redirects[path]

    def _is_free(self, parent: int, slug: str) -> bool:
        return not any(leaf.parent == parent and leaf.slug == slug for leaf in self.tree.pages.values())

    def _free(self, parent: int, second: int) -> str:
        free = [slug for slug in self.PLACES if self._is_free(parent, slug)]
        return free[second % len(free)] if free else ""


def names_in(text: str) -> set[str]:
    """What few may be shown: who is signed in, and what was written as a draft."""
    return set(re.findall(r"\b(?:ada|bo)\b|draft\d+", text))
