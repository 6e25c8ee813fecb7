"""A management command in the environment's own network, as if it ran here."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.exceptions import ClientError

from .aws import Aws
from .engine.clock import Clock
from .engine.problem import Problem, code, said
from .stack.foundation import Foundation
from .stack.operation import FOLDER, LATE, SILENCE, invoke, read_record
from .waking import wake

PATIENCE = 180.0  # seconds for a function to begin
FETCHING = 300.0  # seconds for one that has rested to be there again
PAUSE = 1.0
WAKING = 180.0  # seconds
ASKS = {  # commands that ask, unless told not to; and how
    "changepassword": "Use `manage.py remote createsuperuser --noinput …`, or the link in the site's admin",
    "createsuperuser": "Add --noinput --username NAME --email ADDRESS; a password is passed with "
    "-e DJANGO_SUPERUSER_PASSWORD from your own environment",
    "dbshell": "Use RDS's query editor, or `manage.py remote shell -c CODE`",
    "flush": "Add --noinput",
    "runserver": "The site runs already",
    "shell": "Add -c and the code",
}
QUIET = ("--noinput", "--no-input", "-c", "--command")


def check(command: list[str]) -> None:
    """Raise Problem for a command that would ask somebody, where there is nobody."""
    name = command[0]
    quiet = name != "dbshell" and any(each in QUIET or each.startswith("--command=") for each in command[1:])
    if name in ASKS and not quiet:
        raise Problem(f"remote {name}: it would ask you for something", "It runs where nobody can answer", ASKS[name])


def variable(given: str) -> tuple[str, str]:
    """`NAME=VALUE`, or `NAME` for the value that it has here. Raises Problem if it has none, or no name."""
    name, equals, value = given.partition("=")
    if not name or (not equals and name not in os.environ):
        why = "Your environment has none of that name" if name else "A variable has a name"
        raise Problem(f"-e {given}: it has no {'value' if name else 'name'}", why, f"Write -e {name or 'NAME'}=VALUE")
    return name, value if equals else os.environ[name]


@dataclass(frozen=True)
class Waits:
    word: str


@dataclass(frozen=True)
class Prints:
    text: str


@dataclass(frozen=True)
class Ends:
    code: int


def run(
    aws: Aws, foundation: Foundation, command: list[str], environment: Mapping[str, str], clock: Clock
) -> Iterator[Waits | Prints | Ends]:
    """Wake the database, run it next to that, and tell what it prints as it comes.

    Raises Problem if it never begins, or never ends.
    """
    for word in wake(aws, foundation.cluster, foundation.writer, WAKING, clock):
        yield Waits(word)
    yield from run_beside(aws, foundation, command, environment, clock)


def run_beside(
    aws: Aws, foundation: Foundation, command: list[str], environment: Mapping[str, str], clock: Clock
) -> Iterator[Waits | Prints | Ends]:
    """The same without waking anything: the database may sleep meanwhile."""
    function, bucket = f"{foundation.config.name}-operations", foundation.bucket.name
    record = f"{FOLDER}/remote/{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.json"
    yield from _ask(aws, function, command, record, environment, clock)
    began, printed = clock.now(), 0
    while True:
        told = read_record(aws, bucket, record)
        if told:
            if len(told["output"]) > printed:
                yield Prints(told["output"][printed:])
                printed = len(told["output"])
            if told["exit"] is not None:
                yield Ends(told["exit"])
                return
        waited = told["silent"] if told else clock.now() - began
        if waited > (SILENCE if told else PATIENCE):
            logs = f"aws logs tail /aws/lambda/{function} --region {aws.region}"
            never = f"It {'is silent' if told else 'did not begin'} for {waited:.0f} s: its function is gone"
            raise Problem(f"remote {command[0]}: no answer", never, f"Look why with `{logs}`")
        clock.sleep(PAUSE)


def _ask(
    aws: Aws, function: str, command: list[str], record: str, environment: Mapping[str, str], clock: Clock
) -> Iterator[Waits]:
    """Invoke it, once Lambda takes a call: after weeks of rest it first fetches the function back."""
    began, told = clock.now(), False
    while True:
        try:
            return invoke(aws, function, command, record, environment)
        except ClientError as error:
            late = any(each.cures(code(error), "", 0) for each in LATE)
            if not late or clock.now() - began > FETCHING:
                advice = "Run `manage.py provision_aws`, and this again"
                raise Problem(f"remote {command[0]}: could not be run", said(error), advice) from error
        if not told:
            told = True
            yield Waits(f"{function} is being made ready")
        clock.sleep(PAUSE)
