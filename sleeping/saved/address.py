"""What a copy is a copy of: scheme, host, path, and the query parameters that a page declares."""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Self
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from django.apps import apps
from django.core.signals import setting_changed
from django.http import HttpRequest

from ..conf import conf

LONGEST = 60  # letters of a parameter's value; more is no number of a page and no name of a tag
VALUE = re.compile(r"[\w .,+-]*")

# What campaigns add to an address. No page looks at them, and each visitor's may differ.
TRACKING = re.compile(
    r"utm_\w+|gclid|gclsrc|gbraid|wbraid|dclid|fbclid|msclkid|ttclid|twclid|li_fat_id|igshid|igsh|yclid|ysclid|srsltid"
    r"|mc_[ce]id|_ga|_gl|_hsenc|_hsmi|hsctatracking|mkt_tok|vero_id|oly_(anon|enc)_id|mtm_\w+|pk_\w+|matomo_\w+|epik",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Address:
    scheme: str
    host: str
    """As in the Host header, with a port where that is not the scheme's own."""
    path: str
    query: str = ""
    """The declared parameters, in order, encoded."""

    @classmethod
    def of(cls, request: HttpRequest) -> Self | None:
        """None where the query holds what nobody declares. Raises DisallowedHost."""
        query = normal(request.META.get("QUERY_STRING", ""))
        if query is None:
            return None
        return cls(request.scheme, request.get_host().lower(), request.path, query)

    @classmethod
    def parse(cls, url: str) -> Self:
        """The reverse of str()."""
        parts = urlsplit(url)
        return cls(parts.scheme, parts.netloc, unquote(parts.path), parts.query)

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"

    @property
    def name(self) -> str:
        """Of its copy, below the release's folder: one folder for each path."""
        path = _digest(self.origin + self.path)
        return f"pages/{path}/{_digest(self.query) if self.query else 'plain'}"

    @property
    def parameters(self) -> frozenset[str]:
        return frozenset(name for name, _ in parse_qsl(self.query, keep_blank_values=True))

    def __str__(self) -> str:
        return f"{self.origin}{quote(self.path)}{'?' if self.query else ''}{self.query}"


def normal(query: str) -> str | None:
    """Without what campaigns add, in one order; None where it holds what no page declares."""
    if not query:
        return ""
    kept = [pair for pair in parse_qsl(query, keep_blank_values=True) if not TRACKING.fullmatch(pair[0])]
    for name, value in kept:
        if name not in declared() or len(value) > LONGEST or not VALUE.fullmatch(value):
            return None
    if len({name for name, _ in kept}) < len(kept):
        return None  # the same one twice
    return urlencode(sorted(kept))


@cache
def declared() -> frozenset[str]:
    """The parameters that any page or view of this project declares: `saved_parameters` of a page's class."""
    models = (getattr(model, "saved_parameters", ()) for model in apps.get_models())
    return frozenset(name for names in (*models, conf().saved_parameters) for name in names)


def split_port(host: str) -> tuple[str, str]:
    """The name and the port of a Host; the port is empty where none is said."""
    name, colon, port = host.rpartition(":")
    return (name, port) if colon and port.isdigit() else (host, "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


@setting_changed.connect
def _forget(*, setting: str, **_: Any) -> None:
    if setting in ("SLEEPING", "INSTALLED_APPS"):
        declared.cache_clear()
