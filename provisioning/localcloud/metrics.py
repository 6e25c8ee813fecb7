"""CloudWatch's metrics: what services tell of themselves, and two of moto's answers put right."""

import math
import time
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch import urls
from moto.cloudwatch.exceptions import InvalidParameterValue
from moto.cloudwatch.models import CloudWatchBackend, MetricDatum, MetricDatumBase, Statistics, cloudwatch_backends
from moto.core import DEFAULT_ACCOUNT_ID

from .ground import ground

MOST = 20_000  # data; the oldest go. AWS keeps those of a minute for 15 days.
MINUTE = 60.0  # seconds of AWS's, between two data of a gauge
LEAST = 1.0  # seconds of ours
ROUNDED = 60  # seconds to which AWS rounds a start of the last 15 days


def record(namespace: str, name: str, dimensions: dict[str, str], value: float, unit: str) -> None:
    """One datum of now, in the region of the local cloud. It may be called from any thread, and waits for nobody."""
    backend = cloudwatch_backends[DEFAULT_ACCOUNT_ID][ground().region]
    # By name: moto compares two lists of dimensions after sorting them, in an order that is none.
    named = [{"Name": each, "Value": dimensions[each]} for each in sorted(dimensions)]
    # moto's times have no zone, and are UTC.
    now = datetime.now(UTC).replace(tzinfo=None)
    # Each of these two steps is one of the interpreter's: nobody sees it half done, so it takes no lock.
    backend.metric_data.append(MetricDatum(namespace, name, float(value), named, now, unit))
    del backend.metric_data[:-MOST]


class Rhythm:
    """When a gauge is due: once per minute of AWS's, not more often than once a second of ours, and when it turns."""

    def __init__(self) -> None:
        self._next = 0.0
        self._state: object = None

    def is_due(self, state: object = None) -> bool:
        """`state` is what it tells of at once, such as whether a database is awake."""
        now = time.monotonic()
        if now < self._next and state == self._state:
            return False
        self._state = state
        self._next = now + max(MINUTE / ground().clock.speed, LEAST)
        return True


class LocalCloudWatchBackend(CloudWatchBackend):
    _url_module = urls  # moto would look for a module of its addresses beside this one

    def get_metric_statistics(
        self,
        namespace: str,
        metric_name: str,
        start_time: datetime,
        end_time: datetime,
        period: int,
        stats: list[str],
        dimensions: list[dict[str, str]],
        unit: str | None = None,
    ) -> list[Statistics]:
        """AWS documents: of exactly these dimensions, in periods that begin at full minutes.

        moto adds up all that have these among others, in periods that begin with the first datum.
        """
        if start_time >= end_time:
            raise InvalidParameterValue("The parameter StartTime must be less than the parameter EndTime.")
        wanted = {each["Name"]: each["Value"] for each in dimensions or []}
        start, end = without_zone(start_time).timestamp(), without_zone(end_time).timestamp()
        first = math.floor(start / period) * period
        found: dict[float, Statistics] = {}
        for datum in self.get_all_metrics():
            moment = without_zone(datum.timestamp).timestamp()
            if not (first <= moment < end and is_of(datum, namespace, metric_name, wanted, unit)):
                continue
            begin = math.floor(moment / period) * period
            when = datetime.fromtimestamp(begin, UTC).replace(tzinfo=None)
            statistics = found.setdefault(begin, Statistics(stats, when, datum.unit))
            statistics.metric_data.append(datum)
        return [found[begin] for begin in sorted(found)]

    def get_metric_data(
        self, queries: list[dict[str, Any]], start_time: datetime, end_time: datetime, scan_by: str = ""
    ) -> list[dict[str, Any]]:
        """AWS documents: a start is rounded down, to a full minute or to the period of who asks for shorter ones.

        moto begins its periods where it is told to.
        """
        periods = [int(each.get("MetricStat", each).get("Period", ROUNDED)) for each in queries]
        shortest = min([ROUNDED, *periods])
        for query in queries:
            asked = query.get("MetricStat", {}).get("Metric", {})
            asked["Dimensions"] = sorted(asked.get("Dimensions") or [], key=lambda each: str(each["Name"]))
        rounded = math.floor(without_zone(start_time).timestamp() / shortest) * shortest
        start = datetime.fromtimestamp(rounded, UTC).replace(tzinfo=start_time.tzinfo)
        return super().get_metric_data(queries, start, end_time, scan_by or "TimestampDescending")


def is_of(datum: MetricDatumBase, namespace: str, name: str, wanted: dict[str, str], unit: str | None) -> bool:
    if (datum.namespace, datum.name) != (namespace, name) or (unit and datum.unit != unit):
        return False
    return {each.name: each.value for each in datum.dimensions} == wanted


def without_zone(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def install() -> None:
    # moto makes its backends from this class, one for each account and region.
    cloudwatch_backends.backend = LocalCloudWatchBackend
