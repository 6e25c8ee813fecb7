"""Transactions that stay open between calls, each a session of its own."""

import base64
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from ..ground import ground
from .errors import DatabaseError, TransactionNotFound

LEAST = 3.0  # seconds of ours: at high speed, a client on a busy machine would come too late for its own


@dataclass
class Transaction:
    cluster_arn: str
    database: str
    connection: Any
    id: str = field(default_factory=lambda: base64.b64encode(secrets.token_bytes(96)).decode())
    used: float = field(default_factory=time.monotonic)
    busy: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self) -> "Transaction":
        if not self.busy.acquire(blocking=False):
            # AWS documents it, word by word.
            raise DatabaseError("Transaction is still running a query")
        return self

    def __exit__(self, *exception: object) -> None:
        self.used = time.monotonic()
        self.busy.release()


class Transactions:
    def __init__(self) -> None:
        self._open: dict[str, Transaction] = {}

    def add(self, transaction: Transaction) -> None:
        self._open[transaction.id] = transaction
        ground().begin(self._roll_back_when_unused, transaction)

    def find(self, name: str, cluster_arn: str) -> Transaction:
        found = self._open.get(name)
        if found is None or found.cluster_arn != cluster_arn:
            raise TransactionNotFound(f"Transaction {name} is not found")
        return found

    def remove(self, transaction: Transaction) -> None:
        self._open.pop(transaction.id, None)
        transaction.connection.close()

    def __getstate__(self) -> dict[str, Any]:
        """None outlives the cloud: its session ends, and PostgreSQL rolls it back."""
        return {"_open": {}}

    def _roll_back_when_unused(self, transaction: Transaction) -> None:
        """AWS documents: after three minutes in which nobody used it."""
        clock = ground().clock
        while (left := transaction.used + self._patience() - time.monotonic()) > 0 or transaction.busy.locked():
            clock.sleep(max(left, 0.05))
            if transaction.id not in self._open:
                return
        self.remove(transaction)

    def _patience(self) -> float:
        return max(ground().clock.local_seconds("rds data transaction"), LEAST)
