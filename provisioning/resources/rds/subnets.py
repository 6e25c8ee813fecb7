"""The subnets that a database may lie in."""

from __future__ import annotations

from typing import ClassVar

from ...aws import Aws, absent
from ...engine.resource import Live, Lives, Resource, Retry, Values, in_order, resource
from ..ec2 import Subnet


@resource
class SubnetGroup(Resource):
    """At least two subnets, each in a zone of its own: RDS takes no fewer."""

    service: ClassVar[str] = "rds"
    retries: ClassVar = (Retry("InvalidDBSubnetGroupStateFault"),)  # until the last instance in it is gone
    name_limit: ClassVar[int] = 255

    subnets: tuple[Subnet, ...]

    def find(self, aws: Aws) -> Live | None:
        rds = aws.client("rds")
        with absent("DBSubnetGroupNotFoundFault"):
            found = rds.describe_db_subnet_groups(DBSubnetGroupName=self.name)["DBSubnetGroups"][0]
            arn = found["DBSubnetGroupArn"]
            return Live(
                id=found["DBSubnetGroupName"],
                arn=arn,
                values={"subnets": sorted(each["SubnetIdentifier"] for each in found["Subnets"])},
                ours=aws.owns(rds.list_tags_for_resource(ResourceName=arn)["TagList"]),
            )
        return None

    def wanted(self, lives: Lives) -> Values:
        return {"subnets": in_order(lives[each].id for each in self.subnets)}

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("rds").create_db_subnet_group(
            DBSubnetGroupName=self.name,
            DBSubnetGroupDescription="Made by manage.py provision_aws",
            SubnetIds=wanted["subnets"],
            Tags=aws.tag_list(),
        )

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        aws.client("rds").modify_db_subnet_group(DBSubnetGroupName=self.name, SubnetIds=changes["subnets"])

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("DBSubnetGroupNotFoundFault"):
            aws.client("rds").delete_db_subnet_group(DBSubnetGroupName=self.name)
