"""The operations function: called once, run once."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from ..logtail import last_lines
from .belief import CannotBeTried, Source, Verdict, judged, not_tried, tried
from .scene import Scene

INCOMPLETE = {"record": "operations/verify/incomplete.json"}  # it names no command, so the function raises
RAISED = "[ERROR] KeyError: 'command'"
APPEARS = 300  # seconds until a log has what was printed
RETRIED = 100  # seconds; Lambda's first retry comes after a minute
LOOK = 5


@tried(
    "A call that failed is not made again, since MaximumRetryAttempts is 0",
    Source.DOCUMENTED,
    "docs.aws.amazon.com/lambda/latest/dg/invocation-async-configuring.html",
    "provisioning/resources/awslambda.py",
    "provisioning/operations.py",
    seconds=RETRIED + 20,
)
def a_failed_call_is_not_made_again(scene: Scene) -> Verdict:
    function = scene.live("Function")
    since = datetime.now(UTC)
    payload = json.dumps(INCOMPLETE).encode()
    scene.aws.client("lambda").invoke(FunctionName=function.id, InvocationType="Event", Payload=payload)
    began = scene.clock.now()
    while not _times(scene, function.id, since):
        if scene.clock.now() - began > APPEARS:
            raise CannotBeTried(f"Its log does not show the call after {APPEARS} s")
        scene.clock.sleep(LOOK)
    scene.clock.sleep(RETRIED)
    times = _times(scene, function.id, since)
    return judged(times == 1, f"run {times} time{'s' * (times != 1)} in {scene.clock.now() - began:.0f} s")


def _times(scene: Scene, function: str, since: datetime) -> int:
    """How often it raised; its own clock may be a little behind ours."""
    lines = last_lines(scene.aws, f"/aws/lambda/{function}", since - timedelta(seconds=2))
    return sum(RAISED in line for line in lines)


BELIEFS = (
    a_failed_call_is_not_made_again,
    not_tried(
        "a-call-may-come-twice",
        "Lambda may deliver one call twice",
        Source.DOCUMENTED,
        "docs.aws.amazon.com/lambda/latest/dg/invocation-async.html",
        "provisioning/operations.py",
        because="it is rare",
    ),
    not_tried(
        "a-function-is-fetched-back",
        "After weeks without a call a function in a network is fetched back, and refuses calls meanwhile",
        Source.DOCUMENTED,
        "docs.aws.amazon.com/lambda/latest/dg/functions-states.html; the codes are botocore's model's",
        "provisioning/stack/operation.py",
        "provisioning/remote.py",
        because="it takes weeks",
    ),
    not_tried(
        "boto3-calls-again-after-a-minute",
        "boto3 repeats a synchronous call of a function after 60 s",
        Source.REPORTED,
        "https://github.com/boto/boto3/issues/1104",
        "provisioning/stack/operation.py",
        because="it is boto3's, not AWS's",
    ),
)
