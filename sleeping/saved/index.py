"""Which paths there are: so that whatever is none of them can be answered without asking the database."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings
from django.http.request import validate_host
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.http import escape_leading_slashes
from django.utils.translation import override
from wagtail.coreutils import WAGTAIL_APPEND_SLASH, get_supported_content_language_variant
from wagtail.models import Page, Site

from ..conf import conf
from .address import Address, split_port
from .judging import PAGES, by_language

LOCAL = (".localhost", "127.0.0.1", "[::1]")  # what Django takes while DEBUG is on and nothing is set


@dataclass(frozen=True)
class Index:
    generation: int
    hosts: dict[str, frozenset[str]]
    """The paths of each of Wagtail's sites, by its host name; the default site's also under the empty name."""
    prefixes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By host name as well: what lies below these is known to their pages alone."""
    left: tuple[str, ...] = ()
    """Addresses that are still to be made, of this generation."""

    def knows(self, host: str, path: str, whole: str = "") -> bool:
        """Whether something may be there; a host that is no site's is the default site's.

        `whole` is the path with what a server in front has put before all of the site's, where it has.
        """
        prefixes = (*self.prefixes.get(self._name(host), ()), *conf().prefixes)
        return self.lists(host, path, whole) or f"{path}/".startswith(prefixes)

    def lists(self, host: str, path: str, whole: str = "") -> bool:
        """Whether something is there, or leads elsewhere."""
        paths = self.hosts.get(self._name(host), frozenset())
        # A slash at the end too many or too few leads to the page, or is forgiven.
        spelled = {path, path.rstrip("/"), f"{path}/"}
        return bool(spelled & paths) or _normal(whole or path) in paths

    def _name(self, host: str) -> str:
        name = _without_port(host)
        return name if name in self.hosts else ""

    def pack(self) -> bytes:
        hosts = {name: sorted(paths) for name, paths in self.hosts.items()}
        told: dict[str, Any] = {
            "generation": self.generation,
            "hosts": hosts,
            "prefixes": self.prefixes,
            "left": self.left,
        }
        return gzip.compress(json.dumps(told).encode(), mtime=0)

    @classmethod
    def unpack(cls, packed: bytes) -> Self | None:
        """None for what is not whole."""
        try:
            told = json.loads(gzip.decompress(packed))
            hosts = {name: frozenset(paths) for name, paths in told["hosts"].items()}
            prefixes = {name: tuple(paths) for name, paths in told["prefixes"].items()}
            return cls(told["generation"], hosts, prefixes, tuple(told["left"]))
        except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, zlib.error):
            return None


@dataclass
class _Building:
    hosts: dict[str, set[str]] = field(default_factory=dict)
    prefixes: dict[str, set[str]] = field(default_factory=dict)
    left: dict[str, None] = field(default_factory=dict)  # a set that keeps its order

    def site(self, site: Site) -> None:
        origin = origin_of(site)
        name = _without_port(origin.host)
        paths = self.hosts.setdefault(name, set())  # one name may have sites at many ports
        prefixes = self.prefixes.setdefault(name, set())
        for language, root in languages(site):
            with override(language):
                if root is None:
                    prefixes.add(_below(reverse(PAGES, args=("",))))
                for page, path, is_public in _pages(root) if root else ():
                    self.page(origin, page, path, is_public)
        paths.update(_redirects(site))
        for path in _views():
            self.address(origin, path)
        if site.is_default_site:
            self.hosts[""], self.prefixes[""] = paths, prefixes

    def page(self, origin: Address, page: Page, path: str, is_public: bool) -> None:
        name = _without_port(origin.host)
        paths = self.hosts[name]
        paths.add(path)
        if type(page).route is not Page.route:
            self.prefixes[name].add(path)
        for cached in page.get_cached_paths():
            below, _, query = cached.lstrip("/").partition("?")
            paths.add(path + below)
            if is_public and getattr(page, "saved", True):
                self.address(origin, path + below, query)

    def address(self, origin: Address, path: str, query: str = "") -> None:
        if not is_served(origin):
            return
        whole = get_script_prefix() + path.removeprefix("/")
        self.left[str(Address(origin.scheme, origin.host, whole, query))] = None


