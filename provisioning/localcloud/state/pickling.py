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
from functools import cache
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


def read(written: bytes) -> Any:
    return pickle.loads(written)  # noqa: S301  # who may have written it, Snapshot looks at


class Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, bodies: Bodies) -> None:
        super().__init__(file, protocol=5)
        self._bodies = bodies

    def reducer_override(self, thing: Any) -> Any:
        if type(thing) is Body:
            return contents, (self._bodies.keep(thing),)
        how = reducer(type(thing))
        return NotImplemented if how is None else how(thing)


def nothing() -> None:
    return None


def contents(file: Path) -> bytes:
    return file.read_bytes()


def clock() -> Clock:
    return ground().clock


def key(written: bytes) -> Any:
    return load_der_private_key(written, None)


def of_key(thing: RSAPrivateKey | EllipticCurvePrivateKey) -> Any:
    return key, (thing.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),)


def of_parameters(thing: ParameterDict) -> Any:
    """To copy a defaultdict, pickle calls it with its factory."""
    return ParameterDict, (thing.account_id, thing.region_name), vars(thing), None, iter(dict.items(thing))


def event(happened: bool) -> threading.Event:
    made = threading.Event()
    if happened:
        made.set()
    return made


def of_function(thing: FunctionType) -> Any:
    return functions.taken_apart(thing) if functions.has_no_address(thing) else NotImplemented


def of_path(thing: PurePath) -> Any:
    """In the cloud's folder, wherever that will be: a project may be moved."""
    for name, root in (("databases", ground().databases), ("folder", ground().folder)):
        if thing.is_relative_to(root):
            return within, (name, str(thing.relative_to(root)))
    return type(thing), (str(thing),)


def within(name: str, relative: str) -> Path:
    root: Path = getattr(ground(), name)
    return root / relative


REDUCERS: tuple[tuple[tuple[type, ...], Callable[[Any], Any]], ...] = (
    (RUNNING, lambda thing: (nothing, ())),
    (tuple(LOCKS), lambda thing: (LOCKS[type(thing)], ())),
    # What the process that reads has of its own.
    ((Ground,), lambda thing: (ground, ())),
    ((Clock,), lambda thing: (clock, ())),
    ((threading.Event,), lambda thing: (event, (thing.is_set(),))),
    ((PurePath,), of_path),
    ((FakeKey,), without_body),
    ((ParameterDict,), of_parameters),
    ((RSAPrivateKey, EllipticCurvePrivateKey), of_key),
    ((FunctionType,), of_function),
)


@cache
def reducer(kind: type) -> Callable[[Any], Any] | None:
    """Asked for each of some ten thousand things: each kind is looked up once."""
    return next((how for kinds, how in REDUCERS if issubclass(kind, kinds)), None)
