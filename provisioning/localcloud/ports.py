"""Free ports on 127.0.0.1."""

import contextlib
import socket

LOOPBACK = "127.0.0.1"


def hold_port(wanted: int = 0) -> socket.socket:
    """A port, kept from others until the socket is closed: the wanted one if it is free, or else any free one."""
    held = socket.socket()
    if wanted:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            held.bind((LOOPBACK, wanted))
            return held
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
    held.bind((LOOPBACK, 0))
    # Not before, or it might be one that somebody else holds. Without it, connections that have ended keep the
    # port for another minute from a cloud that was stopped and started again.
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return held


def free_port() -> int:
    with hold_port() as held:
        return int(held.getsockname()[1])
