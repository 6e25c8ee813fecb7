"""CloudWatch: what the services of the local AWS tell of themselves, found by plain boto3."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioning.localcloud import metrics
from provisioning.localcloud.metrics import Rhythm, record

from .conftest import Aws

NAMESPACE = "AWS/Tests"
WIDE, NARROW = {"Cluster": "c"}, {"Role": "WRITER", "Cluster": "c"}


def dimensions(named: dict[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in named.items()]


def statistics(aws: Aws, name: str, named: dict[str, str], period: int = 60, *which: str) -> list[dict[str, Any]]:
    now = datetime.now(UTC)
    return aws.client("cloudwatch").get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName=name,
        Dimensions=dimensions(named),
        StartTime=now - timedelta(minutes=5),
        EndTime=now + timedelta(minutes=1),
        Period=period,
        Statistics=list(which or ("Sum",)),
    )["Datapoints"]


def test_a_datum_is_found_under_exactly_its_dimensions(aws: Aws) -> None:
    """AWS documents: "each unique combination of dimensions as a separate metric"."""
    record(NAMESPACE, "Kept", WIDE, 2, "Count")
    record(NAMESPACE, "Kept", NARROW, 5, "Count")
    assert sum(each["Sum"] for each in statistics(aws, "Kept", WIDE)) == 2
    assert sum(each["Sum"] for each in statistics(aws, "Kept", NARROW)) == 5
    assert statistics(aws, "Kept", {"Role": "WRITER"}) == []
    [found] = statistics(aws, "Kept", WIDE)
    assert (found["Unit"], found["Timestamp"].second) == ("Count", 0)  # AWS documents: periods of full minutes


def test_metric_data_find_it_too_by_dimensions_in_any_order(aws: Aws) -> None:
    """AWS documents: a start is rounded down to the minute, or to a shorter period."""
    record(NAMESPACE, "Asked", NARROW, 7, "Count")
    now = datetime.now(UTC)
    for period in (60, 1):
        for named in (dimensions(NARROW), dimensions(NARROW)[::-1]):
            metric = {"Namespace": NAMESPACE, "MetricName": "Asked", "Dimensions": named}
            [found] = aws.client("cloudwatch").get_metric_data(
                MetricDataQueries=[{"Id": "m", "MetricStat": {"Metric": metric, "Period": period, "Stat": "Maximum"}}],
                StartTime=now - timedelta(seconds=30),
                EndTime=now + timedelta(seconds=30),
            )["MetricDataResults"]
            assert found["Values"] == [7]
            assert period == 1 or found["Timestamps"][0].second == 0


def test_the_oldest_go(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours."""
    monkeypatch.setattr(metrics, "MOST", 3)
    for value in range(5):
        record(NAMESPACE, "Many", WIDE, value, "Count")
    [found] = statistics(aws, "Many", WIDE, 300, "SampleCount", "Minimum")
    assert (found["SampleCount"], found["Minimum"]) == (3, 2)


@pytest.mark.usefixtures("cloud")
def test_a_gauge_is_due_at_once_when_it_turns_and_else_once_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours: AWS's minute is shorter than that here."""
    now = 1000.0
    monkeypatch.setattr(metrics.time, "monotonic", lambda: now)
    rhythm = Rhythm()
    assert rhythm.is_due("awake")
    assert not rhythm.is_due("awake")
    assert rhythm.is_due("paused")
    now += 0.9
    assert not rhythm.is_due("paused")
    now += 0.2
    assert rhythm.is_due("paused")
