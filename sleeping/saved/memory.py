"""The copies that one process has at hand: the last that were asked for, up to a number of bytes."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from .copy import Copy


@dataclass(frozen=True)
class Held:
    copy: Copy | None
    """None: the storage had none."""
    looked: float
    """When it was read, or put: seconds of the process's clock."""

    @property
    def size(self) -> int:
        return self.copy.size if self.copy else 500


class Memory:
    def __init__(self, most: int) -> None:
        """`most` bytes."""
        self.most = most
        self.bytes = 0
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> Held | None:
        with self._lock:
            held = self._held.get(name)
            if held:
                self._held.move_to_end(name)
            return held

    def put(self, name: str, held: Held) -> None:
        with self._lock:
            self._forget(name)
            if held.size > self.most:
                return
            self._held[name] = held
            self.bytes += held.size
            while self.bytes > self.most:
                self._forget(next(iter(self._held)))

    def clear(self) -> None:
        with self._lock:
            self._held.clear()
            self.bytes = 0

    def _forget(self, name: str) -> None:
        if held := self._held.pop(name, None):
            self.bytes -= held.size
