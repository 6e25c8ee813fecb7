"""RDS's events, as they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import boto3

SOON = timedelta(seconds=1)


class News:
    """`tell` says what is new since it was last asked."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._rds = boto3.client("rds")
        self._since = datetime.now(UTC)
        self._told: set[tuple[str, datetime, str]] = set()

    def tell(self) -> None:
        pages = self._rds.get_paginator("describe_events").paginate(
            StartTime=self._since, EndTime=datetime.now(UTC) + SOON
        )
        for page in pages:
            for event in page["Events"]:
                known = (event["SourceIdentifier"], event["Date"], event["Message"])
                if known not in self._told:
                    self._told.add(known)
                    self._say(f"{event['Date']:%H:%M:%S}  RDS, {event['SourceIdentifier']}: {event['Message']}")
