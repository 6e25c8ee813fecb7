"""Holds one child on a leash: when the local cloud goes, however it goes, its child goes too.

Run as a program, with the read end of a pipe as its standard input. The cloud holds the other end and never
writes. The kernel closes that end when the cloud exits, crashes or is killed, so end of file means: let go.
SIGUSR1 takes the CPU from the child and SIGUSR2 gives it back: when both have come, it has it.
Where the child only stands for what runs elsewhere, as an engine's program does for a container, there are reins:
commands that take the CPU and give it back, and one afterwards, which is run whatever end the child has had.
It works alike on Linux and macOS (Linux's PR_SET_PDEATHSIG does not). Imports only the standard library,
because it starts without site-packages.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence

PATIENCE = 5.0  # seconds between asking and SIGKILL
LONGEST = 30.0  # seconds for a command of the reins


class Reins:
    """Freezes and thaws by commands, one after the other: only what was asked for last counts."""

    def __init__(self, freeze: Sequence[str] = (), thaw: Sequence[str] = (), afterwards: Sequence[str] = ()) -> None:
        self._commands = {True: freeze, False: thaw}
        self._afterwards = afterwards
        self._frozen = False
        self._lock = threading.Lock()
        # A handler of a signal may write into a pipe, but not wait for a lock that another handler holds.
        self._asked, self.wish = os.pipe()

    def follow(self) -> None:
        while wishes := os.read(self._asked, 1024):
            self.pull(wishes.endswith(b"1"))

    def pull(self, freeze: bool) -> None:
        with self._lock:
            if freeze == self._frozen:
                return
            problem = run(self._commands[freeze])
            if problem is None:
                self._frozen = freeze
            else:
                said = "keeps its CPU while idle" if freeze else "did not get its CPU back"
                with contextlib.suppress(OSError):  # nobody hears it any more
                    print(f"[local AWS] it {said}: {problem}", flush=True)

    def let_go(self) -> None:
        if self._afterwards:
            run(self._afterwards)


def run(command: Sequence[str]) -> str | None:
    """None if it went well, or the last that it said."""
    try:
        done = subprocess.run(  # noqa: S603
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    said = (done.stderr.strip() or done.stdout.strip() or f"ended with {done.returncode}").splitlines()
    return said[-1] if done.returncode else None


@contextlib.contextmanager
def gone_is_fine() -> Iterator[None]:
    # macOS answers EPERM instead of ESRCH for a group in which only zombies are left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        yield


def end_with_the_cloud(child: "subprocess.Popen[bytes]", ask: signal.Signals, reins: Reins | None) -> None:
    while os.read(0, 1024):
        pass
    if reins:
        reins.pull(freeze=False)
    with gone_is_fine():
        os.killpg(child.pid, ask)
        os.killpg(child.pid, signal.SIGCONT)  # one without the CPU would not hear
    try:
        child.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        with gone_is_fine():
            os.killpg(child.pid, signal.SIGKILL)


def pass_on(child: "subprocess.Popen[bytes]", told: signal.Signals, means: signal.Signals) -> None:
    def tell(number: int, frame: object) -> None:
        if child.returncode is None:
            with gone_is_fine():
                os.killpg(child.pid, means)

    signal.signal(told, tell)


def wish(reins: Reins, told: signal.Signals, freeze: bytes) -> None:
    signal.signal(told, lambda number, frame: os.write(reins.wish, freeze) and None)


def main(signal_name: str, user: str, held: str, *command: str) -> int:
    """`user` is "uid:gid", or "-" to stay who we are; `held` is the commands of the reins in JSON, or "-"."""
    reins = None if held == "-" else Reins(**json.loads(held))
    identity: dict[str, object] = {}
    if user != "-":
        uid, gid = user.split(":")
        identity = {"user": int(uid), "group": int(gid), "extra_groups": []}
    child = subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # a group of its own: the terminal's Ctrl-C is not for it
        **identity,  # type: ignore[call-overload]
    )
    if reins:
        wish(reins, signal.SIGUSR1, b"1")
        wish(reins, signal.SIGUSR2, b"0")
        threading.Thread(target=reins.follow, daemon=True).start()
    else:
        pass_on(child, signal.SIGUSR1, signal.SIGSTOP)
        pass_on(child, signal.SIGUSR2, signal.SIGCONT)
    ending = (child, signal.Signals[signal_name], reins)
    threading.Thread(target=end_with_the_cloud, args=ending, daemon=True).start()
    code = child.wait()
    with gone_is_fine():  # what it may have left behind in its group
        os.killpg(child.pid, signal.SIGKILL)
    if reins:
        reins.let_go()
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
