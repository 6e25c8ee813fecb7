"""What Aurora calls the states of a cluster and its instances."""

from __future__ import annotations

from ...engine.resource import Retry, State

ENGINE = "aurora-postgresql"
BROKEN = ("failed", "stopped", "storage-full", "incompatible", "inaccessible", "restore-error")
BUSY = (  # AWS takes one change at a time
    Retry("InvalidDBClusterStateFault"),
    Retry("InvalidDBInstanceState"),
)


def state(status: str) -> State:
    if status == "available":  # also while it is paused
        return State.READY
    return State.FAILED if status.startswith(BROKEN) else State.CHANGING
