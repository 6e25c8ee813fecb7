"""moto's records and ours as bytes, without what runs: that begins again once they are read.

While they are read nothing happens: no port is taken, no process starts. `revival.py` does that afterwards.
"""

import asyncio
import io
import pickle
import queue
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path, PurePath
from types import FunctionType
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from moto.s3.models import FakeKey
from moto.ssm.models import ParameterDict

from ..ground import Ground, ground
from ..processes import Child, Processes
from ..times import Clock
from . import functions
from .bodies import Bodies, Body, without_body

# What runs: in its place is nothing.
RUNNING = (
    Child,
    Processes,
    asyncio.AbstractEventLoop,
    asyncio.AbstractServer,
    asyncio.Future,
    asyncio.StreamReader,
    asyncio.StreamWriter,
    queue.SimpleQueue,
    socket.socket,
    subprocess.Popen,
    threading.Thread,
)
# Nobody holds the new one.
LOCKS: dict[type, Callable[[], object]] = {
    type(threading.Lock()): threading.Lock,
    type(threading.RLock()): threading.RLock,
    threading.Condition: threading.Condition,
}


class Unwritable(Exception):
    """Something among the records can't be written; the text says what."""


def write(records: object, bodies: Bodies) -> bytes:
    """Raises Unwritable; RuntimeError when a record grew meanwhile."""
    written = io.BytesIO()
    try:
        Pickler(written, bodies).dump(records)
    except (pickle.PicklingError, TypeError, AttributeError) as problem:
        raise Unwritable(str(problem)) from None
    return written.getvalue()


def read(written: bytes, bodies: Bodies) -> Any:
    return Unpickler(io.BytesIO(written), bodies).load()


class Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, bodies: Bodies) -> None:
        super().__init__(file, protocol=5)
        self._bodies = bodies

    def persistent_id(self, thing: object) -> tuple[str, ...] | None:
        """What the process that reads has of its own."""
        if isinstance(thing, Ground):
            return ("ground",)
        if isinstance(thing, Clock):
            return ("clock",)
        if isinstance(thing, Body):
            return ("body", self._bodies.keep(thing))
        return None

    def reducer_override(self, thing: Any) -> Any:
        if isinstance(thing, RUNNING):
            return nothing, ()
        if type(thing) in LOCKS:
            return LOCKS[type(thing)], ()
        if isinstance(thing, threading.Event):
            return event, (thing.is_set(),)
        if isinstance(thing, PurePath):
            return path(thing)
        if isinstance(thing, FakeKey):
            return without_body(thing)
        if isinstance(thing, ParameterDict):  # to copy a defaultdict, pickle calls it with its factory
            items = iter(dict.items(thing))
            return ParameterDict, (thing.account_id, thing.region_name), vars(thing), None, items
        if isinstance(thing, RSAPrivateKey | EllipticCurvePrivateKey):  # of KMS
            written = thing.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
            return key, (written,)
        if isinstance(thing, FunctionType) and functions.has_no_address(thing):
            return functions.taken_apart(thing)
        return NotImplemented


class Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, bodies: Bodies) -> None:
        super().__init__(file)
        self._bodies = bodies

    def persistent_load(self, id: Any) -> Any:
        if id[0] == "body":
            return self._bodies.read(id[1])
        return {"ground": ground(), "clock": ground().clock}[id[0]]


def nothing() -> None:
    return None


def key(written: bytes) -> Any:
    return load_der_private_key(written, None)


def event(happened: bool) -> threading.Event:
    made = threading.Event()
    if happened:
        made.set()
    return made


def path(given: PurePath) -> Any:
    """In the cloud's folder, wherever that will be: a project may be moved."""
    for name, root in (("databases", ground().databases), ("folder", ground().folder)):
        if given.is_relative_to(root):
            return within, (name, str(given.relative_to(root)))
    return type(given), (str(given),)


def within(name: str, relative: str) -> Path:
    root: Path = getattr(ground(), name)
    return root / relative
