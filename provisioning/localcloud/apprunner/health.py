"""The health check: what App Runner asks a new version before it gets any traffic."""

import http.client
import socket
import time
from typing import Any

from ..ground import ground
from ..ports import LOOPBACK
from .errors import DeploymentFailed
from .program import Program

PATIENCE = 60.0  # seconds until a program has to listen; it is real work, so the clock's speed does not count


def wait_until_healthy(program: Program, check: dict[str, Any]) -> None:
    """Raises DeploymentFailed. Counts answers as App Runner does: so many good or so many bad ones in a row.

    That nobody listens yet counts as bad only when the program has given up or has had its time.
    """
    clock = ground().clock
    good = bad = 0
    end = time.monotonic() + PATIENCE
    while True:
        problem = ask(program.port, check)
        if problem is None:
            good, bad = good + 1, 0
            if good >= check["HealthyThreshold"]:
                return
        elif isinstance(problem, NobodyListens):
            if program.given_up or time.monotonic() > end:
                raise DeploymentFailed(f"Health check failed: {problem}")
        else:
            good, bad = 0, bad + 1
            if bad >= check["UnhealthyThreshold"]:
                raise DeploymentFailed(f"Health check failed: {problem}")
        clock.sleep(max(check["Interval"] / clock.speed, 0.05))


class NobodyListens(str):
    __slots__ = ()


def ask(port: int, check: dict[str, Any]) -> str | None:
    """None when healthy, or what is wrong."""
    where = f"port {port}"
    try:
        if check["Protocol"] == "TCP":
            socket.create_connection((LOOPBACK, port), timeout=check["Timeout"]).close()
            return None
        connection = http.client.HTTPConnection(LOOPBACK, port, timeout=check["Timeout"])
        connection.request("GET", check["Path"], headers={"User-Agent": "AppRunner-HealthCheck (local)"})
        status = connection.getresponse().status
        connection.close()
    except ConnectionRefusedError:
        return NobodyListens(f"nothing listens on {where}")
    except (OSError, http.client.HTTPException) as error:
        return f"no answer on {where}: {error or type(error).__name__}"
    # A redirect or a 401 fails the check too (apprunner-roadmap#110).
    return None if status == 200 else f"{check['Path']} on {where} answered {status}"
