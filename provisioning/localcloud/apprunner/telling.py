"""What a running service tells CloudWatch. AWS documents: namespace AWS/AppRunner, once a minute, and these names.

A service's have the dimensions ServiceName and ServiceID; an instance's own have InstanceID as well.
"""

import time

import psutil

from ..ground import ground
from ..metrics import Rhythm, record
from .program import Program
from .service import Service

NAMESPACE = "AWS/AppRunner"
MOST = 100  # instances that are remembered
LOOK = 0.2  # seconds of ours between two looks at whether it is awake


def keep_telling(service: Service) -> None:
    """As long as it runs."""
    shift, rhythm, used = service.front.shift, Rhythm(), CpuTimes()
    while service.front.shift == shift:
        if rhythm.is_due(service.front.instances.active > 0):
            tell(service, used)
        ground().clock.sleep(LOOK)


def tell(service: Service, used: "CpuTimes") -> None:
    tally = service.front.take_tally()
    gauge(service, "ActiveInstances", service.front.instances.active, "Count")
    gauge(service, "Concurrency", tally.concurrency, "Count")
    if tally.requests:
        gauge(service, "Requests", tally.requests, "Count")
        for hundreds in (2, 4, 5):
            gauge(service, f"{hundreds}xxStatusResponses", tally.classes[hundreds], "Count")
        for latency in tally.told_latencies:
            gauge(service, "RequestLatency", latency, "Milliseconds")
    tell_use(service, used)


def tell_use(service: Service, used: "CpuTimes") -> None:
    """Of the CPU and the memory that the service has bought, in percent; of the service it is the average."""
    vcpus, megabytes = int(service.settings.instance["Cpu"]) / 1024, int(service.settings.instance["Memory"])
    shares = []
    for instance in list(service.front.instances.all):
        found = used.of(instance.program)
        if found is not None:
            share = (100 * found[0] / vcpus, 100 * found[1] / megabytes)
            shares.append(share)
            for name, value in zip(("CPUUtilization", "MemoryUtilization"), share, strict=True):
                gauge(service, name, value, "Percent", InstanceID=instance.program.id)
    if shares:
        gauge(service, "CPUUtilization", sum(cpu for cpu, _ in shares) / len(shares), "Percent")
        gauge(service, "MemoryUtilization", sum(memory for _, memory in shares) / len(shares), "Percent")


def gauge(service: Service, name: str, value: float, unit: str, **more: str) -> None:
    record(NAMESPACE, name, {"ServiceName": service.name, "ServiceID": service.id, **more}, value, unit)


class CpuTimes:
    """How much of a CPU each program has had since it was last asked about."""

    def __init__(self) -> None:
        self._before: dict[str, tuple[float, float]] = {}

    def of(self, program: Program) -> tuple[float, float] | None:
        """CPUs in use, and the memory in MB; None for one that has ended."""
        try:
            processes = program.processes()
            seconds = sum(sum(each.cpu_times()[:2]) for each in processes)
            memory = sum(memory_of(each) for each in processes)
        except psutil.Error:
            return None
        now = time.monotonic()
        since, had = self._before.get(program.id, (now, seconds))
        self._before[program.id] = (now, seconds)
        for gone in list(self._before)[:-MOST]:
            del self._before[gone]
        return max(seconds - had, 0) / max(now - since, 0.001), memory / 2**20


def memory_of(process: psutil.Process) -> int:
    """In bytes. What it shares counts once, where the system tells us: of another user's process it may not."""
    try:
        return getattr(process.memory_full_info(), "pss", 0) or process.memory_info().rss
    except psutil.AccessDenied:
        return process.memory_info().rss
