"""A management command in the environment's own network, as if it ran here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from .aws import Aws
from .engine.loop import Clock
from .engine.problem import Problem
from .stack.operation import FOLDER, invoke, read_record
from .stack.release import TIMEOUT

PATIENCE = 120.0  # seconds for a function to begin
PAUSE = 1.0
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
    if name in ASKS and not any(each in QUIET or each.startswith("--command=") for each in command[1:]):
        raise Problem(f"remote {name}: it would ask you for something", "It runs where nobody can answer", ASKS[name])


def run(
    aws: Aws, function: str, bucket: str, command: list[str], environment: Mapping[str, str], clock: Clock
) -> Iterator[str | int]:
    """What it prints, as it comes; its exit code last. Raises Problem if it never begins or never ends."""
    record = f"{FOLDER}/remote/{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(4)}.json"
    invoke(aws, function, command, record, environment)
    began, printed = clock.now(), 0
    while True:
        told = read_record(aws, bucket, record)
        if told:
            if len(told["output"]) > printed:
                yield told["output"][printed:]
                printed = len(told["output"])
            if told["exit"] is not None:
                yield told["exit"]
                return
        waited = clock.now() - began
        if waited > (TIMEOUT + PAUSE if told else PATIENCE):
            logs = f"aws logs tail /aws/lambda/{function} --region {aws.region}"
            never = f"It did not {'end within its 15 minutes' if told else f'begin within {PATIENCE:g} s'}"
            raise Problem(f"remote {command[0]}: no answer", never, f"Look why with `{logs}`")
        clock.sleep(PAUSE)
