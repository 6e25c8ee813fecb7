"""Network interfaces that another service makes in somebody's subnets, and takes away in its own time."""

from collections.abc import Mapping, Sequence
from typing import Any

from moto.ec2.exceptions import InvalidSubnetIdError
from moto.ec2.models import ec2_backends

from ..ground import ground


class NoSuchNetwork(Exception):
    """A subnet or a security group that is not there: EC2's code and text, and what was looked at."""

    def __init__(self, action: str, code: str, text: str) -> None:
        super().__init__(text)
        self.action, self.code, self.text = action, code, text


def network_of(account: str, region: str, subnets: Sequence[str], groups: Sequence[str]) -> str:
    """The VPC of the first of the subnets ("" when there is none); raises NoSuchNetwork."""
    return next(iter(vpcs_of(account, region, subnets, groups)), "")


def vpcs_of(account: str, region: str, subnets: Sequence[str], groups: Sequence[str]) -> list[str]:
    """Each VPC once; raises NoSuchNetwork."""
    ec2 = ec2_backends[account][region]
    found = []
    for subnet in subnets:
        try:
            found.append(ec2.get_subnet(subnet).vpc_id)
        except InvalidSubnetIdError:
            text = f"The subnet ID '{subnet}' does not exist"
            raise NoSuchNetwork("DescribeSubnets", "InvalidSubnetID.NotFound", text) from None
    for group in groups:
        if ec2.get_security_group_from_id(group) is None:
            text = f"The security group '{group}' does not exist"
            raise NoSuchNetwork("DescribeSecurityGroups", "InvalidGroup.NotFound", text)
    return list(dict.fromkeys(found))


class Interfaces:
    """One in each subnet, as long as its holder needs them."""

    def __init__(self, account: str, region: str) -> None:
        self._ec2 = ec2_backends[account][region]
        self._ids: list[str] = []

    def __bool__(self) -> bool:
        return bool(self._ids)

    def make(
        self,
        subnets: Sequence[str],
        groups: Sequence[str],
        *,
        kind: str,
        description: str,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        with ground().lock:
            for subnet in subnets:
                interface: Any = self._ec2.create_network_interface(
                    self._ec2.get_subnet(subnet),
                    [],
                    group_ids=list(groups),
                    description=description,
                    tags=dict(tags or {}),
                )
                interface.interface_type = kind
                interface.requester_managed = True
                interface.status = "in-use"
                self._ids.append(interface.id)

    def release(self) -> None:
        with ground().lock:
            for each in self._ids:
                self._ec2.enis.pop(each, None)
            self._ids = []
