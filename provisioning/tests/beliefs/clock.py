"""Time that passes on the twin as fast as it does there, for tries that wait minutes of AWS's."""

import time

from provisioning.beliefs.pause import LOOK
from provisioning.engine.loop import Clock
from provisioning.localcloud.rds.models import find_cluster

SPEED = 100.0  # seconds that are slept, in one of ours; the twin's pass faster, so it always comes in time
LEAST = 0.02  # seconds of ours
COUNTS_AS = {1: 15, LOOK: 4 * LOOK}  # waiting for minutes then takes fewer looks


class TwinsClock(Clock):
    """`cluster` falls asleep when somebody waits for it to."""

    def __init__(self, cluster="", region="eu-west-3"):
        self.cluster, self.region = cluster, region
        self.passed = 0.0

    def now(self):
        return time.monotonic() + self.passed

    def sleep(self, seconds):
        if seconds == LOOK and self.cluster:
            find_cluster(self.cluster, self.region).pause_now()
        self.passed += COUNTS_AS.get(seconds, seconds)
        time.sleep(max(seconds / SPEED, LEAST))
