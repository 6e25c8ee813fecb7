"""What the operations function runs: one management command for each call, told about in a record.

It lies in the same network as the database, where no laptop reaches, and has no way out but to S3. So what the
command prints is written there, again and again while it runs, and who called reads it there.

Lambda may deliver one call twice. Only the first makes the record, and only who makes it runs the command.
"""

from __future__ import annotations

import codecs
import json
import os
import secrets
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from .aws import Aws, absent
from .engine.passing import PAUSES, patiently

TREE = Path(__file__).resolve().parents[1]
MOST = 2_000_000  # letters of the output that a record keeps, and its last ones besides
TAIL = 20_000  # letters
EVERY = 1.0  # seconds between two writings of a record, which also say that it is alive
TRIES = 5  # to begin a record, next to whoever removes the one before
# Seconds before Lambda's own end, in which the record is brought to a good one: the pauses of our patience for it, and
# about 20 that boto3 waits before it repeats throttled calls.
SPARE = sum(PAUSES) + 20.0
STOPPED = 124  # the shell's code for a program that ran out of time
CUT = "\nStopped: a function's time is up after 15 minutes. Run it again, or in smaller parts.\n"


@dataclass
class Record:
    """What one call did, as JSON: `{"command": […], "started": …, "ended": …, "exit": …, "output": …}`."""

    s3: Any
    bucket: str
    key: str
    command: list[str]
    started: str = field(default_factory=lambda: _now())
    run: str = field(default_factory=lambda: secrets.token_hex(8))
    output: str = ""
    tail: str = ""
    left_out: int = 0

    def begin(self) -> bool:
        """False if somebody has begun it before."""
        for _ in range(TRIES):
            with absent("PreconditionFailed", "ConditionalRequestConflict"):
                patiently(lambda: self._put(None, IfNoneMatch="*"))
                return True
            with absent("NoSuchKey"):  # boto3 puts again when an answer is lost, and meets what it put itself
                there = json.loads(self.s3.get_object(Bucket=self.bucket, Key=self.key)["Body"].read())
                return bool(there["run"] == self.run)
            time.sleep(EVERY)
        return False

    def add(self, text: str) -> None:
        """What was printed only grows: whoever reads it goes on from where they were."""
        kept = text[: max(MOST - len(self.output), 0)]
        self.output += kept
        self.left_out += len(text) - len(kept)
        self.tail = (self.tail + text[len(kept) :])[-TAIL:]

    def write(self) -> None:
        """Tell how far it is. Not to be able to is no reason to give up what it does."""
        try:
            self._put(None)
        except (ClientError, BotoCoreError) as error:
            print(f"{self.key}: not written now: {error}", flush=True)

    def end(self, code: int) -> None:
        if self.left_out:
            self.output += f"\n[{self.left_out - len(self.tail)} letters left out]\n{self.tail}"
        patiently(lambda: self._put(code))  # without it, who called would wait, and take this for gone

    def _put(self, code: int | None, **conditions: str) -> None:
        told = {
            "command": self.command,
            "run": self.run,
            "started": self.started,
            "ended": None if code is None else _now(),
            "exit": code,
            "output": self.output,
        }
        body = json.dumps(told).encode()
        self.s3.put_object(Bucket=self.bucket, Key=self.key, Body=body, ContentType="application/json", **conditions)


def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """`{"command": ["migrate", "--noinput"], "record": "operations/….json", "environment": {…}}` → its exit code."""
    s3 = Aws().client("s3")
    record = Record(s3, os.environ["OPERATIONS_BUCKET"], event["record"], list(event["command"]))
    if not record.begin():
        print(f"{event['record']}: begun before, so not again", flush=True)
        return {"exit": None}
    code = _run(record, event.get("environment", {}), context.get_remaining_time_in_millis() / 1000 - SPARE)
    record.end(code)
    return {"exit": code}


def _run(record: Record, more: Mapping[str, str], seconds: float) -> int:
    # Nothing that runs here is signed for anybody else, so the site's own key is not needed.
    environment = {"SECRET_KEY": secrets.token_urlsafe(50), **os.environ, **more, "PYTHONUNBUFFERED": "1"}
    child = subprocess.Popen(  # noqa: S603  what the person with the right to call it asks for
        [sys.executable, "manage.py", *record.command],
        cwd=TREE,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert child.stdout is not None
    try:
        return _follow(child, child.stdout.fileno(), record, seconds)
    finally:  # Lambda would freeze what is left of it, in the middle of a migration
        child.kill()
        child.wait()


def _follow(child: subprocess.Popen[bytes], output: int, record: Record, seconds: float) -> int:
    end, written = time.monotonic() + seconds, time.monotonic()
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if selector.select(timeout=EVERY):
                chunk = os.read(output, 65_536)
                text = decoder.decode(chunk, final=not chunk)
                print(text, end="", flush=True)
                record.add(text)
                if not chunk:
                    return child.wait()
            if time.monotonic() > end:
                record.add(CUT)
                return STOPPED
            if time.monotonic() - written > EVERY:
                record.write()
                written = time.monotonic()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
