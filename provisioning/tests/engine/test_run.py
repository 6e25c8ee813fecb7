import pytest
from botocore.exceptions import ReadTimeoutError

from provisioning.engine.events import Blocked, Failed, Finished, Kept, Output, Skipped, Unchanged, Waiting
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, plan
from provisioning.engine.problem import SIGN_IN
from provisioning.engine.resource import Given, State
from provisioning.engine.run import apply, teardown

from .world import Cattle, Data, Shy, Thing, Unrepeatable, refusal, told
from .world import Kept as Has

RIGHT = {"shape": "round", "size": 1, "label": ""}


@pytest.fixture
def run(world, clock):
    def go(*roots):
        return list(apply(Graph(*roots), world, clock))

    return go


@pytest.fixture
def remove(world, clock):
    def go(*roots, data=False):
        return list(teardown(Graph(*roots), world, data=data, clock=clock))

    return go


def one(events, kind):
    (event,) = [event for event in events if isinstance(event, kind)]
    return event


# making


def test_a_second_run_changes_nothing(world, run):
    a = Thing(name="a")
    assert told(run(a)) == ["Started a", "Finished a"]
    assert plan(Graph(a), world).empty
    assert told(run(a)) == ["Unchanged a"]


def test_what_does_not_need_each_other_is_made_at_the_same_time(world, clock, run):
    a, b = Thing(name="a"), Thing(name="b")
    world.takes = {"a": 100, "b": 100, "c": 100}
    run(Thing(name="c", on=(a, b)))
    began = {name: at for call, name, at in world.calls if call == "create"}
    assert began["a"] == began["b"] == 0
    assert began["c"] >= 100
    assert clock.time < 215


def test_it_is_done_when_aws_says_so_not_when_the_call_returns(world, run):
    world.takes["a"] = 60
    events = run(Thing(name="a"))
    assert told(events) == ["Started a", "Waiting a", "Finished a"]
    assert one(events, Waiting).word == "changing"
    assert 60 <= one(events, Finished).took < 66


def test_values_of_what_was_just_made_reach_what_needs_them(world, run):
    a = Thing(name="a")
    run(Thing(name="b", label=Given("see {}", (a, "id"))))
    assert world.things["b"].values["label"] == "see id-a"


def test_what_aws_lists_late_is_not_made_twice(world, run):
    world.lists_late["a"] = 20
    events = run(Thing(name="a"))
    assert told(events) == ["Started a", "Waiting a", "Finished a"]
    assert one(events, Waiting).word == "not listed yet"
    assert world.names("create") == ["a"]


def test_what_never_shows_is_given_up_when_it_should_have_and_says_why(world, clock, run):
    world.lists_late["a"] = 10_000
    failed = one(run(Shy(name="a")), Failed)
    assert failed.problem.startswith("Shy a: created, and not there after 6")
    assert "It hides" in failed.problem
    assert 60 < clock.time < 70


def test_of_values_that_aws_takes_one_after_the_other_the_rest_comes_with_the_next_look(world, clock, run):
    world.things["a"] = Has({**RIGHT, "size": 7, "shape": "round", "label": "old"})
    world.one_at_a_time.add("a")
    events = run(Thing(name="a"))
    assert told(events) == ["Started a", "Finished a"]
    assert world.names("update") == ["a", "a"]
    assert clock.time < 10


def test_a_change_is_made_to_the_values_that_differ_alone(world, run):
    world.things["a"] = Has({**RIGHT, "size": 7, "other": 5})
    events = run(Thing(name="a"))
    assert one(events, Finished).action is Action.UPDATE
    assert world.things["a"].values == {**RIGHT, "other": 5}


def test_a_change_that_shows_late_is_waited_for_and_not_asked_for_again(world, run):
    world.things["a"] = Has({**RIGHT, "size": 7})
    world.lags["a"] = 30
    events = run(Thing(name="a"))
    assert told(events) == ["Started a", "Waiting a", "Finished a"]
    assert world.names("update") == ["a"]
    assert one(events, Finished).took >= 30


