"""What a project may choose: `SLEEPING` in its settings, each name in capitals."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed


@dataclass(frozen=True)
class Conf:
    attempt_seconds: int = 2
    """How long one request waits for a connection, at most."""
    restart_seconds: int = 10
    """How long one request waits for a database that was awake a moment ago and now refuses: it restarts."""
    retry_seconds: int = 2
    """What `Retry-After` says, and how often the waking page looks."""
    usual_seconds: int = 15
    """How long a resume usually takes: Aurora's own word. For the page only."""
    patience_seconds: int = 120
    """After so long the page no longer promises that it is only a matter of waking."""
    idle_session_seconds: int = 60
    """After so long the server closes a web connection that does nothing."""
    pause_seconds: int = 300
    """How long a database is left alone before it may pause: what Aurora was told, whose least is 300."""
    editor_idle_seconds: int = 300
    """After so long without a person's request, an open editor's pings are not passed on any more."""
    kept_bytes: int = 1_000_000
    """How much typed text a page of ours carries, so that it can be sent again."""
    background: tuple[str, ...] = (
        "wagtailadmin_editing_sessions:ping",
        "wagtailadmin_editing_sessions:release",
    )
    """The views that a browser asks for by itself, with nobody acting: they wake nothing."""
    no_database: tuple[str, ...] = ()
    """The views that make no query, for nobody: they are passed on whatever the database does."""
    public_media: tuple[str, ...] = ("images/",)
    """The folders of the storage whose files everyone may have who knows their names: Wagtail's renditions."""
    picture_seconds: int = 3600
    """How long the signed address of a picture holds, at most."""
    document_seconds: int = 900
    """How long that of a document holds, at most: also after its collection has turned private."""
    saved_views: tuple[str, ...] = ()
    """The views, besides Wagtail's pages and documents, whose answers are saved: a sitemap, a feed."""
    saved_parameters: tuple[str, ...] = ()
    """The query parameters of these views. A page's class has its own `saved_parameters`."""
    prefixes: tuple[str, ...] = ()
    """Paths below which there may be pages that Wagtail's tree does not know."""
    ignored_models: tuple[str, ...] = ()
    """Models, such as "app.Model", whose changes no page shows."""
    memory_seconds: int = 3
    """For so long a process believes what it last read about the generation the site is in."""
    memory_bytes: int = 8_000_000
    """How many bytes of copies one process has at hand."""
    make_seconds: int = 1
    """For how long, after an answer, a process makes the copies that a change has left behind."""
    release: str = ""
    """The name of this release; worked out from the code where it is empty."""
    folder: str = str(Path(tempfile.gettempdir()) / "sleeping")
    """Where the processes of one machine tell each other how the database is."""


@cache
def conf() -> Conf:
    """Raises ImproperlyConfigured naming the setting, its value and the rule it breaks."""
    chosen = getattr(settings, "SLEEPING", {})
    known = {each.name.upper(): each for each in fields(Conf)}
    if not isinstance(chosen, Mapping):
        raise ImproperlyConfigured(f"SLEEPING is {chosen!r}: it must be a dictionary of {', '.join(known)}.")
    values: dict[str, Any] = {}
    for name, value in chosen.items():
        if name not in known:
            raise ImproperlyConfigured(f"SLEEPING[{name!r}] is not known: there are {', '.join(known)}.")
        default = known[name].default
        if isinstance(default, int) and (type(value) is not int or value < 1):
            raise ImproperlyConfigured(f"SLEEPING[{name!r}] is {value!r}: it must be a whole number above 0.")
        if isinstance(default, tuple) and isinstance(value, str):
            raise ImproperlyConfigured(f"SLEEPING[{name!r}] is {value!r}: it must be a list, such as [{value!r}].")
        values[known[name].name] = tuple(value) if isinstance(default, tuple) else value
    return Conf(**values)


setting_changed.connect(lambda *, setting, **_: setting == "SLEEPING" and conf.cache_clear(), weak=False)
