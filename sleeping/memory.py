"""What one process has at hand: the last that was asked for, up to a number of bytes."""

from collections import OrderedDict
from threading import Lock
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    @property
    def size(self) -> int:
        """Bytes, about."""


Value = TypeVar("Value", bound=Sized)


class Memory(Generic[Value]):
    def __init__(self, most: int) -> None:
        """`most` bytes."""
        self.most = most
        self.bytes = 0
        self._held: OrderedDict[str, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, name: str) -> Value | None:
        with self._lock:
            held = self._held.get(name)
            if held:
                self._held.move_to_end(name)
            return held

    def put(self, name: str, held: Value) -> None:
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
