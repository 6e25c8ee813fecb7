"""Free ports on 127.0.0.1."""

import socket

LOOPBACK = "127.0.0.1"


def hold_port() -> socket.socket:
    """A free port, kept from others until the socket is closed."""
    held = socket.socket()
    held.bind((LOOPBACK, 0))
    return held


def free_port() -> int:
    with hold_port() as held:
        return int(held.getsockname()[1])
