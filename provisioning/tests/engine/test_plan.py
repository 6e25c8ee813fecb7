import pytest

from provisioning.engine import passing
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, decide, plan, plan_teardown
from provisioning.engine.problem import Problem
from provisioning.engine.resource import Given, Lives, State

from .world import Cattle, Data, Kept, Revised, Thing, refusal

RIGHT = {"shape": "round", "size": 1, "label": ""}


def actions(plan_):
    return {step.resource.name: step.action for step in plan_.steps}


def test_what_is_absent_is_to_be_created_with_all_its_values(world):
    (step,) = plan(Graph(Thing(name="a")), world).steps
    assert step.action is Action.CREATE
    assert step.values == RIGHT


def test_what_is_as_wanted_is_kept(world):
    world.things["a"] = Kept(RIGHT)
    plan_ = plan(Graph(Thing(name="a")), world)
    assert actions(plan_) == {"a": Action.KEEP}
    assert plan_.empty


def test_only_the_values_that_differ_are_changed(world):
    world.things["a"] = Kept({**RIGHT, "size": 7, "unasked": 1})
    (step,) = plan(Graph(Thing(name="a")), world).steps
    assert step.action is Action.UPDATE
    assert step.changes["size"].before == 7
    assert step.values == {"size": 1}


def test_a_change_that_aws_cannot_make_in_place_is_blocked_with_a_sentence(world):
    world.things["a"] = Kept({**RIGHT, "shape": "square"})
    (step,) = plan(Graph(Thing(name="a")), world).steps
    assert step.action is Action.BLOCKED
    assert step.why.startswith("AWS cannot change shape in place: set the former value again")


def test_what_carries_our_name_but_not_our_tag_is_blocked(world):
    world.things["a"] = Kept(RIGHT, ours=False)
    (step,) = plan(Graph(Thing(name="a")), world).steps
    assert step.action is Action.BLOCKED


def test_what_failed_is_replaced_only_where_it_holds_nothing(world):
    world.things["a"] = Kept(RIGHT, state=State.FAILED, word="CREATE_FAILED")
    world.things["b"] = Kept(RIGHT, state=State.FAILED, word="CREATE_FAILED")
    plan_ = plan(Graph(Thing(name="a"), Cattle(name="b")), world)
    assert actions(plan_) == {"a": Action.BLOCKED, "b": Action.REPLACE}
    assert plan_.steps[0].why == "AWS reports it as CREATE_FAILED"


def test_what_aws_is_changing_is_waited_for(world):
    world.things["a"] = Kept({}, ready_at=100)
    assert actions(plan(Graph(Thing(name="a")), world)) == {"a": Action.WAIT}


def test_a_value_of_something_absent_shows_as_known_later(world):
    a = Thing(name="a")
    b = Thing(name="b", label=Given("see {}", (a, "id")))
    step = plan(Graph(b), world).steps[1]
    assert str(step.values["label"]) == "(known after Thing a id)"


def test_a_new_revision_changes_what_needs_it_in_the_plan_already(world):
    a = Revised(name="a", size=2)
    b = Thing(name="b", label=Given("see {}", (a, "arn")))
    world.things["a"] = Kept(RIGHT)
    world.things["b"] = Kept({**RIGHT, "label": "see arn:a"})
    assert actions(plan(Graph(b), world)) == {"a": Action.UPDATE, "b": Action.UPDATE}


def test_a_plan_only_reads(world):
    plan(Graph(Thing(name="a")), world)
    assert {call for call, _, _ in world.calls} == {"find"}


def test_what_cannot_be_looked_up_ends_the_plan_with_its_name_and_what_aws_said(world):
    world.refuses["find", "a"] = [refusal("AccessDenied", "not you")]
    with pytest.raises(Problem) as raised:
        plan(Graph(Thing(name="a")), world)
    assert str(raised.value).startswith('Thing a: could not be looked up. AWS says: "AccessDenied: not you".')


def test_what_passes_is_waited_for_in_a_plan_too(world, monkeypatch):
    monkeypatch.setattr(passing, "PAUSES", (0.001,) * 5)
    world.refuses["find", "a"] = [refusal("ThrottlingException")] * 5
    assert not plan(Graph(Thing(name="a")), world).empty
    world.refuses["find", "a"] = [refusal("ThrottlingException", "Rate exceeded")] * 6
    with pytest.raises(Problem, match=r"Thing a: could not be looked up\..*Rate exceeded"):
        plan(Graph(Thing(name="a")), world)


def test_the_plan_takes_as_long_as_its_longest_chain(world):
    a = Thing(name="a")
    world.things["a"] = Kept(RIGHT)
    b = Thing(name="b", on=(a,))
    plan_ = plan(Graph(Thing(name="d", on=(b,)), Thing(name="c", on=(a,))), world)
    assert [each.name for each in plan_.longest_chain] == ["b", "d"]
    assert plan_.usual == 20


def test_teardown_goes_backwards_and_leaves_data_and_what_data_needs(world):
    net = Thing(name="net")
    data = Data(name="data", on=(net,))
    web = Thing(name="web", on=(data,))
    for name in ("net", "data", "web"):
        world.things[name] = Kept(RIGHT)
    plan_ = plan_teardown(Graph(web), world, data=False)
    assert [step.resource.name for step in plan_.steps] == ["web", "data", "net"]
    assert actions(plan_) == {"web": Action.DELETE, "data": Action.LEAVE, "net": Action.LEAVE}
    assert set(actions(plan_teardown(Graph(web), world, data=True)).values()) == {Action.DELETE}


def test_where_there_is_no_data_teardown_leaves_nothing_for_it(world):
    net = Thing(name="net")
    world.things["net"] = Kept(RIGHT)
    plan_ = plan_teardown(Graph(Data(name="data", on=(net,))), world, data=False)
    assert actions(plan_) == {"data": Action.ABSENT, "net": Action.DELETE}


def test_teardown_never_takes_what_is_not_ours(world):
    world.things["a"] = Kept(RIGHT, ours=False)
    assert actions(plan_teardown(Graph(Thing(name="a")), world, data=True)) == {"a": Action.BLOCKED}


def test_deciding_needs_nothing_but_what_is_handed_in():
    assert decide(Thing(name="a"), None, Lives()).action is Action.CREATE
