"""moto's EC2 with AWS's refusals to delete what something else still needs."""

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.ec2 import urls as moto_urls
from moto.ec2.exceptions import DependencyViolationError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.security_groups import SecurityGroup
from moto.rds.models import rds_backends

from ..errors import AwsError


class LocalEC2Backend(EC2Backend):
    # moto would look for a module beside this one.
    _url_module = moto_urls
    SERVICE_NAMESPACE = "ec2"

    def _load_amis(self) -> None:
        """None: a site has no machines, and to read moto's hundreds takes a second in each region."""

    def delete_security_group(self, name: str | None = None, group_id: str | None = None) -> None:
        group = self._group(name, group_id)
        if group is not None:
            if group.name == "default":
                raise AwsError(
                    "CannotDelete", f'the specified group: "{group.id}" name: "default" cannot be deleted by a user'
                )
            if self._holds_group(group.id):
                raise DependencyViolationError(f"resource {group.id} has a dependent object")
        super().delete_security_group(name, group_id)

    def delete_subnet(self, subnet_id: str) -> Any:
        if any(each.subnet.id == subnet_id for each in self.enis.values()) or subnet_id in self._databases_subnets():
            raise DependencyViolationError(f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
        deleted = super().delete_subnet(subnet_id)
        # moto leaves them behind, and then never lets the route table go.
        for table in self.route_tables.values():
            for association in [name for name, to in table._associations.items() if to == subnet_id]:
                del table._associations[association]
        return deleted

    def delete_vpc(self, vpc_id: str) -> Any:
        self.get_vpc(vpc_id)
        default = [each for each in self.groups[vpc_id].values() if each.name == "default"]
        others = len(self.groups[vpc_id]) > len(default)
        endpoints = [
            each for each in self.vpc_end_points.values() if each.vpc_id == vpc_id and each.state != "deleted"
        ]
        gateways = self.describe_internet_gateways(filters={"attachment.vpc-id": [vpc_id]})
        if others or endpoints or gateways:
            raise DependencyViolationError(f"The vpc '{vpc_id}' has dependencies and cannot be deleted.")
        # moto's own refuses subnets and further route tables first, and then deletes the default group the way
        # anybody would, which is not allowed.
        if not self.describe_subnets(filters={"vpc-id": [vpc_id]}):
            for group in default:
                del self.groups[vpc_id][group.id]
        return super().delete_vpc(vpc_id)

    def delete_vpc_endpoints(self, vpce_ids: list[str] | None = None) -> None:
        """moto keeps a deleted endpoint for ever; AWS describes it no more."""
        super().delete_vpc_endpoints(vpce_ids)
        for endpoint in vpce_ids or []:
            self.vpc_end_points.pop(endpoint, None)

    def delete_network_interface(self, eni_id: str) -> None:
        interface = self.enis.get(eni_id)
        if interface is not None and interface.requester_managed:
            raise AwsError("InvalidNetworkInterface.InUse", f"Network interface '{eni_id}' is currently in use.")
        super().delete_network_interface(eni_id)

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        """moto leaves out the endpoints."""
        yield from super().iter_tagged_resources()
        for id in self.vpc_end_points:
            arn = f"arn:{self.partition}:ec2:{self.region_name}:{self.account_id}:vpc-endpoint/{id}"
            yield TaggedResource(arn, dict(self.tags.get(id, {})), "ec2:vpc-endpoint")

    def _group(self, name: str | None, group_id: str | None) -> SecurityGroup | None:
        if group_id:
            return self.get_security_group_from_id(group_id)
        return self.get_security_group_from_name(name, None) if name else None

    def _holds_group(self, group_id: str) -> bool:
        return (
            any(group_id in (group.id for group in each.group_set) for each in self.enis.values())
            or group_id in self._databases_groups()
            or any(
                (rule.source_group or {}).get("GroupId") == group_id
                for groups in self.groups.values()
                for group in groups.values()
                if group.id != group_id
                for rule in [*group.ingress_rules, *group.egress_rules]
            )
        )

    def _databases_groups(self) -> set[str]:
        rds = rds_backends[self.account_id][self.region_name]
        found = {each for cluster in rds.clusters.values() for each in cluster.vpc_security_group_ids or []}
        return found | {each for instance in rds.databases.values() for each in instance.vpc_security_group_ids or []}

    def _databases_subnets(self) -> set[str]:
        """Of the clusters with instances: only these have interfaces. A subnet group alone holds nothing."""
        rds = rds_backends[self.account_id][self.region_name]
        used = {each.db_subnet_group_name for each in rds.clusters.values() if each.members}
        return {
            subnet["SubnetIdentifier"]
            for name, group in rds.subnet_groups.items()
            if name in used
            for subnet in group.subnets
        }


def install() -> None:
    ec2_backends.backend = LocalEC2Backend
