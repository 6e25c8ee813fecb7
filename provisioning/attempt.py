"""One attempt to connect to PostgreSQL that is given up after some seconds, with a watch held beside it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import psycopg2
from botocore import auth


def attempt(parameters: Mapping[str, Any], seconds: int) -> str:
    """JSON: `{"took": 1.0, "met": "timeout expired"}`; `met` is empty if it was let in."""
    began, met = time.monotonic(), ""
    try:
        with closing(psycopg2.connect(**{**parameters, "connect_timeout": seconds})):
            pass
    except psycopg2.OperationalError as error:
        met = " ".join(str(error).split())
    return json.dumps({"took": round(time.monotonic() - began, 2), "met": met})


@contextmanager
def signing(ago: int) -> Iterator[None]:
    """What botocore signs meanwhile says that it was signed so many seconds ago."""
    now = auth.get_current_datetime
    auth.get_current_datetime = lambda *arguments: now(*arguments) - timedelta(seconds=ago)
    try:
        yield
    finally:
        auth.get_current_datetime = now
