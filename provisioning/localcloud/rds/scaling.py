"""What Aurora accepts as a Serverless v2 scaling configuration."""

from collections.abc import Mapping
from typing import Any

from moto.rds.exceptions import InvalidParameterValue

from .versions import ENGINE, least_capacity, most_capacity

SHORTEST_PAUSE, LONGEST_PAUSE, USUAL_PAUSE = 300, 86_400, 300  # seconds; botocore's model


def scaling(asked: Mapping[str, Any], former: Mapping[str, Any] | None, version: str) -> dict[str, Any]:
    """The configuration that results, or AWS's refusal.

    The three texts without "believed" are AWS's own, from reports of people who met them.
    """
    merged = {**(former or {}), **{name: value for name, value in asked.items() if value is not None}}
    if merged.get("MinCapacity") is None or merged.get("MaxCapacity") is None:
        raise InvalidParameterValue(
            "Both MinCapacity and MaxCapacity must be specified when you initialize Serverless v2 scaling "
            "configuration."
        )
    low, high = float(merged["MinCapacity"]), float(merged["MaxCapacity"])
    least, most = least_capacity(version), most_capacity(version)
    if high < 1:
        raise InvalidParameterValue(
            f"Serverless v2 maximum capacity {high} isn't valid. The maximum capacity must be at least 1.0."
        )
    if high > most:  # believed
        raise InvalidParameterValue(
            f"Serverless v2 maximum capacity {high} isn't valid. The maximum capacity for {ENGINE} {version} "
            f"is {most}."
        )
    if low < least:  # believed
        raise InvalidParameterValue(
            f"Serverless v2 minimum capacity {low} isn't valid. The minimum capacity for {ENGINE} {version} "
            f"must be at least {least}."
        )
    if low > high:  # believed
        raise InvalidParameterValue(
            f"Serverless v2 minimum capacity {low} isn't valid. It must not be greater than the maximum "
            f"capacity {high}."
        )
    for capacity in (low, high):
        if capacity * 2 % 1:  # botocore's model: half steps; the text is believed
            raise InvalidParameterValue(
                f"Serverless v2 capacity {capacity} isn't valid. Specify a value in increments of 0.5."
            )
    return {"MinCapacity": low, "MaxCapacity": high, **pause(asked, former, low)}


def pause(asked: Mapping[str, Any], former: Mapping[str, Any] | None, low: float) -> dict[str, int]:
    """botocore's model: shown only with a minimum of 0, and back to 300 when the minimum returns to 0."""
    seconds = asked.get("SecondsUntilAutoPause")
    if low > 0:
        if seconds is not None:
            raise InvalidParameterValue("SecondsUntilAutoPause can only be specified when minimum capacity is 0.")
        return {}
    if seconds is None:
        seconds = (former or {}).get("SecondsUntilAutoPause", USUAL_PAUSE)
    if not SHORTEST_PAUSE <= int(seconds) <= LONGEST_PAUSE:  # the range is botocore's, the text believed
        raise InvalidParameterValue(
            f"SecondsUntilAutoPause {seconds} isn't valid. Specify a value between {SHORTEST_PAUSE} and "
            f"{LONGEST_PAUSE}."
        )
    return {"SecondsUntilAutoPause": int(seconds)}
