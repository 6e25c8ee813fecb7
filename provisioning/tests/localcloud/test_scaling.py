"""App Runner's instances as real processes: how many there are, what they cost while idle, and what they tell."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from types import SimpleNamespace
from typing import Any
from urllib.error import HTTPError

import psutil
import pytest

from provisioning.localcloud.apprunner import instances

from .conftest import Aws, Services, fetch, wait_for


@pytest.fixture
def visitors() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(20) as pool:
        yield pool


def sized(services: Services, name: str, **sizes: int) -> dict[str, Any]:
    """A running service whose configuration is like that."""
    scaling = services.scaling(name, **sizes)["AutoScalingConfigurationArn"]
    service = services.create(name, {"VERSION": "1"}, AutoScalingConfigurationArn=scaling)
    services.wait(service)
    return service


def at_once(visitors: ThreadPoolExecutor, service: dict[str, Any], count: int, path: str) -> set[int]:
    """Which processes answer so many who come at the same time."""
    asked = [visitors.submit(fetch, service["ServiceUrl"], path) for _ in range(count)]
    return {each.result()["PID"] for each in asked}


def test_as_many_instances_serve_as_the_requests_need(
    services: Services, visitors: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """botocore's model: MaxConcurrency, MinSize and MaxSize. Each instance has a stream of its own (AWS documents).

    That a new version begins with as many as serve is believed.
    """
    monkeypatch.setattr(instances, "LEAST_SURPLUS", 600.0)
    service = sized(services, "grows-and", MaxConcurrency=2, MaxSize=3)
    assert len(at_once(visitors, service, 2, "/slow")) == 1

    def is_shared() -> bool:
        return len(at_once(visitors, service, 6, "/slow")) == 3

    wait_for(is_shared)

    def ever_made() -> int:
        group = f"/aws/apprunner/{service['ServiceName']}/{service['ServiceId']}/application"
        return len(services._logs.describe_log_streams(logGroupName=group)["logStreams"])

    assert ever_made() == 3
    services.api.start_deployment(ServiceArn=service["ServiceArn"])
    services.wait(service)
    assert ever_made() == 3 + 3


def test_min_size_instances_are_there_from_the_start(services: Services, visitors: ThreadPoolExecutor) -> None:
    """botocore's model: MinSize."""
    service = sized(services, "at-least", MaxConcurrency=1, MinSize=2, MaxSize=2)
    assert len(at_once(visitors, service, 2, "/slow")) == 2


def test_one_that_died_idle_has_its_cpu_until_it_is_back() -> None:
    """Ours: else it would stand still while it starts, or its leash end by a signal that it can't take yet."""
    program = SimpleNamespace(starts=1, frozen=False)
    instance = instances.Instance(program)  # type: ignore[arg-type]
    instance.idle_since -= 61
    assert instance.is_quiet(60)
    program.starts = 2
    assert not instance.is_quiet(60)
    instance.idle_since -= 61
    assert instance.is_quiet(60)


