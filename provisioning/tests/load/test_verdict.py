import pytest

from provisioning.load.verdict import judge

from .moments import moment


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
        ("_503", "may be why it answered 503"),
        ("_504", "may be why it answered 504"),
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


def test_a_database_whose_connections_were_all_taken_did_not_hold():
    assert "no connection left" in judge(moment(_200=10), peak=(808, 808)).database.text
    assert not judge(moment(_200=10), peak=(808, 808)).held
