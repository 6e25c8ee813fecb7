import json

from provisioning.console import duration, event_json, existing_text, line, plan_text, step_json
from provisioning.engine.events import Blocked, Failed, Finished, Kept, Skipped, Started, Unchanged, Waiting
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, plan, plan_teardown
from provisioning.engine.resource import Given
from provisioning.resources.iam import Role
from provisioning.resources.s3 import Bucket

from .engine.world import Data, FakeClock, Thing, World
from .engine.world import Kept as Has

A = Thing(name="a")
RIGHT = {"shape": "round", "size": 1, "label": ""}


def world(**things):
    return World(FakeClock(), {name: Has(values) for name, values in things.items()})


def test_a_plan_says_what_comes_changes_and_stays():
    b = Thing(name="b", size=2, label=Given("see {}", (A, "id")))
    text = plan_text(plan(Graph(b, Thing(name="c"), Thing(name="d")), world(c={**RIGHT, "size": 7}, d=RIGHT)))
    assert text == (
        "  + Thing a\n"
        "      shape  round\n"
        "      size   1\n"
        "      label  \n"
        "  + Thing b\n"
        "      shape  round\n"
        "      size   2\n"
        "      label  (known after Thing a id)\n"
        "  ~ Thing c\n"
        "      size  7 → 1\n"
        "  = Thing d\n"
        "\n"
        "2 to create, 1 to change, 1 as they should be.\n"
        "Usually takes 20 s on AWS; the longest chain is Thing a → Thing b."
    )


def test_a_plan_with_nothing_to_do_says_so():
    assert plan_text(plan(Graph(A), world(a=RIGHT))).endswith("Nothing to do: all 1 are as they should be.")


def test_a_blocked_plan_says_why_and_that_nothing_can_be_done():
    text = plan_text(plan(Graph(A), world(a={**RIGHT, "shape": "square"})))
    assert "  ! Thing a: AWS cannot change shape in place: " in text
    assert "\n      shape  square → round\n" in text
    assert text.endswith("Blocked: Thing a. Nothing can be done until a person decides.")


def test_only_what_differs_in_a_nested_value_is_shown():
    text = plan_text(plan(Graph(A), world(a={**RIGHT, "shape": "round", "size": {"high": 1}})))
    assert "size.high  1 → nothing" in text
    assert "size       nothing → 1" in text


def test_a_teardown_says_what_goes_and_what_stays():
    web = Thing(name="web", on=(Data(name="data"),))
    text = plan_text(plan_teardown(Graph(web), world(web=RIGHT, data=RIGHT), data=False))
    assert text == "  - Thing web\n  = Data data: it holds data\n\n1 to remove, 1 kept."


def test_a_teardown_of_nothing_says_so():
    assert plan_text(plan_teardown(Graph(A), world(), data=False)) == "Nothing to remove."


def test_each_event_is_one_line():
    events = [
        Started(A, 0.0, Action.CREATE),
        Waiting(A, 1.0, "OPERATION_IN_PROGRESS"),
        Finished(A, 12.34, Action.CREATE, 12.34),
        Unchanged(A, 0.1),
        Kept(A, 0.1, "it holds data"),
        Skipped(A, 0.1, Thing(name="b")),
        Blocked(A, 0.1, "not ours"),
        Failed(A, 100.0, "Thing a: could not be created. No."),
    ]
    assert [line(event) for event in events] == [
        "   0.0 s  Thing a: creating",
        "   1.0 s  Thing a: OPERATION_IN_PROGRESS",
        "  12.3 s  Thing a: created in 12.3 s",
        "   0.1 s  Thing a: as it should be",
        "   0.1 s  Thing a: kept: it holds data",
        "   0.1 s  Thing a: skipped, because of Thing b",
        "   0.1 s  Thing a: blocked: not ours",
        " 100.0 s  Thing a: could not be created. No.",
    ]


def test_each_event_is_one_json_object():
    data = event_json(Skipped(A, 1.2345, Thing(name="b")))
    assert json.loads(json.dumps(data)) == {
        "event": "skipped",
        "kind": "Thing",
        "name": "a",
        "at": 1.23,
        "because": "Thing b",
    }


def test_a_step_is_one_json_object_with_what_is_known_later_in_words():
    step = plan(Graph(Thing(name="b", label=Given("see {}", (A, "id")))), world()).steps[1]
    data = json.loads(json.dumps(step_json(step)))
    assert (data["step"], data["kind"], data["name"]) == ("create", "Thing", "b")
    assert data["changes"]["label"] == {"before": None, "after": "(known after Thing a id)"}


def test_durations_read_as_a_person_says_them():
    assert [duration(each) for each in (0.4, 59, 89, 90, 600)] == ["0 s", "59 s", "89 s", "2 min", "10 min"]


def test_what_exists_is_listed_with_what_it_costs():
    bucket = Bucket(name="a-bucket")
    role = Role(name="a-role", path="/", trusts="tasks.apprunner.amazonaws.com", allows=())
    assert existing_text([role, bucket]) == (
        "AWS has 2 of them now; while nobody looks they cost about $0.02 a month:\n"
        "  Bucket a-bucket  $0.02 a month\n"
        "  and 1 that cost nothing or next to it"
    )
    assert existing_text([]) == "AWS has nothing of it."
