"""Where a database lies: groups of subnets, and the security groups before it."""

from collections.abc import Sequence
from typing import Any

from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models import ec2_backends
from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue, InvalidSubnet
from moto.rds.models import DBSubnetGroup, RDSBackend

from ..errors import AwsError


def find_subnets(backend: RDSBackend, ids: Sequence[str]) -> list[Any]:
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    found = []
    for each in ids:
        try:
            found.append(ec2.get_subnet(each))
        except InvalidSubnetIdError:
            raise InvalidSubnet(each) from None
    return found


def must_span_two_zones(subnets: Sequence[Any]) -> None:
    """The code and the rule are botocore's model's, the text is from reports."""
    if len({each.vpc_id for each in subnets}) > 1:
        raise InvalidSubnet(", ".join(each.id for each in subnets))
    zones = sorted({each.availability_zone for each in subnets})
    if len(zones) < 2:
        raise AwsError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(zones)}. Add subnets to cover at least 2 AZs.",
        )


def find_group(backend: RDSBackend, name: str) -> DBSubnetGroup:
    if name not in backend.subnet_groups:
        raise AwsError("DBSubnetGroupNotFoundFault", f"DB subnet group '{name}' does not exist.")
    return backend.subnet_groups[name]


def security_groups(
    backend: RDSBackend, asked: Sequence[str] | None, subnet_group: DBSubnetGroup | None
) -> list[str] | None:
    """Those that were asked for, or else the VPC's own; the texts are from reports."""
    ec2 = ec2_backends[backend.account_id][backend.region_name]
    if not asked:
        own = ec2.get_default_security_group(subnet_group.vpc_id) if subnet_group else None
        return [own.id] if own else None
    for each in asked:
        found = ec2.get_security_group_from_id(each)
        if found is None:
            raise InvalidParameterValue(f"Invalid security group , groupId= {each}, groupName=.")
        if subnet_group and found.vpc_id != subnet_group.vpc_id:
            raise InvalidParameterCombination(
                "The DB instance and EC2 security group are in different VPCs. "
                f"The DB instance is in {subnet_group.vpc_id} and the EC2 security group is in {found.vpc_id}"
            )
    return list(asked)


def must_be_unused(backend: RDSBackend, name: str) -> None:
    """The code is botocore's model's, the text is from reports, where it speaks of an instance."""
    for cluster in backend.clusters.values():
        if cluster.db_subnet_group_name.lower() == name.lower():
            raise AwsError(
                "InvalidDBSubnetGroupStateFault",
                f"Cannot delete the subnet group '{name}' because at least one database cluster: "
                f"{cluster.db_cluster_identifier} is still using it.",
            )