def test_a_value_that_shows_late_after_creation_is_waited_for(world, run):
    world.lags["a"] = 30
    assert told(run(Thing(name="a")))[-1] == "Finished a"
    assert world.names("create") == ["a"]
    assert world.names("update") == []


def test_a_change_that_aws_accepts_and_forgets_is_asked_for_again(world, run):
    world.things["a"] = Has({**RIGHT, "size": 7})
    world.forgets["a"] = 1
    assert told(run(Thing(name="a")))[-1] == "Finished a"
    assert world.names("update") == ["a", "a"]


def test_a_change_that_never_shows_ends_with_what_still_differs(world, clock, run):
    world.things["a"] = Has({**RIGHT, "size": 7})
    world.forgets["a"] = 99
    failed = one(run(Thing(name="a")), Failed)
    assert "not changed after 300 s" in failed.problem
    assert "Still different: size is 7 and should be 1" in failed.problem
    assert 300 < clock.time < 310


def test_what_a_thing_prints_is_told_as_it_comes_each_line_once(world, run):
    world.takes["a"] = 60
    world.prints["a"] = ((5, "first\n"), (6, "second\n"), (50, "third\n"))
    printed = [event for event in run(Thing(name="a")) if isinstance(event, Output)]
    assert "".join(f"{event.text}\n" for event in printed) == "first\nsecond\nthird\n"
    assert len(printed) > 1
    assert printed[-1].at >= 50


def test_what_a_thing_printed_in_its_life_is_not_told_again(world, run):
    world.things["a"] = Has(dict(RIGHT), prints=((-9, "old news\n"),))
    assert told(run(Thing(name="a"))) == ["Unchanged a"]


def test_a_run_that_finds_something_under_way_tells_what_it_prints(world, run):
    world.things["a"] = Has(dict(RIGHT), ready_at=30, prints=((-9, "before\n"), (20, "after\n")))
    printed = [event.text for event in run(Thing(name="a")) if isinstance(event, Output)]
    assert printed == ["before", "after"]


def test_a_creation_that_never_ends_says_what_aws_still_reports(world, run):
    world.takes["a"] = 10_000
    failed = one(run(Thing(name="a")), Failed)
    assert "not created after 300 s. AWS still reports it as changing" in failed.problem


def test_a_change_that_aws_rolls_back_fails_with_its_words(world, run):
    world.things["a"] = Has({**RIGHT, "size": 7}, setback="operation 1 FAILED")
    world.rolls_back["a"] = "operation 2 ROLLBACK_SUCCEEDED"
    failed = one(run(Thing(name="a")), Failed)
    assert 'AWS says: "operation 2 ROLLBACK_SUCCEEDED"' in failed.problem


def test_what_is_being_changed_by_somebody_else_is_waited_for_first(world, run):
    world.things["a"] = Has({**RIGHT, "size": 7}, ready_at=20)
    run(Thing(name="a"))
    assert [at >= 20 for call, _, at in world.calls if call == "update"] == [True]


def test_what_failed_and_holds_nothing_is_removed_and_made_again(world, run):
    world.things["a"] = Has(RIGHT, state=State.FAILED, word="CREATE_FAILED")
    world.takes["a"] = 5
    events = run(Cattle(name="a"))
    assert one(events, Finished).action is Action.REPLACE
    assert world.names("delete") == ["a"]
    assert world.things["a"].state is State.READY


def test_what_fails_as_it_is_made_is_not_made_again_in_the_same_run(world, run):
    world.fails["a"] = "CREATE_FAILED"
    failed = one(run(Cattle(name="a")), Failed)
    assert failed.problem.startswith('Cattle a: could not be created. AWS says: "CREATE_FAILED"')
    assert world.names("create") == ["a"]


# refusals


