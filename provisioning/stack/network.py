"""The private network: two subnets, a gateway to S3, and the database's one door."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..config import Config
from ..engine.resource import Resource
from ..resources.apprunner import UNSUPPORTED_ZONES
from ..resources.ec2 import LetIn, RouteTable, SecurityGroup, Subnet, Vpc, VpcEndpoint

POSTGRESQL = 5432


@dataclass(frozen=True)
class Network:
    """Nothing comes in, and nothing goes out but to S3: no gateway that costs, no address that is public."""

    config: Config
    outlasted_by: tuple[Resource, ...]
    """What must be there for as long as its groups are: AWS takes network interfaces away in a role's name."""

    @cached_property
    def vpc(self) -> Vpc:
        return Vpc(name=self.config.name, cidr="10.192.0.0/16")

    @cached_property
    def subnets(self) -> tuple[Subnet, ...]:
        return tuple(
            Subnet(
                name=f"{self.config.name}-{letter}",
                vpc=self.vpc,
                cidr=f"10.192.{10 + place}.0/24",
                place=place,
                not_in=UNSUPPORTED_ZONES,
            )
            for place, letter in enumerate("ab")
        )

    @cached_property
    def endpoint(self) -> VpcEndpoint:
        routes = RouteTable(name=self.config.name, vpc=self.vpc, subnets=self.subnets)
        return VpcEndpoint(name=f"{self.config.name}-s3", vpc=self.vpc, route_table=routes)

    @cached_property
    def compute_group(self) -> SecurityGroup:
        purpose = "The site and its operations"
        name = f"{self.config.name}-compute"
        return SecurityGroup(name=name, vpc=self.vpc, purpose=purpose, after=self.outlasted_by)

    @cached_property
    def database_group(self) -> SecurityGroup:
        return SecurityGroup(
            name=f"{self.config.name}-database",
            vpc=self.vpc,
            purpose="The database: open to the site alone",
            lets_in=(LetIn(POSTGRESQL, self.compute_group),),
        )
