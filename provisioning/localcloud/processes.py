"""The child processes: each on a leash, so that none outlives the local cloud."""

import json
import os
import pwd
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

LEASH = Path(__file__).with_name("leash.py")

# What a program needs to run at all. Nothing else of the caller's environment reaches a child: neither
# somebody's real AWS credentials nor a DATABASE_URL of theirs.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "VIRTUAL_ENV", "USER", "LOGNAME")

CHUNK = 16_384  # bytes, so fewer lines than the 10,000 that PutLogEvents takes at once
LAST_WORDS = 5.0  # seconds for what a child has printed to arrive, after its end

Listener = Callable[[Sequence[str]], None]


class CommandFailed(Exception):
    """A child that runs to its end did not end well; its text is one line, with the last that it printed."""


@dataclass(frozen=True)
class Reins:
    """How the leash holds what its child only stands for: by commands, with the child's environment."""

    freeze: Sequence[str]
    thaw: Sequence[str]
    afterwards: Sequence[str]


class Child:
    """One process on its leash."""

    def __init__(self, leash: "subprocess.Popen[bytes]", name: str, hearing: threading.Thread | None) -> None:
        self._leash = leash
        self._hearing = hearing
        self.name = name

    @property
    def running(self) -> bool:
        return self._leash.poll() is None

    def wait(self) -> int:
        """Its exit code, when all that it printed has been heard."""
        code = self._leash.wait()
        if self._hearing is not None:
            self._hearing.join(LAST_WORDS)
        return code

    @property
    def pid(self) -> int:
        """Of the leash, whose child it is."""
        return self._leash.pid

    def freeze(self) -> None:
        """Takes the CPU from it and from what it has started. Not to be done before it has begun its work."""
        self._leash.send_signal(signal.SIGUSR1)

    def thaw(self) -> None:
        self._leash.send_signal(signal.SIGUSR2)

    def stop(self) -> None:
        """Asks it to end, insists after a few seconds, and returns when it is gone."""
        assert self._leash.stdin is not None
        self._leash.stdin.close()
        self.wait()


class Processes:
    def __init__(self) -> None:
        self._children: list[Child] = []
        self._lock = threading.Lock()
        self._closed = False

    def start(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
        ask: signal.Signals = signal.SIGTERM,
        user: str = "-",
        name: str = "",
        listener: Listener | None = None,
        reins: Reins | None = None,
    ) -> Child:
        """`listener` gets each line that it prints, a few at once where they come fast, as the log does."""
        log.parent.mkdir(parents=True, exist_ok=True)
        held = json.dumps(asdict(reins)) if reins else "-"
        with log.open("ab") as output, self._lock:
            if self._closed:
                raise CommandFailed("the local cloud is stopping")
            # -I -S: the leash needs nothing of the caller's Python path, and starts in 20 ms.
            leash = subprocess.Popen(  # noqa: S603
                [sys.executable, "-I", "-S", str(LEASH), ask.name, user, held, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE if listener else output,
                stderr=subprocess.STDOUT,
                cwd=cwd,
                env=bare_environment() | dict(environment or {}),
                start_new_session=True,
            )
            child = Child(leash, name or Path(command[0]).name, listener and hear(leash.stdout, log, listener))
            self._children = [other for other in self._children if other.running] + [child]
        return child

    def run(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        log: Path,
        environment: Mapping[str, str] | None = None,
        user: str = "-",
        begun: Callable[[Child], None] = lambda child: None,
    ) -> str:
        """Runs to the end and returns what it printed; raises CommandFailed. Whom `begun` tells may end it."""
        before = log.stat().st_size if log.exists() else 0
        child = self.start(command, cwd=cwd, log=log, environment=environment, user=user)
        begun(child)
        code = child.wait()
        with log.open("rb") as file:
            file.seek(before)
            output = file.read().decode(errors="replace")
        if code != 0:
            last = (output.strip().splitlines() or ["it printed nothing"])[-1]
            raise CommandFailed(f"{short(command)} ended with {code}: {last} (log: {log})")
        return output

    def stop_all(self) -> list[str]:
        """The names of those that were still running."""
        with self._lock:
            self._closed = True
            children = [child for child in self._children if child.running]
        stoppers = [threading.Thread(target=child.stop) for child in children]
        for stopper in stoppers:
            stopper.start()
        for stopper in stoppers:
            stopper.join()
        return [child.name for child in children]


def hear(output: IO[bytes] | None, log: Path, listener: Listener) -> threading.Thread:
    assert output is not None
    thread = threading.Thread(target=pass_on, args=(output, log, listener), name="localcloud hearing", daemon=True)
    thread.start()
    return thread


def pass_on(output: IO[bytes], log: Path, listener: Listener) -> None:
    """Until the child has ended; what it printed last is a line with or without its end."""
    rest = b""
    with output, log.open("ab", buffering=0) as file:
        while chunk := os.read(output.fileno(), CHUNK):
            file.write(chunk)
            *lines, rest = (rest + chunk).split(b"\n")
            listener([line.decode(errors="replace") for line in lines])
    listener([rest.decode(errors="replace")])


def short(command: Sequence[str]) -> str:
    """Without the folders and the options: "python manage.py migrate"."""
    return " ".join(Path(part).name for part in command[:3] if not part.startswith("-"))


def bare_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def python_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """For a child that runs this Python: its output comes line by line, and it writes no bytecode."""
    return {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **extra}


def unprivileged_user() -> str:
    """Whom a server runs as that refuses to run as root: "uid:gid" of nobody, or "-" when we are not root."""
    if os.geteuid() != 0:
        return "-"
    nobody = pwd.getpwnam("nobody")
    # macOS gives nobody the ids -2, which only make sense as unsigned ones.
    return f"{nobody.pw_uid % 2**32}:{nobody.pw_gid % 2**32}"
