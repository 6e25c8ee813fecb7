"""The service's way into the private network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from ...aws import Aws, absent
from ...engine.problem import code
from ...engine.resource import Live, Lives, Resource, Retry, Values, in_order, resource
from ..ec2 import SecurityGroup, Subnet
from .closed import CLOSED

UNSUPPORTED_ZONES = frozenset({"use1-az3", "apne1-az3"})
"""Where App Runner takes no subnets."""
NAMES = 9  # that are tried: the name, then name-2 and so on
NAME_TAKEN = re.compile(r"name.*(exist|use|taken)|(exist|use).*name", re.IGNORECASE | re.DOTALL)


@resource
class VpcConnector(Resource):
    """Where a service's own connections come from. It has one revision, and nothing in it can be changed.

    App Runner refuses a second connector of the same name, and one of the same subnets and groups under another
    name. So one that joins just these, and is ours, is it, whatever it is called.
    """

    service: ClassVar[str] = "apprunner"
    fixed: ClassVar[frozenset[str]] = frozenset({"subnets", "security_groups"})
    retries: ClassVar = (
        Retry("InvalidRequestException", "being used by"),  # for a while after its service is gone, too
        Retry("InvalidRequestException", "service-linked role", at_most=60),  # the account's first connector
    )
    name_limit: ClassVar[int] = 40
    name_least: ClassVar[int] = 4
    advice: ClassVar = CLOSED

    subnets: tuple[Subnet, ...]
    security_groups: tuple[SecurityGroup, ...]

    def find(self, aws: Aws) -> Live | None:
        apprunner = aws.client("apprunner")
        active = [each for each in _connectors(apprunner) if each["Status"].upper() == "ACTIVE"]
        named = [self._live(aws, each) for each in active if self._numbered().fullmatch(each["VpcConnectorName"])]
        exact = [self._live(aws, each) for each in active if each["VpcConnectorName"] == self.name]
        for live in (*(each for each in named if each.ours), *exact):
            return live
        joined = self._joined(aws) if active else None
        twin = next((each for each in active if _joins(each) == joined), None)
        return self._live(aws, twin) if twin else None

    def wanted(self, lives: Lives) -> Values:
        return {
            "subnets": in_order(lives[each].id for each in self.subnets),
            "security_groups": in_order(lives[each].id for each in self.security_groups),
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        for number in range(1, NAMES):
            try:
                return self._create(aws, self.name if number == 1 else f"{self.name}-{number}", wanted)
            except ClientError as error:  # one that was deleted holds its name for a while
                if not (code(error) == "InvalidRequestException" and NAME_TAKEN.search(str(error))):
                    raise
        return self._create(aws, f"{self.name}-{NAMES}", wanted)

    def _create(self, aws: Aws, name: str, wanted: Values) -> None:
        aws.client("apprunner").create_vpc_connector(
            VpcConnectorName=name,
            Subnets=wanted["subnets"],
            SecurityGroups=wanted["security_groups"],
            Tags=aws.tag_list(),
        )

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("ResourceNotFoundException"):
            aws.client("apprunner").delete_vpc_connector(VpcConnectorArn=live.arn)

    def _numbered(self) -> re.Pattern[str]:
        return re.compile(rf"{re.escape(self.name)}(-[0-9]+)?")

    def _live(self, aws: Aws, found: Mapping[str, Any]) -> Live:
        arn, name = found["VpcConnectorArn"], found["VpcConnectorName"]
        subnets, groups = _joins(found)
        twin = f"{name}, without our tags, joins the same subnets: App Runner refuses a second one, so remove it"
        return Live(
            id=arn,
            arn=arn,
            values={"subnets": subnets, "security_groups": groups},
            ours=aws.owns(aws.client("apprunner").list_tags_for_resource(ResourceArn=arn)["Tags"]),
            why="" if name == self.name else twin,
        )

    def _joined(self, aws: Aws) -> tuple[list[str], list[str]]:
        found = [[each.find(aws) for each in of] for of in (self.subnets, self.security_groups)]
        subnets, groups = ([each.id for each in of if each] for of in found)
        return sorted(subnets), sorted(groups)


def _joins(found: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    return sorted(found["Subnets"]), sorted(found["SecurityGroups"])


def _connectors(apprunner: Any) -> Iterator[dict[str, Any]]:
    page = apprunner.list_vpc_connectors()  # botocore has no paginator for it
    yield from page["VpcConnectors"]
    while page.get("NextToken"):
        page = apprunner.list_vpc_connectors(NextToken=page["NextToken"])
        yield from page["VpcConnectors"]
