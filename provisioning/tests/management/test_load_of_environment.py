"""`load_test` of an environment: its address, and what CloudWatch tells of it meanwhile."""

import json

import pytest
from django.core.management import CommandError


def test_an_environments_own_address_is_visited_and_cloudwatch_tells_beside(manage, standing):
    standing.apply(standing.the("Service"))
    told = [
        json.loads(each)
        for each in manage("load_test", "--env", "standing", "-c", "1", "-z", "2s", "--json").splitlines()
    ]
    moments = [each for each in told if each["event"] == "moment"]
    assert {"instances", "connections", "capacity"} <= set(moments[0])
    assert any(each["instances"] == 1 for each in moments)
    assert told[-1]["held"]
    assert set(told[-2]["answers"]) == {"200"}


def test_where_nothing_runs_nobody_is_visited(manage, environment):
    environment("unvisited")
    with pytest.raises(CommandError) as raised:
        manage("load_test", "--env", "unvisited")
    assert str(raised.value).startswith("scale0-unvisited: nobody to visit. Nothing runs it")
