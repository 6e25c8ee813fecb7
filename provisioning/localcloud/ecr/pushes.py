"""Who wants to know when an image is pushed. On AWS that is an event of EventBridge."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Push:
    account: str
    region: str
    repository: str
    tag: str
    digest: str


Watcher = Callable[[Push], None]
_watchers: list[Watcher] = []


def watch(watcher: Watcher) -> None:
    if watcher not in _watchers:
        _watchers.append(watcher)


def tell(push: Push) -> None:
    for watcher in _watchers:
        watcher(push)
