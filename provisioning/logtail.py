"""What somebody's program has printed lately, from CloudWatch: where to look when something went wrong."""

from __future__ import annotations

from datetime import datetime

from .aws import Aws, absent


def last_lines(aws: Aws, group: str, since: datetime) -> list[str]:
    """What was written from then on, line by line; nothing if there is no such group."""
    with absent("ResourceNotFoundException"):
        pages = aws.client("logs").get_paginator("filter_log_events")
        found = pages.paginate(logGroupName=group, startTime=int(since.timestamp() * 1000))
        lines = [each["message"].strip() for page in found for each in page["events"]]
        return [line for line in lines if line]
    return []
