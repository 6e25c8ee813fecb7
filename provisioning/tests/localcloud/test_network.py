"""The network: what EC2 refuses to delete, and how new things are found again."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from .conftest import REGION, Aws, wait_for


def refusal(call: Any, **wanted: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as refused:
        call(**wanted)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"]


class Network:
    """A VPC of a test's own, tagged the way the site tags."""

    def __init__(self, ec2: Any) -> None:
        self.ec2 = ec2
        self.tags = [{"Key": "network", "Value": uuid.uuid4().hex}]
        self.vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16", TagSpecifications=self.tagged("vpc"))["Vpc"]["VpcId"]

    def tagged(self, kind: str) -> list[dict[str, Any]]:
        return [{"ResourceType": kind, "Tags": self.tags}]

    @property
    def filters(self) -> list[dict[str, Any]]:
        return [{"Name": "tag:network", "Values": [self.tags[0]["Value"]]}]

    def subnet(self, number: int, zone: str = "a") -> str:
        made = self.ec2.create_subnet(
            VpcId=self.vpc,
            CidrBlock=f"10.20.{number}.0/24",
            AvailabilityZone=f"{self.ec2.meta.region_name}{zone}",
            TagSpecifications=self.tagged("subnet"),
        )
        return made["Subnet"]["SubnetId"]

    def group(self, name: str) -> str:
        made = self.ec2.create_security_group(
            GroupName=name, Description=name, VpcId=self.vpc, TagSpecifications=self.tagged("security-group")
        )
        return made["GroupId"]

    def route_table(self) -> str:
        made = self.ec2.create_route_table(VpcId=self.vpc, TagSpecifications=self.tagged("route-table"))
        return made["RouteTable"]["RouteTableId"]

    def endpoint(self, table: str) -> str:
        made = self.ec2.create_vpc_endpoint(
            VpcId=self.vpc,
            ServiceName=f"com.amazonaws.{REGION}.s3",
            VpcEndpointType="Gateway",
            RouteTableIds=[table],
            TagSpecifications=self.tagged("vpc-endpoint"),
        )
        return made["VpcEndpoint"]["VpcEndpointId"]


@pytest.fixture
def network(aws: Aws) -> Iterator[Network]:
    yield Network(aws.client("ec2"))


def test_everything_is_made_with_its_tags_and_found_by_them(network: Network) -> None:
    """botocore's model: TagSpecifications, and the filter tag:KEY of each Describe operation."""
    ec2 = network.ec2
    subnet, group, table = network.subnet(1), network.group("found"), network.route_table()
    endpoint = network.endpoint(table)
    found = {
        "vpc": [each["VpcId"] for each in ec2.describe_vpcs(Filters=network.filters)["Vpcs"]],
        "subnet": [each["SubnetId"] for each in ec2.describe_subnets(Filters=network.filters)["Subnets"]],
        "group": [each["GroupId"] for each in ec2.describe_security_groups(Filters=network.filters)["SecurityGroups"]],
        "table": [each["RouteTableId"] for each in ec2.describe_route_tables(Filters=network.filters)["RouteTables"]],
        "endpoint": [
            each["VpcEndpointId"] for each in ec2.describe_vpc_endpoints(Filters=network.filters)["VpcEndpoints"]
        ],
    }
    assert found == {
        "vpc": [network.vpc],
        "subnet": [subnet],
        "group": [group],
        "table": [table],
        "endpoint": [endpoint],
    }


