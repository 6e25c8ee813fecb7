"""Who is on the port: another local AWS, somebody else's program, or nobody."""

import http.client
import json
import os
import signal
import time
from dataclasses import dataclass

import psutil

from .gate import WHO
from .ports import LOOPBACK

PATIENCE = 30.0  # seconds for another local AWS to stop


class PortTaken(Exception):
    """The port is somebody else's, or our own but not ours to take; the text has three parts."""


@dataclass(frozen=True)
class Occupant:
    """Another local AWS, as it describes itself."""

    port: int
    pid: int
    exports: list[str]

    def replace(self) -> None:
        """Ends it as Ctrl-C would, and returns when it is gone."""
        if not listens(self.pid, self.port):
            raise PortTaken(
                f"Port {self.port}: cannot be taken over.\nA local AWS there says that its process is {self.pid}, "
                f"but that process does not listen on the port.\nStop it by hand, or choose another with --port."
            )
        os.kill(self.pid, signal.SIGTERM)
        end = time.monotonic() + PATIENCE
        while lives(self.pid):
            if time.monotonic() > end:
                raise PortTaken(
                    f"Port {self.port}: cannot be taken over.\nThe local AWS there, process {self.pid}, does not "
                    f"stop within {PATIENCE:g} s.\nStop it by hand: kill -9 {self.pid}"
                )
            time.sleep(0.05)

    def have_bad_days(self, names: list[str], seed: int) -> None:
        """Raises ValueError for a name that is none."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=PATIENCE)
        try:
            connection.request("PUT", WHO, json.dumps({"bad_days": names, "seed": seed}))
            answer = connection.getresponse()
            if answer.status != 200:
                raise ValueError(answer.read().decode())
        finally:
            connection.close()


def find_occupant(port: int) -> Occupant | None:
    """None when nobody answers there, or somebody who is no local AWS."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", WHO)
        found = json.loads(connection.getresponse().read())
        if found["what"] != "local AWS":
            return None
        return Occupant(port, int(found["pid"]), [str(line) for line in found["exports"]])
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError):
        return None
    finally:
        connection.close()


def explain(port: int) -> PortTaken:
    """After the port could not be had."""
    occupant = find_occupant(port)
    if occupant is None:
        return PortTaken(
            f"Port {port}: the local AWS cannot listen there.\nAnother program does.\n"
            f"Stop that program, or choose another port: manage.py localcloud --port {port + 1}"
        )
    return PortTaken(
        f"Port {port}: the local AWS cannot listen there.\nA local AWS already runs there, as process "
        f"{occupant.pid}.\nUse it with the export lines above, or replace it by an empty one: --fresh"
    )


def listens(pid: int, port: int) -> bool:
    """Whether that process is the one on the port: what answers there may say any number."""
    try:
        connections = psutil.Process(pid).net_connections(kind="tcp4")
    except psutil.Error:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)


def lives(pid: int) -> bool:
    try:
        # One that has ended, and whose parent has not looked yet, is a zombie.
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
