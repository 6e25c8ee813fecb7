"""One build as BatchGetBuilds reports it: its phases, its log, its end."""

import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import unix_time_millis, utcnow
from moto.logs.models import logs_backends

from ..ground import ground
from ..processes import Child


class PhaseFailed(Exception):
    """A phase ends the build; the status code is one that AWS uses."""

    def __init__(self, message: str, status_code: str = "CLIENT_ERROR") -> None:
        super().__init__(message)
        self.status_code = status_code


class BuildStopped(Exception):
    """Somebody called StopBuild."""


@dataclass
class Phase:
    type: str
    started: datetime = field(default_factory=utcnow)
    ended: datetime | None = None
    status: str | None = None
    context: dict[str, str] | None = None

    def end(self, status: str, context: dict[str, str] | None = None) -> None:
        self.ended, self.status, self.context = utcnow(), status, context

    def describe(self) -> dict[str, Any]:
        described: dict[str, Any] = {"phaseType": self.type, "startTime": self.started}
        if self.ended:
            described["endTime"] = self.ended
            described["durationInSeconds"] = int((self.ended - self.started).total_seconds())
            described["phaseStatus"] = self.status
            described["contexts"] = [self.context or {"statusCode": "", "message": ""}]
        return described


@dataclass
class Build:
    project: str
    account: str
    region: str
    number: int
    role: str
    source: dict[str, Any]
    environment: dict[str, Any]
    settings: dict[str, Any]
    stream: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "IN_PROGRESS"
    started: datetime = field(default_factory=utcnow)
    ended: datetime | None = None
    phases: list[Phase] = field(default_factory=list)
    log_is_open: bool = False
    stopping: threading.Event = field(default_factory=threading.Event)
    child: Child | None = None

    @property
    def id(self) -> str:
        return f"{self.project}:{self.stream}"

    @property
    def arn(self) -> str:
        return f"arn:aws:codebuild:{self.region}:{self.account}:build/{self.id}"

    @property
    def group(self) -> str:
        logs = self.settings.get("logsConfig", {}).get("cloudWatchLogs", {})
        return str(logs.get("groupName") or f"/aws/codebuild/{self.project}")

    @property
    def variables(self) -> dict[str, str]:
        return {each["name"]: each["value"] for each in self.environment.get("environmentVariables", [])}

    def stop(self) -> None:
        """With the command that it runs, if there is one."""
        self.stopping.set()
        if self.child is not None:
            ground().begin(self.child.stop)

    def runs(self, child: Child) -> None:
        self.child = child
        if self.stopping.is_set():  # meanwhile
            child.stop()

    def begin(self, phase: str) -> Phase:
        if self.stopping.is_set():
            raise BuildStopped
        self.phases.append(Phase(phase))
        self.say(f"Entering phase {phase}" if phase == "BUILD" else f"Phase is {phase}")
        return self.phases[-1]

    def finish(self, status: str) -> None:
        phase = Phase("COMPLETED")
        phase.end(status)
        # AWS shows the last one with a start and nothing else.
        phase.ended = None
        self.phases.append(phase)
        self.ended = utcnow()
        self.status = status

    def say(self, line: str) -> None:
        """A line of its log, which is kept only when the role may write it."""
        if not self.log_is_open:
            return
        backend = logs_backends[self.account][self.region]
        with ground().lock:
            if self.group not in backend.groups:
                backend.create_log_group(self.group, {})
            if self.stream not in backend.groups[self.group].streams:
                backend.create_log_stream(self.group, self.stream)
            stamp = utcnow().strftime("%Y/%m/%d %H:%M:%S")
            event = {"timestamp": int(unix_time_millis()), "message": f"[Container] {stamp} {line}\n"}
            backend.put_log_events(self.group, self.stream, [event])

    def describe(self) -> dict[str, Any]:
        log = f"arn:aws:logs:{self.region}:{self.account}:log-group:{self.group}:log-stream:{self.stream}"
        console = f"https://console.aws.amazon.com/cloudwatch/home?region={self.region}"
        described = {
            "id": self.id,
            "arn": self.arn,
            "buildNumber": self.number,
            "startTime": self.started,
            "currentPhase": self.phases[-1].type if self.phases else "SUBMITTED",
            "buildStatus": self.status,
            "buildComplete": self.ended is not None,
            "projectName": self.project,
            "phases": [phase.describe() for phase in self.phases],
            "source": self.source,
            "environment": self.environment,
            "serviceRole": self.role,
            "logs": {
                "groupName": self.group,
                "streamName": self.stream,
                "deepLink": f"{console}#logEvent:group={self.group};stream={self.stream}",
                "cloudWatchLogsArn": log,
            },
            "initiator": "developer",
            **{name: value for name, value in self.settings.items() if name != "logsConfig"},
        }
        return described if self.ended is None else {**described, "endTime": self.ended}
