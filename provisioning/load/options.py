"""What a person types for a load."""

from __future__ import annotations

import re

from ..engine.problem import Problem

AGAIN = "Change it and run again"
LENGTH = re.compile(r"(\d+(?:\.\d+)?)(s|m|h)?")
UNITS = {"s": 1, "m": 60, "h": 3600, None: 1}


def duration(text: str) -> float:
    """Seconds of `30s`, `5m`, `1h` or `30`."""
    found = LENGTH.fullmatch(text.strip())
    if not found or float(found[1]) <= 0:
        raise Problem(f"--duration is {text}", "It is a time such as 30s, 5m or 1h", AGAIN)
    return float(found[1]) * UNITS[found[2]]


def headers(lines: list[str]) -> dict[str, str]:
    """Of `Name: value` each."""
    split = [line.partition(":") for line in lines]
    for name, colon, _ in split:
        if not (name.strip() and colon):
            raise Problem(f'--header is "{name}"', 'It is a name and a value, such as "Cookie: a=b"', AGAIN)
    return {name.strip(): value.strip() for name, _, value in split}
