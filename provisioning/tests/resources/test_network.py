"""What is particular about the network's kinds."""

import dataclasses

import pytest
from botocore.exceptions import ClientError

from provisioning.engine.events import TROUBLES, Failed, Waiting
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action, plan
from provisioning.engine.problem import Problem
from provisioning.engine.run import apply, teardown


def test_the_network_has_no_way_in_and_none_out_but_to_s3(environment):
    env = environment("private")
    env.apply(env.the("VpcEndpoint"), env.the("SecurityGroup", "-database"))
    ec2 = env.client("ec2")
    here = [{"Name": "vpc-id", "Values": [env.the("Vpc").find(env.aws).id]}]
    routes = [route for table in ec2.describe_route_tables(Filters=here)["RouteTables"] for route in table["Routes"]]
    assert {route.get("GatewayId", "")[:5] for route in routes} <= {"local", "vpce-"}
    (database,) = ec2.describe_security_groups(GroupNames=[env.the("SecurityGroup", "-database").name])[
        "SecurityGroups"
    ]
    (door,) = database["IpPermissions"]
    assert (door["FromPort"], door["ToPort"], door["IpRanges"]) == (5432, 5432, [])
    assert [each["GroupId"] for each in door["UserIdGroupPairs"]] == [
        env.the("SecurityGroup", "-compute").find(env.aws).id
    ]


@pytest.mark.parametrize(
    ("kind", "ending", "second_step", "listed"),
    [
        ("SecurityGroup", "-database", "authorize_security_group_ingress", "describe_security_groups"),
        ("RouteTable", "", "associate_route_table", "describe_route_tables"),
    ],
)
def test_what_ec2_does_not_know_yet_is_not_made_twice(environment, monkeypatch, kind, ending, second_step, listed):
    env = environment("lag-" + kind[:5].lower())
    each, ec2 = env.the(kind, ending), env.client("ec2")
    really, refused = getattr(ec2, second_step), []

    def not_at_once(**asked):
        if not refused:
            refused.append(asked)
            error = {"Code": "InvalidGroup.NotFound", "Message": "The security group 'sg-1' does not exist"}
            raise ClientError({"Error": error}, second_step)
        return really(**asked)

    monkeypatch.setattr(ec2, second_step, not_at_once)
    env.apply(each)
    assert refused
    (found,) = getattr(ec2, listed)(Filters=[{"Name": "tag:Name", "Values": [each.name]}])[
        "SecurityGroups" if kind == "SecurityGroup" else "RouteTables"
    ]
    assert found["IpPermissions"] if kind == "SecurityGroup" else len(found["Associations"]) == 2


def test_the_two_subnets_are_in_two_zones_that_app_runner_supports(environment):
    env = environment("zones")
    subnets = [env.the("Subnet", "-a"), env.the("Subnet", "-b")]
    zones = [zone["ZoneId"] for zone in env.client("ec2").describe_availability_zones()["AvailabilityZones"]]
    without = [dataclasses.replace(each, not_in=frozenset(zones[:1])) for each in subnets]
    env.apply(*without)
    found = env.client("ec2").describe_subnets(SubnetIds=[each.find(env.aws).id for each in without])["Subnets"]
    used = [each["AvailabilityZoneId"] for each in found]
    assert len(set(used)) == 2
    assert zones[0] not in used


def test_a_region_with_too_few_zones_is_refused_in_the_plan(environment):
    env = environment("few")
    zones = [zone["ZoneId"] for zone in env.client("ec2").describe_availability_zones()["AvailabilityZones"]]
    second = dataclasses.replace(env.the("Subnet", "-b"), not_in=frozenset(zones[1:]))
    with pytest.raises(Problem, match="eu-west-3 has 1 zones that can be used, and this needs 2"):
        plan(Graph(second), env.aws)


def connectors(env):
    return {
        each["VpcConnectorName"]: each["VpcConnectorArn"]
        for each in env.client("apprunner").list_vpc_connectors()["VpcConnectors"]
    }


def test_a_connector_whose_name_is_still_held_gets_the_next_and_is_found_by_it(environment, cloud):
    env = environment("held")
    connector = env.the("VpcConnector")
    env.apply(connector)
    with cloud.hold("apprunner forget"):
        env.teardown(connector)
        env.apply(connector)
        assert f"{connector.name}-2" in connectors(env)
        assert plan(Graph(connector), env.aws).empty
        env.teardown(connector)
    assert connector.find(env.aws) is None


def test_somebodys_connector_of_the_same_subnets_is_named_and_left_alone(environment):
    env = environment("twin")
    connector = env.the("VpcConnector")
    env.apply(*connector.subnets, *connector.security_groups)
    made = env.client("apprunner").create_vpc_connector(
        VpcConnectorName="by-hand",
        Subnets=[each.find(env.aws).id for each in connector.subnets],
        SecurityGroups=[each.find(env.aws).id for each in connector.security_groups],
    )["VpcConnector"]
    step = plan(Graph(connector), env.aws).steps[-1]
    assert step.action is Action.BLOCKED
    assert step.why.startswith("by-hand, without our tags, joins the same subnets")
    env.client("apprunner").delete_vpc_connector(VpcConnectorArn=made["VpcConnectorArn"])


def test_a_connector_of_another_environment_whose_name_looks_like_a_number_of_ours_is_not_taken(environment):
    other = environment("dev-2")
    other.apply(other.the("VpcConnector"))
    env = environment("dev")
    assert env.the("VpcConnector").find(env.aws) is None


def test_a_group_that_is_still_in_use_is_waited_for(environment, cloud):
    """Lambda's interfaces stay for minutes after their function."""
    env = environment("lingers")
    function = env.the("Function")
    env.apply(function)
    events = teardown(Graph(function), env.aws, data=True)
    with cloud.hold("lambda release interfaces"):
        waits = next(each for each in events if isinstance(each, Waiting) and each.resource.kind == "SecurityGroup")
    assert waits.word == "DependencyViolation, trying again"
    assert not [event for event in events if isinstance(event, TROUBLES)]
    assert env.the("SecurityGroup", "-compute").find(env.aws) is None


def test_what_app_runner_says_of_a_zone_that_it_does_not_take_is_told(environment):
    env = environment("unsupported")
    connector = env.the("VpcConnector")
    env.apply(*connector.subnets, *connector.security_groups)
    zones = {zone["ZoneId"] for zone in env.client("ec2").describe_availability_zones()["AvailabilityZones"]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("provisioning.localcloud.apprunner.connectors.UNSUPPORTED_ZONES", frozenset(zones))
        (failed,) = [event for event in apply(Graph(connector), env.aws) if isinstance(event, Failed)]
    assert "Availability Zone" in failed.problem
