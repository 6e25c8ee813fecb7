"""Time that passes on the twin as fast as it does there, for tries that wait minutes of AWS's."""

import time
from contextlib import ExitStack

from provisioning.beliefs.nights import LOOK
from provisioning.engine.clock import Clock
from provisioning.localcloud.rds.models import find_cluster

SPEED = 100.0  # seconds that are slept, in one of ours; the twin's pass faster, so it always comes in time
LEAST = 0.02  # seconds of ours
NIGHT = 4  # times as much: waiting for minutes then takes fewer looks


class TwinsClock(Clock):
    """`cluster` falls asleep when somebody waits for it to, and does not wake before they have waited again.

    On the twin it would be awake within milliseconds. To be closed.
    """

    def __init__(self, cloud, cluster=""):
        self.cloud, self.cluster = cloud, cluster
        self.passed = 0.0
        self._asleep = ExitStack()

    def now(self):
        return time.monotonic() + self.passed

    def sleep(self, seconds):
        if seconds >= 1:  # not where a function is waited for, which makes the attempt
            self.close()
        if seconds == LOOK and self.cluster:
            self._asleep.enter_context(self.cloud.hold("rds resume"))
            find_cluster(self.cluster, self.cloud.region).pause_now()
        self.passed += seconds * (NIGHT if seconds == LOOK else 1)
        time.sleep(max(seconds / SPEED, LEAST))

    def close(self):
        self._asleep.close()
