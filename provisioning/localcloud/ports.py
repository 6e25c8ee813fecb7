"""Free ports on 127.0.0.1."""

import socket

LOOPBACK = "127.0.0.1"


def hold_port() -> socket.socket:
    """A free port, kept from others until the socket is closed."""
    # With the protocol's number: asyncio sends small packets at once on such sockets only, and waits 40 ms on others.
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    held.bind((LOOPBACK, 0))
    return held


def free_port() -> int:
    with hold_port() as held:
        return int(held.getsockname()[1])
