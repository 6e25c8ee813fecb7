"""A function's log: its output line by line in CloudWatch, as far as its role may write there."""

from collections.abc import Sequence
from pathlib import Path

from moto.core.utils import unix_time_millis
from moto.logs.models import logs_backends

from ..ground import ground
from ..iam import allows, find_role
from .function import Function

LONGEST_LINE = 256 * 1024  # bytes of one event; the API's limit at its smallest


class Log:
    """The stream of one process."""

    def __init__(self, function: Function, stream: str, output: Path) -> None:
        self.group, self.stream = function.log_group, stream
        self._account, self._region, self._role = function.account, function.region, function.settings.role
        self._function = function.name
        self._output = output
        self._read = output.stat().st_size if output.exists() else 0
        self._told = False

    def write(self, *lines: str) -> None:
        if lines and self._may_write():
            with ground().lock:
                self._put(lines)

    def drain(self) -> None:
        """Takes over what the process has printed since the last time."""
        if not self._output.exists():
            return
        with self._output.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        self._read += len(new)
        self.write(*(line for line in new.decode(errors="replace").splitlines() if line.strip()))

    def _put(self, lines: Sequence[str]) -> None:
        backend = logs_backends[self._account][self._region]
        if self.group not in backend.groups:
            backend.create_log_group(self.group, {})
        if self.stream not in backend.groups[self.group].streams:
            backend.create_log_stream(self.group, self.stream)
        now = int(unix_time_millis())
        events = [{"timestamp": now, "message": line[:LONGEST_LINE]} for line in lines]
        backend.put_log_events(self.group, self.stream, events)

    def _may_write(self) -> bool:
        """On AWS a function whose role may not write runs all the same, and nobody reads why it failed."""
        group = f"arn:aws:logs:{self._region}:{self._account}:log-group:{self.group}"
        needed = [("logs:CreateLogStream", f"{group}:log-stream:{self.stream}")]
        needed += [("logs:PutLogEvents", f"{group}:log-stream:{self.stream}")]
        if self.group not in logs_backends[self._account][self._region].groups:
            needed.append(("logs:CreateLogGroup", f"{group}:"))
        role = find_role(self._role)
        missing = [action for action, resource in needed if role is None or not allows(role, action, resource)]
        if missing and not self._told:
            self._told = True
            ground().say(f"function {self._function}: its log is lost, for its role does not allow {missing[0]}")
        return not missing