def test_a_new_vpc_resolves_names_and_gives_out_none(network: Network) -> None:
    """EC2's guide: enableDnsSupport is on, enableDnsHostnames is off in a VPC that is not the default one."""
    ec2 = network.ec2
    support = ec2.describe_vpc_attribute(VpcId=network.vpc, Attribute="enableDnsSupport")["EnableDnsSupport"]
    names = ec2.describe_vpc_attribute(VpcId=network.vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"]
    assert (support["Value"], names["Value"]) == (True, False)


def test_zones_have_ids(network: Network) -> None:
    """botocore's model: a zone's name differs from one account to another, its id does not."""
    zones = network.ec2.describe_availability_zones()["AvailabilityZones"]
    assert {each["ZoneId"] for each in zones} == {"euw3-az1", "euw3-az2", "euw3-az3"}


def test_a_group_that_another_ones_rule_refers_to_can_not_be_deleted(network: Network) -> None:
    """botocore's model of DeleteSecurityGroup: "… or is referenced by another security group": DependencyViolation."""
    ec2 = network.ec2
    site, database = network.group("site"), network.group("database")
    rule = [{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": site}]}]
    ec2.authorize_security_group_ingress(GroupId=database, IpPermissions=rule)
    code, text = refusal(ec2.delete_security_group, GroupId=site)
    assert (code, text) == ("DependencyViolation", f"resource {site} has a dependent object")
    ec2.revoke_security_group_ingress(GroupId=database, IpPermissions=rule)
    ec2.delete_security_group(GroupId=site)


def test_the_default_group_stays(network: Network) -> None:
    """EC2's guide: CannotDelete."""
    filters = [{"Name": "vpc-id", "Values": [network.vpc]}, {"Name": "group-name", "Values": ["default"]}]
    group = network.ec2.describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    assert refusal(network.ec2.delete_security_group, GroupId=group)[0] == "CannotDelete"


def test_a_vpc_goes_last(network: Network) -> None:
    """botocore's model: "you must … delete all resources that are associated with the VPC"."""
    ec2 = network.ec2
    subnet, group, table = network.subnet(1), network.group("last"), network.route_table()
    endpoint = network.endpoint(table)
    for delete, wanted in (
        (ec2.delete_subnet, {"SubnetId": subnet}),
        (ec2.delete_vpc_endpoints, {"VpcEndpointIds": [endpoint]}),
        (ec2.delete_security_group, {"GroupId": group}),
        (ec2.delete_route_table, {"RouteTableId": table}),
    ):
        code, text = refusal(ec2.delete_vpc, VpcId=network.vpc)
        assert code == "DependencyViolation"
        assert text.endswith("has dependencies and cannot be deleted.")
        delete(**wanted)
    ec2.delete_vpc(VpcId=network.vpc)
    assert ec2.describe_vpcs(Filters=network.filters)["Vpcs"] == []


def test_a_deleted_gateway_endpoint_takes_its_routes_with_it(network: Network) -> None:
    """botocore's model of DeleteVpcEndpoints: it "also deletes the endpoint routes"."""
    ec2 = network.ec2
    table = network.route_table()
    endpoint = network.endpoint(table)

    def routes() -> list[str]:
        found = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
        return [each["DestinationPrefixListId"] for each in found if "DestinationPrefixListId" in each]

    assert len(routes()) == 1
    ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint])
    assert routes() == []
    assert ec2.describe_vpc_endpoints(Filters=network.filters)["VpcEndpoints"] == []


def test_a_deleted_subnet_leaves_its_route_table_free(network: Network) -> None:
    """Believed: the association goes with the subnet, as the console's deletion of a VPC needs it to."""
    ec2 = network.ec2
    subnet, table = network.subnet(1), network.route_table()
    ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    assert refusal(ec2.delete_route_table, RouteTableId=table)[0] == "DependencyViolation"
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_route_table(RouteTableId=table)


def test_a_database_keeps_its_subnets_and_groups(network: Network, aws: Aws) -> None:
    """Believed: a cluster's interfaces are those of its instances; the group is the cluster's own."""
    ec2, rds = network.ec2, aws.client("rds")
    subnets, group = [network.subnet(1, "a"), network.subnet(2, "b")], network.group("held")
    rds.create_db_subnet_group(DBSubnetGroupName="held", DBSubnetGroupDescription="held", SubnetIds=subnets)
    rds.create_db_cluster(
        DBClusterIdentifier="held",
        Engine="aurora-postgresql",
        MasterUsername="master",
        MasterUserPassword="not-a-secret",
        DBSubnetGroupName="held",
        VpcSecurityGroupIds=[group],
        ServerlessV2ScalingConfiguration={"MinCapacity": 0, "MaxCapacity": 1},
    )
    wait_for(lambda: rds.describe_db_clusters(DBClusterIdentifier="held")["DBClusters"][0]["Status"], "available")
    rds.create_db_instance(
        DBInstanceIdentifier="held",
        DBClusterIdentifier="held",
        DBInstanceClass="db.serverless",
        Engine="aurora-postgresql",
    )
    assert refusal(ec2.delete_security_group, GroupId=group)[0] == "DependencyViolation"
    code, text = refusal(ec2.delete_subnet, SubnetId=subnets[0])
    assert code == "DependencyViolation"
    assert text == f"The subnet '{subnets[0]}' has dependencies and cannot be deleted."
    wait_for(
        lambda: rds.describe_db_instances(DBInstanceIdentifier="held")["DBInstances"][0]["DBInstanceStatus"],
        "available",
    )
    rds.delete_db_instance(DBInstanceIdentifier="held")
    rds.delete_db_cluster(DBClusterIdentifier="held", SkipFinalSnapshot=True)
    wait_for(lambda: "held" not in [each["DBClusterIdentifier"] for each in rds.describe_db_clusters()["DBClusters"]])
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=subnets[0])
