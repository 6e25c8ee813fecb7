"""Making copies ahead, while there is a connection anyway: so that each is there when the database sleeps."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from django.utils.crypto import get_random_string
from wagtail.models import Site as WagtailSite

from .address import Address
from .counting import present
from .index import Index, build, languages
from .judging import by_language, why_no_404
from .rendering import render
from .site import Site

KEPT_RELEASES = 3
MADE = "made"  # a file that says when a release made its copies last


def make(site: Site, seconds: float, clock: Callable[[], float] = time.monotonic) -> Iterator[tuple[str, str]]:
    """Makes what the present generation lacks, for so many seconds at most: each address, and what became of it.

    What is left when time is up is written down, for whoever goes on.
    """
    end = clock() + seconds
    generation = present(site)
    index = site.index()
    if index is None or index.generation != generation.number:
        index = build(generation.number)
        yield from _not_found(site, index)
        site.keep_index(index)  # once these are there: whoever goes on after an end in between does not make them
    left = list(index.left)
    while left and clock() < end and not site.store.is_away:
        yield left[0], _made(site, Address.parse(left[0]))
        left.pop(0)
    if site.generation() == generation:  # else another is needed, and may be there
        site.keep_index(replace(index, left=tuple(left)))


def make_some(site: Site, seconds: float) -> None:
    """The same, for nobody who would like to hear of it."""
    for _ in make(site, seconds):
        pass


def is_behind(site: Site) -> bool:
    """Whether there is something to make."""
    generation, index = site.generation(), site.index()
    if generation is None or site.store.is_away:
        return False
    return index is None or index.generation != generation.number or bool(index.left)


def forget_former_releases(site: Site) -> list[str]:
    """Removes the copies of all but the last few releases; the names of those that went."""
    site.store.write(f"{site.release}/{MADE}", str(site.clock()).encode())
    made = {name: _when(site.store.read(f"{name}/{MADE}")) for name in site.store.names("")[0]}
    gone = sorted(made, key=lambda name: made[name], reverse=True)[KEPT_RELEASES:]
    for name in gone:
        _remove(site, name)
    return gone


def _made(site: Site, address: Address) -> str:
    copy = site.find(address)
    if copy and site.is_present(copy):
        return "there"
    return render(address).why_not_saved or "saved"


def _not_found(site: Site, index: Index) -> Iterator[tuple[str, str]]:
    """What is said where nothing is, for each site and language."""
    for origin in dict.fromkeys(Address.parse(each).origin for each in index.left):
        for language in _languages():
            prefix = f"/{language}/" if language else "/"
            first, second = (render(Address.parse(f"{origin}{prefix}{_nowhere()}/")) for _ in range(2))
            why = why_no_404(first, second)
            if not why:
                site.keep_not_found(f"{origin} {language}", first.copy)
            yield f"{origin}{prefix}… (404)", why or "saved"


def _languages() -> list[str]:
    """Those that an address may begin with, and none."""
    if not by_language():
        return [""]
    sites = WagtailSite.objects.select_related("root_page__locale")
    return ["", *sorted({language for each in sites for language, root in languages(each) if root})]


def _nowhere() -> str:
    return get_random_string(20).lower()


def _when(written: bytes | None) -> float:
    try:
        return float(written or b"0")
    except ValueError:
        return 0.0


def _remove(site: Site, folder: str) -> None:
    folders, files = site.store.names(folder)
    for name in folders:
        _remove(site, f"{folder}/{name}")
    for name in files:
        site.store.delete(f"{folder}/{name}")
