"""Every kind keeps the one contract: found, made, as wanted, gone, and gone once more."""

import pytest

from provisioning.engine.events import Blocked, Finished, Skipped, Unchanged
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, plan
from provisioning.engine.resource import State
from provisioning.engine.run import teardown

KINDS = [
    ("Bucket", ""),
    ("Repository", ""),
    ("Image", ""),
    ("Role", "-pull"),
    ("Role", "-site"),
    ("Parameter", ""),
    ("Cluster", ""),
    ("Instance", ""),
    ("AutoScalingConfiguration", ""),
    ("Service", ""),
]


def test_every_kind_of_the_stack_is_among_these(environment):
    everything = environment("kinds").everything
    assert {each.kind for each in everything} == {kind for kind, _ in KINDS}


@pytest.mark.parametrize(("kind", "ending"), KINDS)
def test_a_kind_keeps_the_contract(environment, kind, ending):
    env = environment(f"c{KINDS.index((kind, ending))}")
    each = env.the(kind, ending)
    graph = Graph(each)

    assert each.find(env.aws) is None
    assert plan(graph, env.aws).steps[-1].action is Action.CREATE

    env.apply(each)
    live = each.find(env.aws)
    assert (live.state, live.ours) == (State.READY, True)
    assert plan(graph, env.aws).empty
    assert {type(event) for event in env.apply(each)} == {Unchanged}

    events = env.teardown(*graph)
    assert {type(event) for event in events if event.resource == each} >= {Finished}
    assert each.find(env.aws) is None
    each.delete(env.aws, live)  # once more says nothing
    assert env.teardown(*graph) == []


@pytest.mark.parametrize(("kind", "ending"), KINDS)
def test_a_thing_of_our_name_without_our_tags_is_blocked_and_survives_a_teardown(environment, kind, ending):
    env = environment(f"o{KINDS.index((kind, ending))}")
    each = env.the(kind, ending)
    stranger = environment(env.config.env)
    stranger.aws.tags = {"team": "somebody else's"}
    stranger.apply(each)

    step = plan(Graph(each), env.aws).steps[-1]
    assert (step.resource, step.action) == (each, Action.BLOCKED)
    assert "not our tags" in step.why

    events = list(teardown(Graph(each), env.aws, data=True))
    assert {type(event) for event in events} <= {Blocked, Skipped}
    assert each.find(stranger.aws) is not None


@pytest.mark.parametrize(("kind", "ending"), [each for each in KINDS if each[0] != "Image"])
def test_a_creation_that_is_asked_for_twice_makes_one_thing(environment, kind, ending):
    """The answer to a first call may be lost: the engine then meets AWS's "exists already"."""
    env = environment(f"t{KINDS.index((kind, ending))}")
    each = env.the(kind, ending)
    create = type(each).create

    def create_twice(self, aws, wanted):
        create(self, aws, wanted)
        if self == each:
            create(self, aws, wanted)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(each), "create", create_twice)
        env.apply(each)
    assert plan(Graph(each), env.aws).empty
