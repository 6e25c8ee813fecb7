"""Snapshots while the cloud runs, for it may be killed, and one when it stops."""

import time

from ..ground import ground
from . import records
from .pickling import Unwritable
from .snapshot import Snapshot

EVERY = 2.0  # seconds after something changed
AT_LEAST_EVERY = 30.0  # seconds, for what nobody tells of: lines of logs, figures of CloudWatch
SHARE = 20  # times as long as a snapshot takes is the least between two
TRIES = 10


class Keeper:
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._told = False

    def keep(self) -> None:
        """Until the cloud stops."""
        pause, latest = EVERY, time.monotonic()
        while True:
            ground().clock.sleep(pause)
            begun = time.monotonic()
            if ground().changed.is_set() or begun - latest > AT_LEAST_EVERY:
                self.save()
                latest = time.monotonic()
                pause = max(EVERY, SHARE * (latest - begun))

    def save(self) -> bool:
        """Whether it could: what can't be written is told once, and the former snapshot stays."""
        try:
            self._save()
        # The disk is full, the folder has gone; or whatever is done beside gave it no moment of rest.
        except (Unwritable, OSError, RuntimeError) as problem:
            if not self._told:
                ground().say(f"the state can't be written any more, and the former one stays: {problem}")
            self._told = True
            return False
        return True

    def _save(self) -> None:
        """No call comes in meanwhile. What is done beside may still change something: then it is done once more."""
        with ground().lock:
            for left in reversed(range(TRIES)):
                ground().changed.clear()
                work = ground().under_way
                try:
                    self._snapshot.write(records.take())
                except RuntimeError:  # a dictionary has changed its size
                    if not left:
                        raise
                    continue
                if ground().under_way is work:
                    return
