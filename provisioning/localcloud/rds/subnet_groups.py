"""DB subnet groups, which moto takes as they come, and leaves out of the tagging API."""

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.rds.models import DBSubnetGroup, RDSBackend

from ..errors import AwsError
from . import network


class SubnetGroupsBackend(RDSBackend):
    def create_subnet_group(
        self, subnet_name: str, description: str, subnets: list[Any], tags: list[dict[str, str]]
    ) -> DBSubnetGroup:
        if subnet_name in self.subnet_groups:
            raise AwsError("DBSubnetGroupAlreadyExists", f"The DB subnet group '{subnet_name}' already exists.")
        network.must_span_two_zones(subnets)
        return super().create_subnet_group(subnet_name, description, subnets, tags)

    def modify_db_subnet_group(self, subnet_name: str, description: str, subnets: list[Any]) -> DBSubnetGroup:
        network.find_group(self, subnet_name)
        network.must_span_two_zones(subnets)
        return super().modify_db_subnet_group(subnet_name, description, subnets)

    def delete_subnet_group(self, subnet_name: str) -> DBSubnetGroup:
        network.find_group(self, subnet_name)
        network.must_be_unused(self, subnet_name)
        return super().delete_subnet_group(subnet_name)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        yield from super().iter_tagged_resources()
        for group in self.subnet_groups.values():
            tags = {tag["Key"]: tag["Value"] for tag in group.get_tags()}
            yield TaggedResource(group.arn, tags, "rds:subgrp")
