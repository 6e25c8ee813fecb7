"""What RDS sees of a cluster's PostgreSQL while it runs: its load, its capacity, and whether it may pause."""

import time
from typing import TYPE_CHECKING

import psycopg2
from moto.rds.models import DBInstanceClustered

from ..ground import ground
from ..metrics import Rhythm, record
from .capacity import PER_PROCESSOR, Capacity

if TYPE_CHECKING:
    from .cluster import Cluster

TICK = 0.1  # seconds of ours
SMOOTH = 0.25  # what the newest look counts for: a page's queries come and go between two

# Sessions of clients, and those of them that wait for nothing: Performance Insights' state "CPU". AWS documents that
# DatabaseConnections leaves RDS's own out.
LOAD = """
SELECT count(*), count(*) FILTER (WHERE state = 'active' AND wait_event IS NULL)
FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename <> current_user
"""
REPLICATES = """
SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_type = 'logical')
    OR EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'walsender')
"""


class Watch:
    def __init__(self, cluster: "Cluster") -> None:
        self.capacity = Capacity()
        self.connections = 0
        self._cluster = cluster
        self._busy = 0.0
        self._blocked = False
        self._rhythm = Rhythm()
        self._turn = 0

    def begin(self) -> None:
        """Until the server stops, or is started anew."""
        self._turn += 1
        ground().begin(self._watch, self._turn)

    def _watch(self, turn: int) -> None:
        before = time.monotonic()
        while self._cluster.server.serving and turn == self._turn:
            ground().clock.sleep(TICK)
            now = time.monotonic()
            try:
                self._look(now - before)
            except (psycopg2.OperationalError, psycopg2.InterfaceError):  # it stops or restarts
                self._busy = 0.0
            before = now

    def _look(self, seconds: float) -> None:
        cluster = self._cluster
        if not cluster.serves:
            return
        if cluster.pause.awake:
            self._follow(seconds * ground().clock.speed)
            if cluster.pause.is_due(cluster.front.idle_seconds) and not self.is_blocked():
                cluster.pause.begin(still_idle=lambda: cluster.front.idle_seconds > 0)
        if not cluster.pause.awake:
            self.capacity.rest()
            self._busy = 0.0
        if self._rhythm.is_due(cluster.pause.awake):
            self._tell()

    def _follow(self, seconds: float) -> None:
        busy = self.connections = 0
        if self._cluster.front.idle_seconds == 0:
            self.connections, busy = self._cluster.own.ask(LOAD) or (0, 0)
        self._busy += (busy - self._busy) * SMOOTH
        scaling = self._cluster.serverless_v2_scaling_configuration
        if scaling:
            # A tenth of a session's time on one processor is no load: it is what looking at it takes.
            load = self._busy if self._busy > 0.1 else 0.0
            self.capacity.follow(load, scaling["MinCapacity"], scaling["MaxCapacity"], seconds)

    def is_blocked(self) -> bool:
        """AWS documents: logical replication keeps it awake. The words are its instance.log's."""
        found = self._cluster.replicates or bool((self._cluster.own.ask(REPLICATES) or [False])[0])
        if found and not self._blocked:
            self._cluster.say("does not pause: replication capability configured")
        self._blocked = found
        return found

    def _tell(self) -> None:
        """AWS documents: while it is paused, three metrics are 0 and there are no others."""
        cluster = self._cluster
        scaling = cluster.serverless_v2_scaling_configuration
        if not scaling:
            return
        most = scaling["MaxCapacity"]
        told = {
            "ServerlessDatabaseCapacity": (self.capacity.units, "Count"),
            "ACUUtilization": (100 * self.capacity.units / most, "Percent"),
            "CPUUtilization": (min(100 * self._busy * PER_PROCESSOR / most, 100.0), "Percent"),
        }
        for member in cluster.members:
            mine = dict(told)
            if cluster.pause.awake:
                mine["DatabaseConnections"] = (self.connections if member.is_cluster_writer else 0, "Count")
            for dimensions in dimensions_of(cluster.db_cluster_identifier, member):
                for name, (value, unit) in mine.items():
                    record("AWS/RDS", name, dimensions, value, unit)


def dimensions_of(cluster: str, member: DBInstanceClustered) -> list[dict[str, str]]:
    """AWS documents: by instance, by cluster, and by the role in the cluster."""
    name = str(member.db_instance_identifier)
    role = "WRITER" if member.is_cluster_writer else "READER"
    return [
        {"DBInstanceIdentifier": name},
        {"DBClusterIdentifier": cluster},
        {"DBClusterIdentifier": cluster, "Role": role},
    ]
