"""VPC connectors: the way out of a service into somebody's VPC, through network interfaces there."""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow
from moto.ec2.models import ec2_backends

from ..ec2.interfaces import Interfaces, NoSuchNetwork, vpcs_of
from ..ground import ground, lasting
from .errors import InvalidRequest, ResourceNotFound, ServiceQuotaExceeded

# App Runner's quota for an account in a region (AWS General Reference): believed.
MOST = 10
# App Runner's guide says that some zones are not supported, and lists none. The first is in people's Terraform;
# the second is Tokyo's constrained zone, where many services are missing: believed.
UNSUPPORTED_ZONES = frozenset({"use1-az3", "apne1-az3"})


@dataclass
class Connector:
    prefix: str  # "arn:aws:apprunner:REGION:ACCOUNT:vpcconnector"
    name: str
    subnets: list[str]
    groups: list[str]
    interfaces: Interfaces
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: datetime = field(default_factory=utcnow)
    deleted: datetime | None = None

    @property
    def arn(self) -> str:
        # botocore's model: "At this time, App Runner supports only one revision per name."
        return f"{self.prefix}/{self.name}/1/{self.id}"

    @property
    def active(self) -> bool:
        return self.deleted is None

    def describe(self) -> dict[str, Any]:
        return {
            "VpcConnectorName": self.name,
            "VpcConnectorArn": self.arn,
            "VpcConnectorRevision": 1,
            "Subnets": self.subnets,
            "SecurityGroups": self.groups,
            "Status": "ACTIVE" if self.active else "INACTIVE",
            "CreatedAt": self.created,
            "DeletedAt": self.deleted,
        }


class Connectors:
    def __init__(self, account: str, region: str) -> None:
        self._account, self._region = account, region
        self._all: list[Connector] = []
        # Those that a service has left, and that App Runner still takes for used (apprunner-roadmap#161).
        self.lingering: Counter[str] = Counter()

    def active(self) -> list[Connector]:
        return [each for each in self._all if each.active]

    def create(self, request: dict[str, Any]) -> Connector:
        name, subnets = request["VpcConnectorName"], list(request["Subnets"])
        groups = list(request.get("SecurityGroups") or []) or list(self._default_groups(subnets))
        self._check(name, subnets, groups)
        made = Connector(
            f"arn:aws:apprunner:{self._region}:{self._account}:vpcconnector",
            name,
            subnets,
            groups,
            Interfaces(self._account, self._region),
        )
        made.interfaces.make(
            subnets,
            groups,
            kind="interface",
            description=f"AWS App Runner VPC connector {name}",
            tags={"AWSAppRunnerManaged": "true"},  # App Runner's guide: what its role looks for
        )
        self._all.append(made)
        ground().say(f"VPC connector {name}: active")
        return made

    def find(self, arn: str) -> Connector:
        for each in self._all:
            if each.arn == arn:
                return each
        raise ResourceNotFound(f"VPC connector doesn't exist for the specified ARN: {arn}.")

    def for_service(self, network: dict[str, Any]) -> None:
        """Raises InvalidRequest when a service's egress can't be what it asks for (believed)."""
        egress = network.get("EgressConfiguration", {})
        arn = egress.get("VpcConnectorArn")
        if egress.get("EgressType", "DEFAULT") == "DEFAULT":
            if arn:
                raise InvalidRequest("You can't specify a VPC connector ARN if EgressType is DEFAULT.")
            return
        if not arn:
            raise InvalidRequest("You must specify a VPC connector ARN if EgressType is VPC.")
        if arn not in (each.arn for each in self.active()):
            raise InvalidRequest(f"The VPC connector ARN you specified isn't valid. ARN: {arn}")

    def delete(self, arn: str, used: bool) -> Connector:
        connector = self.find(arn)
        if used or self.lingering[arn]:
            raise InvalidRequest(f"Provided VPC connector arn is being used by other services. ARN: {arn}")
        if connector.active:
            connector.deleted = utcnow()
            ground().say(f"VPC connector {connector.name}: deleted")
            ground().begin(self._release, connector)
        return connector

    @lasting
    def _release(self, connector: Connector) -> None:
        ground().clock.timer("apprunner release interfaces").rest()
        connector.interfaces.release()
        ground().clock.timer("apprunner forget").rest()
        with ground().lock:
            self._all = [other for other in self._all if other is not connector]

    def _check(self, name: str, subnets: list[str], groups: list[str]) -> None:
        active = self.active()
        # Believed: a deleted one holds its name until it is permanently removed (botocore's model tells of that).
        if any(each.name == name for each in self._all):
            raise InvalidRequest(f"VPC connector with the provided name already exists: {name}.")
        if len(active) >= MOST:
            raise ServiceQuotaExceeded(f"You've reached the quota of {MOST} VPC connectors.")
        if not subnets:
            raise InvalidRequest("Subnets can't be empty.")
        try:
            vpcs = vpcs_of(self._account, self._region, subnets, groups)
        except NoSuchNetwork as missing:
            raise InvalidRequest(missing.text) from None
        if len(vpcs) > 1:
            raise InvalidRequest("All subnets of a VPC connector must be in a single VPC.")
        if outside := [each for each in subnets if self._zone(each) in UNSUPPORTED_ZONES]:
            raise InvalidRequest(
                "The following subnets are in Availability Zones that App Runner doesn't support: "
                f"{', '.join(outside)}."
            )
        for each in active:
            if set(each.subnets) == set(subnets) and set(each.groups) == set(groups):
                raise InvalidRequest(
                    f"A VPC connector with the same subnets and security groups already exists: {each.arn}."
                )

    def _zone(self, subnet: str) -> str:
        return str(ec2_backends[self._account][self._region].get_subnet(subnet).availability_zone_id)

    def _default_groups(self, subnets: list[str]) -> Iterator[str]:
        """botocore's model: "App Runner uses the default security group of the Amazon VPC"."""
        try:
            vpcs = vpcs_of(self._account, self._region, subnets, [])
        except NoSuchNetwork as missing:
            raise InvalidRequest(missing.text) from None
        for vpc in vpcs[:1]:
            group = ec2_backends[self._account][self._region].get_default_security_group(vpc)
            if group is not None:
                yield str(group.id)