def test_an_error_that_time_cures_is_waited_out(world, run):
    world.refuses["create", "a"] = [refusal("Busy"), refusal("Busy")]
    events = run(Thing(name="a"))
    assert told(events) == ["Started a", "Waiting a", "Finished a"]
    assert one(events, Waiting).word == "Busy, trying again"
    assert world.names("create") == ["a", "a", "a"]


def test_an_error_that_cures_only_for_a_while_fails_after_it(world, clock, run):
    world.refuses["create", "a"] = [refusal("Invalid", "the role spreads")] * 1000
    assert "the role spreads" in one(run(Thing(name="a")), Failed).problem
    assert 60 < clock.time < 70


def test_the_same_code_with_another_message_fails_at_once(world, clock, run):
    world.refuses["create", "a"] = [refusal("Invalid", "no such shape")]
    assert "no such shape" in one(run(Thing(name="a")), Failed).problem
    assert clock.time == 0


def test_throttling_and_a_lost_connection_pass(world, run):
    world.refuses["find", "a"] = [refusal("Throttling"), ReadTimeoutError(endpoint_url="http://x")]
    assert told(run(Thing(name="a")))[-1] == "Finished a"


def test_a_creation_whose_answer_was_lost_counts(world, run):
    world.loses_answer.add("a")
    assert told(run(Thing(name="a"))) == ["Started a", "Finished a"]
    assert world.names("create") == ["a"]


def test_where_repeating_it_makes_two_a_lost_creation_is_not_repeated_until_it_would_show(world, clock, run):
    world.refuses["create", "a"] = [ReadTimeoutError(endpoint_url="http://x")]
    events = run(Unrepeatable(name="a"))
    assert told(events) == ["Started a", "Waiting a", "Waiting a", "Finished a"]
    first, second = [at for call, _, at in world.calls if call == "create"]
    assert second - first >= Unrepeatable.uncertain


def test_credentials_that_ended_are_told_how_to_mend(world, run):
    world.refuses["create", "a"] = [refusal("ExpiredToken", "The security token included in the request is expired")]
    assert one(run(Thing(name="a")), Failed).problem.endswith(f"{SIGN_IN}.")


def test_a_refusal_has_three_parts(world, run):
    world.refuses["create", "a"] = [refusal("Closed", "no new customers")]
    assert one(run(Thing(name="a")), Failed).problem == (
        'Thing a: could not be created. AWS says: "Closed: no new customers". Run again with another target.'
    )


def test_what_needs_a_failed_resource_is_skipped_and_everything_else_goes_on(world, run):
    a = Thing(name="a")
    world.refuses["create", "a"] = [refusal("AccessDenied")]
    b = Thing(name="b", on=(a,))
    events = run(Thing(name="c", on=(b,)), Thing(name="z"))
    assert sorted(told(events)) == [
        "Failed a",
        "Finished z",
        "Skipped b",
        "Skipped c",
        "Started a",
        "Started z",
    ]
    assert {e.because for e in events if isinstance(e, Skipped)} == {a}


def test_a_run_after_a_failure_goes_on_from_there(world, run):
    a = Thing(name="a")
    world.refuses["create", "b"] = [refusal("AccessDenied")]
    run(Thing(name="b", on=(a,)))
    assert told(run(Thing(name="b", on=(a,)))) == ["Unchanged a", "Started b", "Finished b"]


def test_what_is_not_ours_is_blocked_and_left_alone(world, run):
    world.things["a"] = Has({"size": 99}, ours=False)
    events = run(Thing(name="b", on=(Thing(name="a"),)))
    assert "somebody else's" in one(events, Blocked).why
    assert told(events) == ["Blocked a", "Skipped b"]
    assert world.things["a"].values == {"size": 99}


@pytest.mark.parametrize("stop", range(1, 14))
def test_a_run_that_is_killed_at_any_event_is_ended_by_the_next(world, clock, run, stop):
    a = Thing(name="a")
    b = Thing(name="b", on=(a,), label=Given("see {}", (a, "id")))
    c = Thing(name="c", on=(b,))
    world.takes = {"a": 20, "b": 20, "c": 20}
    for _, _ in zip(range(stop), apply(Graph(c), world, clock), strict=False):
        pass
    run(c)
    assert world.names("create") == ["a", "b", "c"]
    assert plan(Graph(c), world).empty