def build(generation: int) -> Index:
    """As the database has it now."""
    building = _Building()
    for site in Site.objects.select_related("root_page__locale"):
        building.site(site)
    for site in Site.objects.all():
        for path in _documents():
            building.address(origin_of(site), path)
    return Index(
        generation,
        {name: frozenset(paths) for name, paths in building.hosts.items()},
        {name: tuple(sorted(paths)) for name, paths in building.prefixes.items()},
        tuple(building.left),
    )


def origin_of(site: Site) -> Address:
    """Where its visitors come to; the path is empty."""
    scheme = "https" if settings.SECURE_SSL_REDIRECT or site.port == 443 else "http"
    host = site.hostname.lower()
    return Address(scheme, host if site.port in (80, 443) else f"{host}:{site.port}", "")


def is_served(origin: Address) -> bool:
    """Whether Django answers under that name: as a rule not while the record is that of a new site, "localhost"."""
    allowed = settings.ALLOWED_HOSTS or (LOCAL if settings.DEBUG else ())
    return validate_host(_without_port(origin.host), allowed)


def languages(site: Site) -> Iterator[tuple[str, Page | None]]:
    """Each that an address may begin with, and the page where Wagtail begins to look for it.

    None: it looks among another language's, as that has no pages, or its first one is not live.
    """
    for code in dict(settings.LANGUAGES) if by_language() else [settings.LANGUAGE_CODE]:
        with override(code):
            root = site.root_page.localized
            yield code, root if _is_in(root, code) else None


def _is_in(root: Page, code: str) -> bool:
    if not getattr(settings, "WAGTAIL_I18N_ENABLED", False):
        return code == settings.LANGUAGE_CODE
    try:
        return root.locale.language_code == get_supported_content_language_variant(code)
    except LookupError:
        return False


def _pages(root: Page) -> Iterator[tuple[Page, str, bool]]:
    """Each live page, its path, and whether everybody may see it."""
    below = Page.objects.live().descendant_of(root, inclusive=True).order_by("depth", "path")
    public = set(below.public().values_list("pk", flat=True))
    for page in below.specific().iterator(chunk_size=200):
        try:
            path = _below(reverse(PAGES, args=(page.url_path[len(root.url_path) :],)))
        except NoReverseMatch:
            continue
        yield page, path if WAGTAIL_APPEND_SLASH or path == "/" else path.rstrip("/"), page.pk in public


def _views() -> Iterator[str]:
    for name in conf().saved_views:
        try:
            yield _below(reverse(name))
        except NoReverseMatch:  # it takes arguments: it is saved when somebody asks for it
            continue


def _redirects(site: Site) -> Iterator[str]:
    if not apps.is_installed("wagtail.contrib.redirects"):
        return
    from wagtail.contrib.redirects.models import Redirect

    for old in Redirect.get_for_site(site).values_list("old_path", flat=True):
        yield _normal(old.partition("?")[0])


def _documents() -> Iterator[str]:
    """Of those that everybody may have."""
    if not apps.is_installed("wagtail.documents"):
        return
    from wagtail.documents import get_document_model
    from wagtail.models import CollectionViewRestriction

    documents = get_document_model().objects.select_related("collection")
    private = [each.collection for each in CollectionViewRestriction.objects.select_related("collection")]
    for document in documents:
        if not any(document.collection.path.startswith(each.path) for each in private):
            yield _below(document.url)


def _normal(path: str) -> str:
    """As Wagtail compares an address with its redirects'; of a page's own path it makes something else."""
    if not apps.is_installed("wagtail.contrib.redirects"):
        return path
    from wagtail.contrib.redirects.models import Redirect

    # Of //a it would take the a for a host.
    return "redirect:" + Redirect.normalise_path(escape_leading_slashes(path)).partition("?")[0]


def _below(url: str) -> str:
    """The path of the site's own, without what a server in front has put before it."""
    return "/" + unquote(url).removeprefix(get_script_prefix())


def _without_port(host: str) -> str:
    return split_port(host)[0].lower()
