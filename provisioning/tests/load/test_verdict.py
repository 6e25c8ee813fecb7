from collections import Counter

import pytest

from provisioning.load.panel import Panel, bars, line
from provisioning.load.run import Moment
from provisioning.load.verdict import judge
from provisioning.load.watch import Seen


def moment(p95=0.5, **answers):
    """`_200=7` for seven of 200; an underline within is a space."""
    counted = Counter({word.removeprefix("_").replace("_", " "): many for word, many in answers.items()})
    return Moment(10.0, counted.total() / 10, p95 / 2, p95, p95 * 2, p95 * 3, counted)


def test_a_load_without_an_error_is_stood():
    verdict = judge(moment(_200=990, _304=10))
    assert verdict.held
    assert verdict.errors.text == "Errors: none in 1,000 requests."
    assert verdict.p95.text == "Waiting: 95 of 100 waited 500 ms at most; 3.00 s may be."


@pytest.mark.parametrize("word", ["_404", "_500", "_502", "ConnectionResetError", "no_answer"])
def test_one_visitor_without_an_answer_is_too_many(word):
    verdict = judge(moment(_200=999, **{word: 1}))
    assert not verdict.held
    assert verdict.errors.text == f"Errors: 1 of 1,000 requests: 1 × {word.removeprefix('_').replace('_', ' ')}."


def test_who_finds_no_place_is_told_apart():
    assert "raise MAX_INSTANCES or MAX_CONCURRENCY" in judge(moment(_200=1, _429=1)).errors.text


def test_the_kinds_of_errors_come_with_the_most_frequent_first():
    verdict = judge(moment(_200=10, _500=2, ConnectionResetError=7))
    assert verdict.errors.text.endswith("9 of 19 requests: 7 × ConnectionResetError, 2 × 500.")


def test_waiting_longer_than_may_be_is_not_stood():
    assert judge(moment(p95=3.0, _200=10)).held
    assert not judge(moment(p95=3.01, _200=10)).held
    assert judge(moment(p95=3.01, _200=10), longest=4).held


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("_503_waking", "it slept: `manage.py wake_db` wakes it"),
        ("_503_busy", "raise MAX_INSTANCES"),
        ("_503_lost", "did it restart?"),
        ("_500", "may be why it answered 500"),
    ],
)
def test_the_database_did_not_hold_where_the_site_says_so(word, says):
    database = judge(moment(_200=10, **{word: 1})).database
    assert not database.held
    assert says in database.text


def test_the_database_is_not_praised_by_visitors_who_never_came_to_it():
    assert not judge(moment(ConnectionRefusedError=10)).database.held
    assert not judge(moment()).held


def test_the_connections_that_were_seen_are_told():
    assert judge(moment(_200=10), peak=(24, 808)).database.text.endswith("24 of 808 connections were taken at most.")


def test_a_log_has_a_line_with_what_is_known():
    told = line(moment(_200=120, _500=3), Seen(instances=2))
    assert told == "  10.0 s      12.3 requests/s  p50 250 ms, p95 500 ms, p99 1.00 s, 3 errors, 2 instances"


def test_bars_are_as_high_as_the_highest():
    assert bars([0, 1, 4, 8]) == " ▁▄▇"
    assert bars([0, 0]) == "  "


def test_the_panel_adds_errors_up_and_leaves_out_what_nobody_watches():
    panel = Panel("a load", watched=False)
    for _ in range(3):
        panel.note(moment(_200=8, _500=2), Seen())
    assert panel.now["errors"] == "6"
    assert "instances" not in panel.now


def test_the_panel_waits_for_what_cloudwatch_has_not_told_yet():
    panel = Panel("a load", watched=True)
    panel.note(moment(_200=8), Seen(instances=1))
    assert (panel.now["instances"], panel.now["connections"]) == ("1", "…")
