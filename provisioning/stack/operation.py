"""A management command that runs in AWS once for each occasion: the release is one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from ..aws import Aws, absent
from ..dataapi import WAKING, DataApi
from ..engine.resource import Given, Live, Lives, Resource, Retry, State, Values, now, resource
from ..resources.awslambda import Function
from ..resources.rds import Cluster, Instance
from ..resources.s3 import Bucket

FOLDER = "operations"  # of the bucket; the site itself can neither read nor write it
LIFETIME = timedelta(minutes=15)  # of a function; what has not ended by then never will
SHOWN = 12  # lines of what a failed command printed last


@resource
class Operation(Resource):
    """Run by the operations function, with the database awake, and never again once it ended well.

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
    retries: ClassVar = (Retry("ResourceConflictException"), *WAKING)

    function: Function
    bucket: Bucket
    cluster: Cluster
    writer: Instance
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
        return Live(
            id=" ".join(occasion),
            values={"once_for": occasion, "command": told["command"]},
            state=state,
            word=word,
            ours=self.bucket.is_ours(aws),
            setback="" if state is not State.FAILED else f"{word}: {_last_lines(told['output'])}",
            output=told["output"] if told["ended"] else _whole_lines(told["output"]),
        )

    def wanted(self, lives: Lives) -> Values:
        return {
            "once_for": [Given("{}", part).now(lives) for part in self.occasion],
            "command": [now(each, lives) for each in self.command],
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        cluster = self.cluster.find(aws)
        assert cluster is not None  # it is needed, so it came first
        DataApi(aws, cluster).execute("SELECT 1")  # wakes the database; a refusal while it resumes is tried again
        invoke(aws, self.function.name, wanted["command"], self._record(wanted["once_for"]))

    def why_absent(self, aws: Aws) -> str:
        """What its function printed, which tells why it did not begin."""
        group = self.function.log_group.name
        with absent("ResourceNotFoundException"):
            since = int((datetime.now(UTC) - timedelta(seconds=self.appears + 60)).timestamp() * 1000)
            events = aws.client("logs").filter_log_events(logGroupName=group, startTime=since)["events"]
            if events:
                lines = " / ".join(each["message"].strip() for each in events[-SHOWN:])
                return f'{self.function} did not begin it. Its log says: "{lines}"'
        return f"{self.function} did not begin it, and its log {group} is empty"

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        self.delete(aws, live)
        self.create(aws, {**live.values, **changes})

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("NoSuchBucket"):
            aws.client("s3").delete_object(Bucket=self.bucket.name, Key=self._record(live.values["once_for"]))

    def _record(self, occasion: list[str]) -> str:
        return f"{self.folder}/{'-'.join(each.replace(':', '-') for each in occasion)}.json"


def invoke(
    aws: Aws, function: str, command: list[str], record: str, environment: Mapping[str, str] | None = None
) -> None:
    """Ask the operations function to run a command, and return at once: boto3 would call again after 60 s."""
    event = {"command": command, "record": record, "environment": dict(environment or {})}
    aws.client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(event).encode())


def read_record(aws: Aws, bucket: str, key: str) -> dict[str, Any] | None:
    with absent("NoSuchKey", "NoSuchBucket", "404"):
        return json.loads(aws.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())
    return None


def _state(told: Mapping[str, Any]) -> tuple[State, str]:
    if told["exit"] is not None:
        return (State.READY, "done") if told["exit"] == 0 else (State.FAILED, f"ended with exit code {told['exit']}")
    age = datetime.now(UTC) - datetime.fromisoformat(told["started"])
    return (State.CHANGING, "running") if age < LIFETIME else (State.FAILED, "begun, and never ended")


def _whole_lines(output: str) -> str:
    return output[: output.rfind("\n") + 1]


def _last_lines(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-SHOWN:])
