"""The process of one function: started for its first invocation, kept warm, killed when it takes too long."""

import signal
import sys
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

from .. import images
from ..credentials import assume
from ..ground import ground
from ..processes import Child, CommandFailed, python_environment
from ..times import Stopped
from .function import LATEST, Function
from .logs import Log
from .runtime_api import Invocation, Outcome, RuntimeApi, failure

LONGEST_INIT = 10  # real seconds, Lambda's own; what takes longer is counted against the function's timeout
LOOK = 0.05  # seconds between two looks at the process


class Sandbox:
    def __init__(self, function: Function) -> None:
        self.revision = function.revision
        self.busy = True
        self._function = function
        now = datetime.now(UTC)
        self._stream = f"{now:%Y/%m/%d}/[{LATEST}]{uuid.uuid4().hex}"
        self._output = ground().folder / "logs" / f"lambda-{function.name}-{self._stream[-8:]}.log"
        self._log = Log(function, self._stream, self._output)
        self._api = RuntimeApi()
        ground().closing.append(self._api.close)
        self._child: Child | None = None

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.running

    def run(self, invocation: Invocation) -> Outcome:
        """Raises Stopped when the cloud stops meanwhile."""
        begun = time.monotonic()
        self._log.write(f"START RequestId: {invocation.id} Version: {LATEST}")
        try:
            if self._child is None:
                self._start()
                begun = time.monotonic()  # what it takes to fetch an image is not the function's
            self._api.give(invocation)
            outcome = self._wait(invocation, begun)
        except (CommandFailed, images.ImageMissing) as problem:
            outcome = failure("Runtime.InvalidEntrypoint", f"RequestId: {invocation.id} Error: {problem}")
        self._log.drain()
        if outcome.error and not self.alive:
            self._log.write(outcome.payload.decode(errors="replace"))
        spent = (time.monotonic() - (invocation.started or begun)) * 1000
        self._log.write(
            f"END RequestId: {invocation.id}",
            f"REPORT RequestId: {invocation.id}\tDuration: {spent:.2f} ms\tBilled Duration: {int(spent) + 1} ms\t"
            f"Memory Size: {self._function.settings.memory} MB\tMax Memory Used: 0 MB",
        )
        return outcome

    def stop(self) -> None:
        if self._child is not None:
            self._child.stop()
        self._api.close()

    def _start(self) -> None:
        function = self._function
        image = images.app(function.source.resolved)
        self._child = ground().processes.start(
            command_of(function, image),
            cwd=image.folder,
            log=self._output,
            environment=self._environment(image),
            ask=signal.SIGKILL,  # as Lambda does where no extension has asked for a warning
            name=f"function {function.name}",
        )

    def _environment(self, image: images.RunnableImage) -> dict[str, str]:
        function = self._function
        with ground().lock:
            own = assume(function.account, function.region, function.settings.role, function.name).environment
        return python_environment(
            {
                **image.environment,
                "AWS_ENDPOINT_URL": ground().endpoint,
                "AWS_EC2_METADATA_DISABLED": "true",
                **function.settings.environment,
                **own,
                "PATH": f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
                "LAMBDA_TASK_ROOT": str(image.folder),
                "AWS_REGION": function.region,
                "AWS_DEFAULT_REGION": function.region,
                "AWS_LAMBDA_RUNTIME_API": self._api.address,
                "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
                "AWS_LAMBDA_FUNCTION_NAME": function.name,
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.settings.memory),
                "AWS_LAMBDA_FUNCTION_VERSION": LATEST,
                "AWS_LAMBDA_LOG_GROUP_NAME": function.log_group,
                "AWS_LAMBDA_LOG_STREAM_NAME": self._stream,
            }
        )

    def _wait(self, invocation: Invocation, begun: float) -> Outcome:
        clock = ground().clock
        longest_init = max(LONGEST_INIT, invocation.timeout)
        while not invocation.done.wait(LOOK):
            if clock.stopping:
                raise Stopped
            self._log.drain()
            if not self.alive:
                return self._ended(invocation)
            waits = invocation.started is None
            since, longest = (begun, longest_init) if waits else (invocation.started or begun, invocation.timeout)
            if time.monotonic() - since > longest:
                return self._timed_out(invocation)
        assert invocation.outcome is not None
        return invocation.outcome

    def _ended(self, invocation: Invocation) -> Outcome:
        assert self._child is not None
        if invocation.outcome is not None:  # it answered, and ended between two looks
            return invocation.outcome
        if self._api.init_error is not None:
            return self._api.init_error
        code = self._child.wait()
        how = "exit status 0 without reason" if code == 0 else f"exit status {code}"
        return failure("Runtime.ExitError", f"RequestId: {invocation.id} Error: Runtime exited with error: {how}")

    def _timed_out(self, invocation: Invocation) -> Outcome:
        assert self._child is not None
        text = f"Task timed out after {invocation.timeout}.00 seconds"
        self._log.drain()
        self._log.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.000Z} {invocation.id} {text}")
        self._child.stop()
        return failure("Sandbox.Timedout", f"RequestId: {invocation.id} Error: {text}")


def command_of(function: Function, image: images.RunnableImage) -> list[str]:
    """ImageConfig's, or the image's own; any Python is this one, for an image's own is not there."""
    config = function.settings.image_config
    command = [*(config.get("EntryPoint") or []), *(config.get("Command") or image.command)]
    if not command:
        raise CommandFailed("entrypoint requires the handler name to be the first argument")
    first = sys.executable if Path(command[0]).name in ("python", "python3") else command[0]
    return [first, *command[1:]]
