"""A management command that runs in AWS once for each occasion: the release is one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

from ..aws import Aws, absent
from ..dataapi import WAKING, DataApi
from ..engine.resource import Given, Live, Lives, Resource, Retry, State, Values, now, resource
from ..logtail import last_lines
from ..resources.awslambda import Function
from ..resources.rds import Cluster, Instance
from ..resources.s3 import Bucket

FOLDER = "operations"  # of the bucket; the site itself can neither read nor write it
SILENCE = 120.0  # seconds without a sign of life in the record, after which what wrote it is gone
LATE = (Retry("ResourceConflictException"), Retry("ResourceNotReadyException"))
"""Lambda's answers while a function changes, or is fetched back after weeks without a call."""
SHOWN = 12  # lines of what a failed command printed last


@resource
class Operation(Resource):
    """Run by the operations function, and never again once it ended well.

    What it did is a record in the bucket under its occasion, such as an image's digest and a database: so the
    same image on the same database is released once, whoever asks and however often.
    """

    service: ClassVar[str] = "lambda"
    within: ClassVar[bool] = True  # the bucket
    disposable: ClassVar[bool] = True
    speaker: ClassVar[str] = "It"
    patience: ClassVar[int] = 1000
    appears: ClassVar[int] = 180  # a cold function in a network begins within a minute
    usual: ClassVar[int] = 30
    retries: ClassVar = (*LATE, *WAKING)

    function: Function
    bucket: Bucket
    cluster: Cluster | None = None
    """The database that is woken for it; None for what needs none."""
    writer: Instance | None = None
    command: tuple[str | Given, ...]
    occasion: tuple[tuple[Resource, str], ...]
    """What it is done once for: resources, and which of their values."""

    @property
    def folder(self) -> str:
        return f"{FOLDER}/{self.name.rpartition(':')[2]}"

    def find(self, aws: Aws) -> Live | None:
        occasion = []
        for each, key in self.occasion:
            live = each.find(aws)
            value = live and {"id": live.id, "arn": live.arn, **live.values}.get(key)
            if not value:
                return None
            occasion.append(value)
        told = read_record(aws, self.bucket.name, self._record(occasion))
        if told is None:
            return None
        state, word = _state(told)
        last = _last_lines(told["output"]) if told["ended"] else self._log(aws)
        return Live(
            id=" ".join(occasion),
            values={"once_for": occasion, "command": told["command"]},
            state=state,
            word=word,
            ours=self.bucket.is_ours(aws),
            setback="" if state is not State.FAILED else f"{word}: {last}",
            output=told["output"] if told["ended"] else _whole_lines(told["output"]),
        )

    def wanted(self, lives: Lives) -> Values:
        return {
            "once_for": [Given("{}", part).now(lives) for part in self.occasion],
            "command": [now(each, lives) for each in self.command],
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        if self.cluster is not None:
            cluster = self.cluster.find(aws)
            assert cluster is not None  # it is needed, so it came first
            DataApi(aws, cluster).execute("SELECT 1")  # wakes it; a refusal while it resumes is tried again
        invoke(aws, self.function.name, wanted["command"], self._record(wanted["once_for"]))

    def why_absent(self, aws: Aws) -> str:
        """What its function printed, which tells why it did not begin."""
        if printed := self._log(aws):
            return f'{self.function} did not begin it. Its log says: "{printed}"'
        return f"{self.function} did not begin it, and its log {self.function.log_group.name} is empty"

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        self.delete(aws, live)
        self.create(aws, {**live.values, **changes})

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("NoSuchBucket"):
            aws.client("s3").delete_object(Bucket=self.bucket.name, Key=self._record(live.values["once_for"]))

    def _log(self, aws: Aws) -> str:
        """The last lines of the function's own log, from about when it was asked."""
        since = datetime.now(UTC) - timedelta(seconds=self.appears + 60)
        return " / ".join(last_lines(aws, self.function.log_group.name, since)[-SHOWN:])

    def _record(self, occasion: list[str]) -> str:
        return f"{self.folder}/{'-'.join(each.replace(':', '-') for each in occasion)}.json"


def invoke(
    aws: Aws, function: str, command: list[str], record: str, environment: Mapping[str, str] | None = None
) -> None:
    """Ask the operations function to run a command, and return at once: boto3 would call again after 60 s."""
    event = {"command": command, "record": record, "environment": dict(environment or {})}
    aws.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode())


def read_record(aws: Aws, bucket: str, key: str) -> dict[str, Any] | None:
    """What operations.py wrote, and `silent`: the seconds since it last did, by the clock of S3."""
    with absent("NoSuchKey", "NoSuchBucket", "404"):
        answer = aws.client("s3").get_object(Bucket=bucket, Key=key)
        now_there = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
        silent = (now_there - answer["LastModified"]).total_seconds()
        return {**json.loads(answer["Body"].read()), "silent": silent}
    return None


def _state(told: Mapping[str, Any]) -> tuple[State, str]:
    if told["exit"] is not None:
        return (State.READY, "done") if told["exit"] == 0 else (State.FAILED, f"ended with exit code {told['exit']}")
    if told["silent"] < SILENCE:
        return State.CHANGING, "running"
    return State.FAILED, f"begun, and silent for {told['silent']:.0f} s: its function is gone"


def _whole_lines(output: str) -> str:
    return output[: output.rfind("\n") + 1]


def _last_lines(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-SHOWN:])
