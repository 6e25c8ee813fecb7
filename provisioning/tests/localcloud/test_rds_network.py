"""Where a cluster lies: its subnets and its security groups."""

from dataclasses import dataclass
from typing import Any

import pytest

from .conftest import REGION, Aws
from .databases import Databases, refused


@pytest.fixture(scope="module")
def databases(aws: Aws) -> Databases:
    return Databases(aws)


@dataclass
class Network:
    vpc: str
    subnets: list[str]
    security_group: str


@pytest.fixture(scope="module")
def ec2(aws: Aws) -> Any:
    return aws.client("ec2")


@pytest.fixture(scope="module")
def network(ec2: Any) -> Network:
    return make_network(ec2, "10.77")


def make_network(ec2: Any, prefix: str) -> Network:
    vpc = ec2.create_vpc(CidrBlock=f"{prefix}.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"{prefix}.{n}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for n, zone in enumerate("aab")
    ]
    group = ec2.create_security_group(VpcId=vpc, GroupName="databases", Description="databases")["GroupId"]
    return Network(vpc, [each["SubnetId"] for each in subnets], group)


def make_group(databases: Databases, name: str, subnets: list[str]) -> Any:
    return databases.api.create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="of a test", SubnetIds=subnets
    )


def test_a_subnet_group_spans_two_zones(databases: Databases, network: Network) -> None:
    """botocore's model: DBSubnetGroupDoesNotCoverEnoughAZs, InvalidSubnet, DBSubnetGroupAlreadyExists (as a code)."""
    same_zone = network.subnets[:2]
    refused(lambda: make_group(databases, "narrow", same_zone), "DBSubnetGroupDoesNotCoverEnoughAZs", f"{REGION}a")
    refused(lambda: make_group(databases, "unknown", ["subnet-0123", *same_zone]), "InvalidSubnet")
    made = make_group(databases, "Wide", network.subnets)["DBSubnetGroup"]
    assert (made["DBSubnetGroupName"], made["VpcId"]) == ("wide", network.vpc)
    refused(lambda: make_group(databases, "wide", network.subnets), "DBSubnetGroupAlreadyExists")
    refused(
        lambda: databases.api.modify_db_subnet_group(DBSubnetGroupName="wide", SubnetIds=same_zone),
        "DBSubnetGroupDoesNotCoverEnoughAZs",
    )
    databases.api.delete_db_subnet_group(DBSubnetGroupName="wide")
    refused(
        lambda: databases.api.delete_db_subnet_group(DBSubnetGroupName="wide"),
        "DBSubnetGroupNotFoundFault",
    )


def test_a_cluster_lies_in_its_groups(databases: Databases, ec2: Any, network: Network) -> None:
    """botocore's model: DBSubnetGroup is a name at the cluster, a structure at the instance."""
    make_group(databases, "placed", network.subnets)
    databases.create("placed", DBSubnetGroupName="placed", VpcSecurityGroupIds=[network.security_group])
    databases.wait("placed")
    shown = databases.describe("placed")
    assert shown["DBSubnetGroup"] == "placed"
    assert shown["VpcSecurityGroups"] == [{"VpcSecurityGroupId": network.security_group, "Status": "active"}]
    instance = databases.create_instance("placed", "placed-1")["DBInstance"]
    assert instance["DBSubnetGroup"]["VpcId"] == network.vpc
    assert instance["VpcSecurityGroups"] == shown["VpcSecurityGroups"]
    refused(
        lambda: databases.api.delete_db_subnet_group(DBSubnetGroupName="placed"),
        "InvalidDBSubnetGroupStateFault",
        "at least one database cluster: placed is still using it",
    )


def test_the_vpcs_own_security_group_stands_in(databases: Databases, ec2: Any, network: Network) -> None:
    """AWS documents: without VpcSecurityGroupIds, the VPC's default one."""
    make_group(databases, "defaulted", network.subnets)
    [group] = databases.create("defaulted", DBSubnetGroupName="defaulted")["VpcSecurityGroups"]
    [found] = ec2.describe_security_groups(GroupIds=[group["VpcSecurityGroupId"]])["SecurityGroups"]
    assert (found["GroupName"], found["VpcId"]) == ("default", network.vpc)


def test_what_is_not_there_is_refused_as_is_what_lies_elsewhere(
    databases: Databases, ec2: Any, network: Network
) -> None:
    """botocore's model: DBSubnetGroupNotFoundFault; both texts about security groups are from reports."""
    make_group(databases, "elsewhere", network.subnets)
    refused(lambda: databases.create("lost", DBSubnetGroupName="nowhere"), "DBSubnetGroupNotFoundFault")
    unknown = ["sg-0123456789abcdef0"]
    refused(
        lambda: databases.create("lost", DBSubnetGroupName="elsewhere", VpcSecurityGroupIds=unknown),
        "InvalidParameterValue",
        "Invalid security group",
    )
    foreign = [make_network(ec2, "10.78").security_group]
    refused(
        lambda: databases.create("lost", DBSubnetGroupName="elsewhere", VpcSecurityGroupIds=foreign),
        "InvalidParameterCombination",
        "in different VPCs",
    )
    refused(lambda: databases.describe("lost"), "DBClusterNotFoundFault")
    databases.create("moving", DBSubnetGroupName="elsewhere")
    databases.wait("moving")
    modify = databases.api.modify_db_cluster
    refused(
        lambda: modify(DBClusterIdentifier="moving", VpcSecurityGroupIds=unknown),
        "InvalidParameterValue",
        "Invalid security group",
    )
    modify(DBClusterIdentifier="moving", VpcSecurityGroupIds=[network.security_group])
    assert databases.describe("moving")["VpcSecurityGroups"][0]["VpcSecurityGroupId"] == network.security_group