def test_an_idle_instance_has_no_cpu_until_somebody_comes(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """apprunner-roadmap#105: "when a provisioned instance becomes idle the CPU is throttled"."""
    monkeypatch.setattr(instances, "LEAST_QUIET", 0.1)
    service = sized(services, "drowsy")
    program = psutil.Process(fetch(service["ServiceUrl"])["PID"])
    for _ in range(2):
        wait_for(program.status, psutil.STATUS_STOPPED)
        assert fetch(service["ServiceUrl"])["PID"] == program.pid
        assert program.status() != psutil.STATUS_STOPPED
    wait_for(program.status, psutil.STATUS_STOPPED)
    services.api.delete_service(ServiceArn=service["ServiceArn"])
    program.wait(timeout=30)


def test_no_request_fails_while_a_deployment_replaces_the_instances(
    services: Services, visitors: ThreadPoolExecutor
) -> None:
    """AWS documents: traffic goes to a new version when it is healthy; the former ends what it has (believed)."""
    service = sized(services, "released", MaxConcurrency=10, MinSize=2, MaxSize=2)
    stop: list[bool] = []

    def visit() -> list[tuple[int, str]]:
        host, port = service["ServiceUrl"].split(":")
        connection, seen = HTTPConnection(host, int(port), timeout=30), []
        while not stop:
            connection.request("GET", "/slow")
            answer = connection.getresponse()
            seen.append((answer.status, "2" if b'"VERSION": "2"' in answer.read() else "1"))
        connection.close()
        return seen

    visits = [visitors.submit(visit) for _ in range(12)]
    time.sleep(0.3)
    new = services.source({"VERSION": "2"})
    services.api.update_service(ServiceArn=service["ServiceArn"], SourceConfiguration=new)
    services.wait(service)
    services.api.start_deployment(ServiceArn=service["ServiceArn"])
    services.wait(service)
    time.sleep(0.4)
    stop.append(True)
    answers = [each for visit in visits for each in visit.result()]
    assert {status for status, _ in answers} == {200}
    assert {version for _, version in answers} == {"1", "2"}


def test_a_version_that_is_not_healthy_never_gets_a_request(services: Services) -> None:
    """AWS documents: the former one stays, and the operation tells; botocore's model has the words of its status."""
    service = sized(services, "cautious", MinSize=2, MaxSize=2)
    check = {"Protocol": "HTTP", "Path": "/", "Interval": 1, "UnhealthyThreshold": 1}
    bad = services.source({"VERSION": "2", "STATUS": "500"})
    services.api.update_service(
        ServiceArn=service["ServiceArn"], SourceConfiguration=bad, HealthCheckConfiguration=check
    )
    seen = set()
    while services.status(service) != "RUNNING":
        seen.add(fetch(service["ServiceUrl"])["VERSION"])
    assert seen == {"1"}
    assert services.operations(service)[0] == ("UPDATE_SERVICE", "ROLLBACK_SUCCEEDED")
    assert services.describe(service)["HealthCheckConfiguration"]["Protocol"] == "TCP"


# What AWS documents in "Viewing App Runner service metrics", with the units that CloudWatch shows (believed).
METRICS = {
    "ActiveInstances": "Count",
    "Concurrency": "Count",
    "Requests": "Count",
    "2xxStatusResponses": "Count",
    "4xxStatusResponses": "Count",
    "5xxStatusResponses": "Count",
    "RequestLatency": "Milliseconds",
    "CPUUtilization": "Percent",
    "MemoryUtilization": "Percent",
}


def test_cloudwatch_is_told_of_requests_and_instances(services: Services, aws: Aws) -> None:
    """AWS documents names, dimensions and minutes; that a kind of answer without one is told as 0 is believed."""
    service = sized(services, "measured")
    ask = statistics_of(aws, service)
    for _ in range(5):
        fetch(service["ServiceUrl"])
    for path in ("/404", "/500"):
        with pytest.raises(HTTPError):
            fetch(service["ServiceUrl"], path)
    wait_for(lambda: [ask(f"{each}xxStatusResponses", "Sum") for each in (2, 4, 5)], [5, 1, 1])
    assert ask("Requests", "Sum") == 7
    assert ask("Concurrency", "Maximum") == 1
    assert 0 < ask("RequestLatency", "Average") < 5000
    assert ask("ActiveInstances", "Maximum") == 1
    wait_for(lambda: ask("ActiveInstances", "Minimum"), 0)
    assert 0 < ask("MemoryUtilization", "Average") < 100
    pages = aws.client("cloudwatch").get_paginator("list_metrics").paginate(Namespace="AWS/AppRunner")
    metrics = [each for page in pages for each in page["Metrics"]]
    mine = [each for each in metrics if {"Name": "ServiceID", "Value": service["ServiceId"]} in each["Dimensions"]]
    assert {each["MetricName"] for each in mine} == set(METRICS)
    by_instance = {each["MetricName"] for each in mine if "InstanceID" in [one["Name"] for one in each["Dimensions"]]}
    assert by_instance == {"CPUUtilization", "MemoryUtilization"}


def statistics_of(aws: Aws, service: dict[str, Any]) -> Callable[[str, str], float]:
    client = aws.client("cloudwatch")

    def ask(name: str, statistic: str) -> float:
        """Of the last minutes; -1 for nothing."""
        now = datetime.now(UTC)
        points = client.get_metric_statistics(
            Namespace="AWS/AppRunner",
            MetricName=name,
            Dimensions=[
                {"Name": "ServiceName", "Value": service["ServiceName"]},
                {"Name": "ServiceID", "Value": service["ServiceId"]},
            ],
            StartTime=now - timedelta(minutes=5),
            EndTime=now + timedelta(minutes=1),
            Period=3600,
            Statistics=[statistic],
        )["Datapoints"]
        assert {each["Unit"] for each in points} <= {METRICS[name]}
        return {"Sum": sum, "Maximum": max, "Minimum": min, "Average": lambda each: sum(each) / len(each)}[statistic](
            [float(each[statistic]) for each in points] or [-1.0]
        )

    return ask
