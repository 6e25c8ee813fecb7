"""What passes by itself, and what may have been done though nobody said so."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from provisioning.engine import passing
from provisioning.engine.passing import is_lost, passes, patiently

from .world import refusal

NOBODY_THERE = EndpointConnectionError(endpoint_url="http://x")
NO_WAY_THERE = ConnectTimeoutError(endpoint_url="http://x")
NO_ANSWER = ReadTimeoutError(endpoint_url="http://x")


def answered(code, status):
    given = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(given, "CreateVpc")


@pytest.mark.parametrize(
    ("error", "lost"),
    [
        (answered("InternalError", 500), True),
        (answered("Unavailable", 503), True),
        (NO_ANSWER, True),
        (answered("RequestLimitExceeded", 503), False),
        (answered("SlowDown", 503), False),
    ],
)
def test_a_failure_may_have_taken_effect_and_a_throttled_call_has_not(error, lost):
    assert passes(error)
    assert is_lost(error) is lost


def test_what_reads_is_tried_again_until_aws_is_in_the_mood(clock):
    answers = [refusal("Throttling"), NO_ANSWER]
    assert patiently(lambda: raised(answers) or "there", clock) == "there"
    assert clock.time == sum(passing.PAUSES[:2])


@pytest.mark.parametrize(
    "error", [refusal("AccessDenied"), NOBODY_THERE, NO_WAY_THERE], ids=lambda error: type(error).__name__
)
def test_what_patience_does_not_cure_is_told_at_once(clock, error):
    with pytest.raises(type(error)):
        patiently(lambda: raised([error]), clock)
    assert clock.time == 0


def raised(errors):
    if errors:
        raise errors.pop(0)
