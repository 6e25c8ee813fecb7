"""Holds one child on a leash: when the local cloud goes, however it goes, its child goes too.

Run as a program, with the read end of a pipe as its standard input. The cloud holds the other end and never
writes. The kernel closes that end when the cloud exits, crashes or is killed, so end of file means: let go.
SIGUSR1 takes the CPU from the child and SIGUSR2 gives it back: when both have come, it has it.
It works alike on Linux and macOS (Linux's PR_SET_PDEATHSIG does not). Imports only the standard library,
because it starts without site-packages.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

PATIENCE = 5.0  # seconds between asking and SIGKILL


@contextlib.contextmanager
def gone_is_fine() -> Iterator[None]:
    # macOS answers EPERM instead of ESRCH for a group in which only zombies are left.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        yield


def end_with_the_cloud(child: "subprocess.Popen[bytes]", ask: signal.Signals) -> None:
    while os.read(0, 1024):
        pass
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


def main(signal_name: str, user: str, *command: str) -> int:
    """`user` is "uid:gid", or "-" to stay who we are."""
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
    pass_on(child, signal.SIGUSR1, signal.SIGSTOP)
    pass_on(child, signal.SIGUSR2, signal.SIGCONT)
    threading.Thread(target=end_with_the_cloud, args=(child, signal.Signals[signal_name]), daemon=True).start()
    code = child.wait()
    with gone_is_fine():  # what it may have left behind in its group
        os.killpg(child.pid, signal.SIGKILL)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
