"""The ways out of the network: none but a gateway to S3."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

from ...aws import Aws, absent
from ...engine.resource import Live, Lives, Resource, State, Values, in_order, resource
from .names import IN_USE, LAGS, NOT_KNOWN_YET, by_name, named, tags
from .network import Subnet, Vpc


@resource
class RouteTable(Resource):
    """Of private subnets: within the VPC, and to what endpoints add."""

    service: ClassVar[str] = "ec2"
    fixed: ClassVar[frozenset[str]] = frozenset({"vpc"})
    retries: ClassVar = (IN_USE, *LAGS)
    name_limit: ClassVar[int] = 255

    vpc: Vpc
    subnets: tuple[Subnet, ...]

    def find(self, aws: Aws) -> Live | None:
        found = named(
            aws, self, aws.client("ec2").describe_route_tables(Filters=by_name(self))["RouteTables"], "RouteTableId"
        )
        if found is None:
            return None
        return Live(
            id=found["RouteTableId"],
            values={"vpc": found["VpcId"], "subnets": sorted(_associations(found))},
            ours=aws.owns(found.get("Tags", [])),
        )

    def wanted(self, lives: Lives) -> Values:
        return {"vpc": lives[self.vpc].id, "subnets": in_order(lives[each].id for each in self.subnets)}

    def create(self, aws: Aws, wanted: Values) -> Values:
        ec2 = aws.client("ec2")
        made = ec2.create_route_table(VpcId=wanted["vpc"], TagSpecifications=tags(aws, self, "route-table"))
        associated: list[str] = []
        with absent(*NOT_KNOWN_YET):
            for subnet in wanted["subnets"]:
                ec2.associate_route_table(RouteTableId=made["RouteTable"]["RouteTableId"], SubnetId=subnet)
                associated.append(subnet)
        return {**wanted, "subnets": associated}

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        ec2 = aws.client("ec2")
        associated = _associations(ec2.describe_route_tables(RouteTableIds=[live.id])["RouteTables"][0])
        for subnet in set(associated) - set(changes["subnets"]):
            ec2.disassociate_route_table(AssociationId=associated[subnet])
        for subnet in set(changes["subnets"]) - set(associated):
            ec2.associate_route_table(RouteTableId=live.id, SubnetId=subnet)

    def delete(self, aws: Aws, live: Live) -> None:
        ec2 = aws.client("ec2")
        with absent("InvalidRouteTableID.NotFound", "InvalidAssociationID.NotFound"):
            for association in _associations(
                ec2.describe_route_tables(RouteTableIds=[live.id])["RouteTables"][0]
            ).values():
                ec2.disassociate_route_table(AssociationId=association)
            ec2.delete_route_table(RouteTableId=live.id)


@resource
class VpcEndpoint(Resource):
    """A gateway to S3, which costs nothing: the network's only way out."""

    service: ClassVar[str] = "ec2"
    fixed: ClassVar[frozenset[str]] = frozenset({"vpc"})
    retries: ClassVar = LAGS
    name_limit: ClassVar[int] = 255

    vpc: Vpc
    route_table: RouteTable

    def find(self, aws: Aws) -> Live | None:
        listed = aws.client("ec2").describe_vpc_endpoints(Filters=by_name(self))["VpcEndpoints"]
        found = named(aws, self, [each for each in listed if each["State"].lower() != "deleted"], "VpcEndpointId")
        if found is None:
            return None
        word = found["State"].lower()  # its case differs between model and documentation
        states = {"available": State.READY, "failed": State.FAILED, "rejected": State.FAILED}
        return Live(
            id=found["VpcEndpointId"],
            values={"vpc": found["VpcId"], "route_tables": sorted(found.get("RouteTableIds", []))},
            state=states.get(word, State.CHANGING),
            word=word,
            ours=aws.owns(found.get("Tags", [])),
        )

    def wanted(self, lives: Lives) -> Values:
        return {"vpc": lives[self.vpc].id, "route_tables": [lives[self.route_table].id]}

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("ec2").create_vpc_endpoint(
            ClientToken=str(uuid.uuid4()),  # boto3 gives one to CreateRouteTable, but none to this
            VpcEndpointType="Gateway",
            ServiceName=f"com.amazonaws.{aws.region}.s3",
            VpcId=wanted["vpc"],
            RouteTableIds=wanted["route_tables"],
            TagSpecifications=tags(aws, self, "vpc-endpoint"),
        )

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        before, after = set(live.values["route_tables"]), set(changes["route_tables"])
        aws.client("ec2").modify_vpc_endpoint(
            VpcEndpointId=live.id, AddRouteTableIds=sorted(after - before), RemoveRouteTableIds=sorted(before - after)
        )

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("InvalidVpcEndpointId.NotFound", "InvalidVpcEndpoint.NotFound"):
            aws.client("ec2").delete_vpc_endpoints(VpcEndpointIds=[live.id])


def _associations(table: Mapping[str, Any]) -> dict[str, str]:
    """The associations' ids, by subnet."""
    return {
        each["SubnetId"]: each["RouteTableAssociationId"]
        for each in table.get("Associations", [])
        if each.get("SubnetId") and each.get("AssociationState", {}).get("State") not in ("disassociating",)
    }
