"""What CloudWatch tells of an environment under load: instances, connections, capacity."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from ..aws import Aws
from ..config import Config
from ..resources.apprunner import Service
from ..stack import site

BACK = timedelta(minutes=5)  # CloudWatch is a minute or two late
MOMENTS = ("Timestamps", "Values")
PERIOD = 60  # seconds, of RDS and App Runner alike


@dataclass(frozen=True)
class Seen:
    """What was last told; None: nothing yet."""

    instances: float | None = None
    connections: float | None = None
    capacity: float | None = None
    """Aurora capacity units."""


class Watch:
    """`look` asks no more often than there may be something new, and remembers the most connections."""

    def __init__(self, config: Config, aws: Aws) -> None:
        self._aws = aws
        # The local AWS, whose time is short, tells of seconds too.
        self._period = 1 if aws.is_local else PERIOD
        self._every = 1.0 if aws.is_local else 20.0
        self._next = 0.0
        self.offered = config.budget.offered
        self.seen = Seen()
        self.most_connections = 0.0
        self._began: datetime | None = None
        self._queries = [self._query(*each) for each in self._metrics(config)]

    @property
    def peak(self) -> tuple[float, int] | None:
        """The most connections that were seen, and how many there are."""
        return (self.most_connections, self.offered) if self.seen.connections is not None else None

    def look(self, at: float) -> Seen:
        """`at` is in seconds, of any clock that goes on."""
        if at >= self._next:
            self._next = at + self._every
            now = datetime.now(UTC)
            self._began = self._began or now - timedelta(seconds=self._period)
            try:
                answer = self._aws.client("cloudwatch").get_metric_data(
                    MetricDataQueries=self._queries, StartTime=now - BACK, EndTime=now + timedelta(seconds=1)
                )
            except (ClientError, BotoCoreError):  # the load is what it is about, and the next look comes soon
                return self.seen
            told = {each["Id"]: each for each in answer["MetricDataResults"] if each["Values"]}
            self.seen = Seen(**{**vars(self.seen), **{name: each["Values"][0] for name, each in told.items()}})
            for moment, most in zip(*(told.get("connections", {}).get(key, []) for key in MOMENTS), strict=True):
                if moment >= self._began:  # not what was before the load
                    self.most_connections = max(self.most_connections, most)
        return self.seen

    def _metrics(self, config: Config) -> Iterator[tuple[str, str, str, dict[str, str]]]:
        cluster = {"DBClusterIdentifier": config.name}
        yield "connections", "AWS/RDS", "DatabaseConnections", cluster
        yield "capacity", "AWS/RDS", "ServerlessDatabaseCapacity", cluster
        for each in site(config, self._aws):
            live = each.brief(self._aws) if isinstance(each, Service) else None
            if live:
                whose = {"ServiceName": each.name, "ServiceID": live.id}
                yield "instances", "AWS/AppRunner", "ActiveInstances", whose

    def _query(self, name: str, namespace: str, metric: str, dimensions: dict[str, str]) -> dict[str, Any]:
        return {
            "Id": name,
            "MetricStat": {
                "Metric": {
                    "Namespace": namespace,
                    "MetricName": metric,
                    "Dimensions": [{"Name": key, "Value": value} for key, value in dimensions.items()],
                },
                "Period": self._period,
                "Stat": "Maximum",
            },
        }
