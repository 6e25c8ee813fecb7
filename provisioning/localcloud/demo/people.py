"""Who comes to the site, by whatever way: over HTTP in the demo, with a real browser in its test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from .browser import Browser, Opened, Waited


class Visitor(Protocol):
    def open(self, path: str, shows: str) -> Opened: ...


class Editor(Protocol):
    def set_password(self, link: str, password: str) -> None: ...
    def log_in(self, username: str, password: str) -> None: ...
    def get_in(self, path: str, shows: str) -> Waited: ...
    def publish_page(self, title: str, slug: str) -> None: ...
    def edit_page(self, slug: str, title: str) -> None: ...
    def upload_picture(self, title: str) -> object: ...


@dataclass(frozen=True)
class People:
    """Who comes to the site at an address."""

    visitor: Callable[[str], Visitor]
    editor: Callable[[str], Editor]


OVER_HTTP = People(Browser, Browser)
