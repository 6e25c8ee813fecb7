"""Every kind keeps the one contract: found, made, as wanted, gone; each call may come twice."""

import pytest

from provisioning.engine.events import Finished, Unchanged
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, plan
from provisioning.engine.resource import State

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


@pytest.mark.parametrize("kind", ["Bucket", "Repository", "Parameter", "Cluster", "AutoScalingConfiguration"])
def test_a_thing_of_our_name_without_our_tags_is_blocked(environment, kind):
    env = environment(f"ours-{kind[:4].lower()}")
    each = env.the(kind)
    stranger = environment(env.config.env)
    stranger.aws.tags = {"team": "somebody else's"}
    stranger.apply(each)
    (step,) = plan(Graph(each), env.aws).steps
    assert step.action is Action.BLOCKED
    assert "not our tags" in step.why
