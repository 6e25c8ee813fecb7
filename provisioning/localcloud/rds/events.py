"""What RDS tells of clusters and instances, by DescribeEvents: in AWS's words, for 14 days."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue

from ..metrics import in_utc

KEPT = timedelta(days=14)  # botocore's model
MOST = 10_000  # events; AWS names no number
USUAL_MINUTES = 60  # botocore's model
FEWEST, MOST_AT_ONCE = 20, 100  # records of one answer; botocore's model

# AWS documents them, with their ids, in the Aurora guide's "Amazon RDS event categories and event messages".
# Those from 0370 on are of an instance of Serverless v2. The guide has 0144 to 0148 "for the Aurora Serverless DB
# cluster"; that a cluster of v2 tells them too, beside its instances, is believed.
CLUSTER = {
    "RDS-EVENT-0170": ("creation", "DB cluster created."),
    "RDS-EVENT-0171": ("deletion", "DB cluster deleted."),
    "RDS-EVENT-0016": ("configuration change", "Reset master credentials."),
    "RDS-EVENT-0071": ("failover", "Completed failover to DB instance: {}."),
    "RDS-EVENT-0072": ("failover", "Started same AZ failover to DB instance: {}."),
    "RDS-EVENT-0073": ("failover", "Started cross AZ failover to DB instance: {}."),
    "RDS-EVENT-0144": ("notification", "The DB cluster is being paused."),
    "RDS-EVENT-0145": ("notification", "The DB cluster is paused."),
    "RDS-EVENT-0146": ("notification", "Pause was canceled for the DB cluster."),
    "RDS-EVENT-0147": ("notification", "The DB cluster is being resumed."),
    "RDS-EVENT-0148": ("notification", "The DB cluster is resumed."),
    "RDS-EVENT-0150": ("notification", "DB cluster stopped."),
    "RDS-EVENT-0151": ("notification", "DB cluster started."),
}
INSTANCE = {
    "RDS-EVENT-0003": ("deletion", "DB instance deleted."),
    "RDS-EVENT-0004": ("availability", "DB instance shutdown."),
    "RDS-EVENT-0005": ("creation", "DB instance created."),
    "RDS-EVENT-0006": ("availability", "DB instance restarted."),
    "RDS-EVENT-0087": ("notification", "DB instance stopped."),
    "RDS-EVENT-0088": ("notification", "DB instance started."),
    "RDS-EVENT-0370": ("notification, serverless", "Initiated pause for the DB instance."),
    "RDS-EVENT-0371": ("notification, serverless", "Pause was canceled for the DB instance."),
    "RDS-EVENT-0372": ("notification, serverless", "Successfully paused the DB instance."),
    "RDS-EVENT-0373": ("notification, serverless", "Initiated resume for the DB instance."),
    "RDS-EVENT-0374": ("notification, serverless", "Successfully resumed the DB instance."),
}


@dataclass(frozen=True)
class Event:
    """By the names that moto's answer takes them from."""

    source_identifier: str
    source_type: str
    source_arn: str
    message: str
    event_categories: list[str]
    date: datetime


def tell(thing: Any, event: str, about: str = "") -> None:
    """Of a cluster or an instance of one; `about` is what the message names."""
    kind, known = ("db-cluster", CLUSTER) if event in CLUSTER else ("db-instance", INSTANCE)
    categories, message = known[event]
    now = datetime.now(UTC).replace(tzinfo=None)
    told = Event(thing.resource_id, kind, thing.arn, message.format(about), categories.split(", "), now)
    events: list[Any] = thing.backend.events
    # Each step is one of the interpreter's: it takes no lock, and may be called while somebody reads.
    events.append(told)
    del events[:-MOST]


def page(events: Sequence[Any], asked: dict[str, Any]) -> dict[str, Any]:
    """The answer to DescribeEvents."""
    if asked.get("SourceIdentifier") and not asked.get("SourceType"):
        raise InvalidParameterCombination("Cannot specify source identifier without source type")
    most = int(asked.get("MaxRecords") or MOST_AT_ONCE)
    if not FEWEST <= most <= MOST_AT_ONCE:  # the range is botocore's, the text believed
        raise InvalidParameterValue(
            f"Invalid value {most} for MaxRecords. Must be between {FEWEST} and {MOST_AT_ONCE}"
        )
    found = [event for event in within(events, *interval(asked)) if is_asked_for(event, asked)]
    begin = int(asked.get("Marker") or 0)
    end = begin + most
    return {"Events": found[begin:end], "Marker": str(end) if end < len(found) else None}


def interval(asked: dict[str, Any]) -> tuple[datetime, datetime]:
    now = datetime.now(UTC)
    end = in_utc(asked["EndTime"]) if asked.get("EndTime") else now
    minutes = timedelta(minutes=int(asked.get("Duration") or USUAL_MINUTES))
    start = in_utc(asked["StartTime"]) if asked.get("StartTime") else end - minutes
    if start > end:  # believed
        raise InvalidParameterCombination("The start time must be before the end time.")
    return max(start, now - KEPT), end


def within(events: Iterable[Any], start: datetime, end: datetime) -> Iterator[Any]:
    for event in list(events):
        if start <= in_utc(event.date) <= end:
            yield event


def is_asked_for(event: Any, asked: dict[str, Any]) -> bool:
    name, kind, categories = asked.get("SourceIdentifier"), asked.get("SourceType"), asked.get("EventCategories")
    if name and event.source_identifier != name.lower():
        return False
    if kind and event.source_type != kind:
        return False
    return not categories or not set(categories).isdisjoint(event.event_categories)
