"""Whether a worker hangs, for gunicorn's arbiter. A worker whose whole instance had no CPU does not.

App Runner takes the CPU from an instance that nobody visits. gunicorn would then compare the worker's last sign of
life with the clock, which has gone on, and kill it just when the first visitor has come: with what it has in hand.
"""

import time
from typing import Any

from gunicorn.workers.workertmp import WorkerTmp

SLEPT = 5.0  # seconds between two looks of the arbiter's, who looks every second


class Pulse(WorkerTmp):
    _looked = 0.0
    _woke = 0.0

    @classmethod
    def of(cls, worker: Any) -> "Pulse":
        """In the place of the worker's own."""
        worker.tmp.close()
        return cls(worker.cfg)

    def last_update(self) -> float:
        now = time.monotonic()
        if now - Pulse._looked > SLEPT:
            Pulse._woke = now  # the arbiter had no CPU either: all have their time from now on
        Pulse._looked = now
        return float(max(super().last_update(), Pulse._woke))
