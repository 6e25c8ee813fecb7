"""Which paths there are: so that whatever is none of them can be answered without asking the database."""

import contextlib
import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote

from django.apps import apps
from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.http import escape_leading_slashes
from django.utils.translation import override
from wagtail.coreutils import WAGTAIL_APPEND_SLASH
from wagtail.models import Page, Site

from ..conf import conf
from .address import Address
from .judging import PAGES, by_language


@dataclass(frozen=True)
class Index:
    generation: int
    hosts: dict[str, frozenset[str]]
    """The paths of each of Wagtail's sites, by its host name; the default site's also under the empty name."""
    prefixes: tuple[str, ...] = ()
    """What lies below these is known to their pages alone."""
    left: tuple[str, ...] = ()
    """Addresses that are still to be made, of this generation."""

    def knows(self, host: str, path: str, whole: str = "") -> bool:
        """Whether something may be there; a host that is no site's is the default site's.

        `whole` is the path with what a server in front has put before all of the site's, where it has.
        """
        name = _without_port(host)
        paths = self.hosts.get(name, self.hosts.get("", frozenset()))
        # A slash at the end too many or too few leads to the page, or is forgiven.
        spelled = {path, path.rstrip("/"), f"{path}/"}
        return bool(spelled & paths) or _normal(whole or path) in paths or f"{path}/".startswith(self.prefixes)

    def pack(self) -> bytes:
        hosts = {name: sorted(paths) for name, paths in self.hosts.items()}
        told = {"generation": self.generation, "hosts": hosts, "prefixes": self.prefixes, "left": self.left}
        return gzip.compress(json.dumps(told).encode(), mtime=0)

    @classmethod
    def unpack(cls, packed: bytes) -> Self | None:
        """None for what is not whole."""
        try:
            told = json.loads(gzip.decompress(packed))
            hosts = {name: frozenset(paths) for name, paths in told["hosts"].items()}
            return cls(told["generation"], hosts, tuple(told["prefixes"]), tuple(told["left"]))
        except (ValueError, KeyError, TypeError, AttributeError, OSError, EOFError, zlib.error):
            return None


@dataclass
class _Building:
    hosts: dict[str, set[str]] = field(default_factory=dict)
    prefixes: set[str] = field(default_factory=set)
    left: dict[str, None] = field(default_factory=dict)  # a set that keeps its order

    def page(self, origin: Address, page: Page, path: str, is_public: bool) -> None:
        paths = self.hosts[_without_port(origin.host)]
        paths.add(path)
        if type(page).route is not Page.route:
            self.prefixes.add(path)
        for cached in page.get_cached_paths():
            below, _, query = cached.lstrip("/").partition("?")
            paths.add(path + below)
            if is_public and getattr(page, "saved", True):
                self.address(origin, path + below, query)

    def address(self, origin: Address, path: str, query: str = "") -> None:
        whole = get_script_prefix() + path.removeprefix("/")
        self.left[str(Address(origin.scheme, origin.host, whole, query))] = None


def build(generation: int) -> Index:
    """As the database has it now."""
    building = _Building()
    for site in Site.objects.select_related("root_page__locale"):
        origin = origin_of(site)
        building.hosts.setdefault(_without_port(origin.host), set())  # one name may have sites at many ports
        for page, path, is_public in _pages(site):
            building.page(origin, page, path, is_public)
        building.hosts[_without_port(origin.host)].update(_redirects(site))
        for path in _views():
            building.address(origin, path)
        if site.is_default_site:
            building.hosts[""] = building.hosts[_without_port(origin.host)]
    for site in Site.objects.all():
        for path in _documents():
            building.address(origin_of(site), path)
    return Index(
        generation,
        {name: frozenset(paths) for name, paths in building.hosts.items()},
        (*sorted(building.prefixes), *conf().prefixes),
        tuple(building.left),
    )


def origin_of(site: Site) -> Address:
    """Where its visitors come to; the path is empty."""
    scheme = "https" if settings.SECURE_SSL_REDIRECT or site.port == 443 else "http"
    host = site.hostname.lower()
    return Address(scheme, host if site.port in (80, 443) else f"{host}:{site.port}", "")


def _pages(site: Site) -> Iterator[tuple[Page, str, bool]]:
    """Each live page, its path, and whether everybody may see it."""
    for root, beginnings in _trees(site).items():
        below = Page.objects.live().descendant_of(root, inclusive=True).order_by("depth", "path")
        public = set(below.public().values_list("pk", flat=True))
        for page in below.specific().iterator(chunk_size=200):
            for beginning in beginnings:
                path = beginning + page.url_path[len(root.url_path) :]
                yield page, path if WAGTAIL_APPEND_SLASH or path == "/" else path.rstrip("/"), page.pk in public


def _trees(site: Site) -> dict[Page, set[str]]:
    """Where its visitors come to: each root, and the paths at which it begins.

    A language that has no root of its own shows that of the site.
    """
    trees: dict[Page, set[str]] = {}
    many = by_language() or getattr(settings, "WAGTAIL_I18N_ENABLED", False)
    for language in dict(settings.LANGUAGES) if many else [settings.LANGUAGE_CODE]:
        with override(language), contextlib.suppress(NoReverseMatch):
            beginning = "/" + unquote(reverse(PAGES, args=("",))).removeprefix(get_script_prefix())
            trees.setdefault(site.root_page.localized, set()).add(beginning)
    return trees


def _views() -> Iterator[str]:
    for name in conf().saved_views:
        try:
            yield "/" + unquote(reverse(name)).removeprefix(get_script_prefix())
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
            yield "/" + unquote(document.url).removeprefix(get_script_prefix())


def _normal(path: str) -> str:
    """As Wagtail compares an address with its redirects'; of a page's own path it makes something else."""
    if not apps.is_installed("wagtail.contrib.redirects"):
        return path
    from wagtail.contrib.redirects.models import Redirect

    # Of //a it would take the a for a host.
    return "redirect:" + Redirect.normalise_path(escape_leading_slashes(path)).partition("?")[0]


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return (name if colon and port.isdigit() else host).lower()
