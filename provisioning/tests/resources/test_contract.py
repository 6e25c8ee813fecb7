"""Every kind keeps the one contract: found, made, as wanted, gone, and gone once more."""

from dataclasses import dataclass
from typing import Any

import pytest

from provisioning.engine.events import TROUBLES, Blocked, Finished, Skipped, Unchanged
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, find_all, plan
from provisioning.engine.problem import Problem
from provisioning.engine.resource import State
from provisioning.engine.run import apply, teardown
from provisioning.tests.environment import Environment, pointed_at

KINDS = [
    ("Vpc", ""),
    ("Subnet", "-a"),
    ("RouteTable", ""),
    ("VpcEndpoint", ""),
    ("SecurityGroup", "-compute"),
    ("SecurityGroup", "-database"),
    ("SubnetGroup", ""),
    ("Bucket", ""),
    ("Repository", ""),
    ("Project", ""),
    ("Image", ""),
    ("Role", "-pull"),
    ("Role", "-site"),
    ("Role", "-build"),
    ("Role", "-operations"),
    ("RolePolicy", ""),
    ("Parameter", ""),
    ("LogGroup", "-operations"),
    ("Cluster", ""),
    ("Instance", ""),
    ("User", ""),
    ("Function", ""),
    ("Operation", ":release"),
    ("Operation", ":first-superuser"),
    ("Operation", ":site-address"),
    ("AutoScalingConfiguration", ""),
    ("VpcConnector", ""),
    ("Service", ""),
    ("ServiceLogGroup", "/application"),
    ("MovingTag", ""),
]
NAMELESS = {"Vpc", "RouteTable", "VpcEndpoint"}
"""Of these EC2 makes as many as it is asked for."""
each_kind = pytest.mark.parametrize(("kind", "ending"), KINDS)


@dataclass
class Life:
    """What one environment went through: what was found, planned and told, by resource."""

    env: Environment
    before: dict[Any, Any]
    first_plan: Any
    made: dict[Any, Any]
    second_plan: Any
    again: list[Any]
    removed: list[Any]
    after: dict[Any, Any]
    once_more: list[Any]


@pytest.fixture(scope="module")
def life(cloud, tiny):
    with pointed_at(cloud):
        env = Environment("contract", tiny)
        graph = env.site
        before, first_plan = find_all(graph, env.aws), plan(graph, env.aws)
        env.apply(*graph)
        made, second_plan, again = find_all(graph, env.aws), plan(graph, env.aws), list(apply(graph, env.aws))
        removed = env.teardown(*env.everything)
        yield Life(
            env=env,
            before=before,
            first_plan=first_plan,
            made=made,
            second_plan=second_plan,
            again=again,
            removed=removed,
            after=find_all(graph, env.aws),
            once_more=env.teardown(*env.everything),
        )


@pytest.fixture(scope="module")
def strangers(cloud, tiny):
    """An environment of our name that carries somebody else's tags."""
    with pointed_at(cloud):
        ours, theirs = (Environment("stranger", tiny) for _ in range(2))
        theirs.aws.tags = {"team": "somebody else's"}
        theirs.apply(*theirs.site)
        yield ours, theirs
        theirs.teardown(*theirs.everything)


def test_every_kind_of_the_stack_is_among_these(life):
    assert {each.kind for each in life.env.everything} == {kind for kind, _ in KINDS}


@each_kind
def test_what_is_absent_is_not_found_and_would_be_created(life, kind, ending):
    each = life.env.the(kind, ending)
    assert life.before[each] is None
    assert {step.resource: step.action for step in life.first_plan.steps}[each] is Action.CREATE


@each_kind
def test_what_was_made_is_found_ready_and_ours_and_as_wanted(life, kind, ending):
    each = life.env.the(kind, ending)
    assert (life.made[each].state, life.made[each].ours) == (State.READY, True)
    assert {step.resource: step.action for step in life.second_plan.steps}[each] is Action.KEEP
    assert {type(event) for event in life.again if event.resource == each} == {Unchanged}


@each_kind
def test_what_was_removed_is_gone_and_removing_it_once_more_says_nothing(life, on_local_aws, kind, ending):
    each = life.env.the(kind, ending)
    ends = {type(event) for event in life.removed if event.resource == each and isinstance(event, Finished)}
    assert ends == (set() if each.within else {Finished})  # else it went with what it lies in
    assert life.after[each] is None
    assert life.once_more == []
    if not each.within:
        each.delete(life.env.aws, life.made[each])


@each_kind
def test_a_thing_of_our_name_without_our_tags_is_blocked(strangers, on_local_aws, kind, ending):
    ours, _ = strangers
    each = ours.the(kind, ending)
    step = plan(Graph(each), ours.aws).steps[-1]
    assert (step.resource, step.action) == (each, Action.BLOCKED)
    assert "not our tags" in step.why


def test_what_is_not_ours_survives_a_teardown_with_data(strangers, on_local_aws):
    ours, theirs = strangers
    assert {type(event) for event in teardown(ours.everything, ours.aws, data=True)} <= {Blocked, Skipped}
    assert all(find_all(theirs.site, theirs.aws).values())


def test_a_creation_that_is_asked_for_twice_makes_one_thing(environment):
    """The answer to a first call may be lost: the engine then meets AWS's "exists already"."""
    env = environment("twice")
    with pytest.MonkeyPatch.context() as patch:
        for kind in {type(each) for each in env.site if each.kind not in NAMELESS}:
            patch.setattr(kind, "create", twice(kind.create))
        events = list(apply(env.site, env.aws))
    assert [event for event in events if isinstance(event, TROUBLES)] == []
    assert plan(env.site, env.aws).empty


def twice(create):
    def create_twice(self, aws, wanted):
        create(self, aws, wanted)
        create(self, aws, wanted)

    return create_twice


def test_of_two_that_are_ours_none_is_taken(environment):
    env = environment("two")
    vpc, ec2 = env.the("Vpc"), env.client("ec2")
    env.apply(vpc)
    first = vpc.find(env.aws).id
    vpc.create(env.aws, {"cidr": vpc.cidr})  # as boto3's own retry does if an answer is lost
    with pytest.raises(Problem, match=r"AWS has 2 with this name and our tags: \S+, \S+\. Remove what nothing uses"):
        vpc.find(env.aws)
    for each in ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": [vpc.name]}])["Vpcs"]:
        if each["VpcId"] != first:
            ec2.delete_vpc(VpcId=each["VpcId"])
    assert plan(Graph(vpc), env.aws).empty