# removing


@pytest.fixture
def whole(world):
    net = Thing(name="net")
    data = Data(name="data", on=(net,))
    web = Thing(name="web", on=(data,), after=(Thing(name="role"),))
    for name in ("net", "data", "web", "role"):
        world.things[name] = Has(RIGHT)
    return web


def test_teardown_removes_what_nothing_needs_first(world, remove, whole):
    world.takes = {"web": 30}
    remove(whole, data=True)
    assert world.things == {}
    assert world.names("delete")[0] == "web"
    assert world.names("delete").index("data") < world.names("delete").index("net")


def test_teardown_removes_in_parallel(world, clock, remove):
    for name in ("a", "b", "c"):
        world.things[name] = Has(RIGHT)
    world.takes = dict.fromkeys("abc", 100)
    remove(Thing(name="a"), Thing(name="b"), Thing(name="c"))
    assert clock.time < 115


def test_teardown_keeps_data_and_says_so(world, remove, whole):
    events = remove(whole)
    kept = {event.resource.name: event.why for event in events if isinstance(event, Kept)}
    assert kept == {"data": "it holds data", "net": "data that is kept needs it"}
    assert set(world.things) == {"data", "net"}


def test_a_second_teardown_finds_nothing(remove, whole):
    remove(whole, data=True)
    assert remove(whole, data=True) == []


def test_teardown_waits_until_aws_lets_go(world, remove):
    world.things["a"] = Has(RIGHT, ready_at=50)
    remove(Thing(name="a"))
    assert [at >= 50 for call, _, at in world.calls if call == "delete"] == [True]


def test_what_is_needed_by_something_that_cannot_be_removed_is_skipped(world, remove, whole):
    world.refuses["delete", "web"] = [refusal("AccessDenied")]
    events = remove(whole, data=True)
    assert sorted(told(events)) == [
        "Failed web",
        "Skipped data",
        "Skipped net",
        "Skipped role",
        "Started web",
    ]


def test_teardown_leaves_what_is_not_ours(world, remove):
    world.things["a"] = Has(RIGHT, ours=False)
    assert told(remove(Thing(name="a"))) == ["Blocked a"]
    assert "a" in world.things


def test_what_was_kept_is_adopted_by_the_next_apply(world, run, remove, whole):
    remove(whole)
    events = run(whole)
    assert {e.resource.name for e in events if isinstance(e, Unchanged)} == {"net", "data"}


# what a review found


def test_a_repaired_deployment_does_not_fail_for_the_former_one(world, run):
    world.things["a"] = Has({**RIGHT, "size": 7}, setback="operation 1 ROLLBACK_SUCCEEDED")
    world.rolls_back["a"] = ""  # the new operation is no setback, and does not show yet
    assert told(run(Thing(name="a")))[-1] == "Finished a"


def test_an_error_of_awss_own_passes(world, run):
    error = refusal("ServiceFailure")
    error.response["ResponseMetadata"] = {"HTTPStatusCode": 500}
    world.refuses["create", "a"] = [error]
    assert told(run(Thing(name="a")))[-1] == "Finished a"


def test_patience_begins_anew_when_something_is_begun(world, run):
    world.things["a"] = Has({**RIGHT, "size": 7}, ready_at=299)
    world.takes["a"] = 30
    assert told(run(Thing(name="a")))[-1] == "Finished a"


def test_what_aws_has_not_told_yet_never_becomes_a_text(world, run):
    a = Thing(name="a")
    failed = one(run(Thing(name="b", label=Given("see {} {}", (a, "size"), (a, "missing")))), Failed)
    assert "AWS does not tell what it needs for label" in failed.problem
    assert "b" not in world.things
