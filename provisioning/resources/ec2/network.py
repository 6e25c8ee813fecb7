"""The private network: a VPC and its subnets."""

from __future__ import annotations

from typing import ClassVar

from ...aws import Aws, absent
from ...engine.problem import Problem
from ...engine.resource import Live, Lives, Resource, State, Values, resource
from .names import IN_USE, LAGS, by_name, named, tags


@resource
class Vpc(Resource):
    service: ClassVar[str] = "ec2"
    uncertain: ClassVar[int] = 60
    fixed: ClassVar[frozenset[str]] = frozenset({"cidr"})
    retries: ClassVar = (IN_USE,)
    removal_patience: ClassVar[int] = 3600
    name_limit: ClassVar[int] = 255
    advice: ClassVar = {"VpcLimitExceeded": "Remove a VPC that you no longer need, or ask AWS for a higher quota"}

    cidr: str

    def find(self, aws: Aws) -> Live | None:
        listed = aws.client("ec2").describe_vpcs(Filters=by_name(self))["Vpcs"]
        found = named(aws, self, listed, "VpcId")
        if found is None:
            return None
        return Live(
            id=found["VpcId"],
            values={"cidr": found["CidrBlock"]},
            state=State.CHANGING if found["State"] == "pending" else State.READY,
            word=found["State"],
            ours=aws.owns(found.get("Tags", [])),
        )

    def wanted(self, lives: Lives) -> Values:
        return {"cidr": self.cidr}

    def create(self, aws: Aws, wanted: Values) -> None:
        # CreateVpc knows no token, and would make another one: so boto3 must not repeat it.
        aws.client("ec2", repeats=False).create_vpc(CidrBlock=wanted["cidr"], TagSpecifications=tags(aws, self, "vpc"))

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("InvalidVpcID.NotFound"):
            aws.client("ec2").delete_vpc(VpcId=live.id)


@resource
class Subnet(Resource):
    """In the zone of this place among those that may be used; which that was is AWS's to remember."""

    service: ClassVar[str] = "ec2"
    fixed: ClassVar[frozenset[str]] = frozenset({"cidr", "vpc"})
    retries: ClassVar = (IN_USE, *LAGS)
    removal_patience: ClassVar[int] = 3600
    name_limit: ClassVar[int] = 255

    vpc: Vpc
    cidr: str
    place: int
    """0 for the first zone, 1 for the second."""
    not_in: frozenset[str] = frozenset()
    """Ids of zones (`use1-az3`; their names differ from account to account) that something of ours can't use."""

    def find(self, aws: Aws) -> Live | None:
        listed = aws.client("ec2").describe_subnets(Filters=by_name(self))["Subnets"]
        found = named(aws, self, listed, "SubnetId")
        if found is None:
            return None
        return Live(
            id=found["SubnetId"],
            values={"cidr": found["CidrBlock"], "vpc": found["VpcId"]},
            state=State.CHANGING if found["State"] == "pending" else State.READY,
            word=found["State"],
            ours=aws.owns(found.get("Tags", [])),
        )

    def wanted(self, lives: Lives) -> Values:
        return {"vpc": lives[self.vpc].id, "cidr": self.cidr}

    def check(self, aws: Aws) -> None:
        self._zone(aws)

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("ec2").create_subnet(
            VpcId=wanted["vpc"],
            CidrBlock=wanted["cidr"],
            AvailabilityZoneId=self._zone(aws),
            TagSpecifications=tags(aws, self, "subnet"),
        )

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("InvalidSubnetID.NotFound"):
            aws.client("ec2").delete_subnet(SubnetId=live.id)

    def _zone(self, aws: Aws) -> str:
        """The zone's id. Raises Problem if the region has too few."""
        kinds = [{"Name": "zone-type", "Values": ["availability-zone"]}, {"Name": "state", "Values": ["available"]}]
        found = aws.client("ec2").describe_availability_zones(Filters=kinds)["AvailabilityZones"]
        fitting = sorted(each["ZoneId"] for each in found if each["ZoneId"] not in self.not_in)
        if len(fitting) <= self.place:
            raise Problem(
                f"{self}: cannot be created",
                f"{aws.region} has {len(fitting)} zones that can be used, and this needs {self.place + 1}",
                "Choose another region with --region",
            )
        return fitting[self.place]
