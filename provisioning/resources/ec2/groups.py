"""Who may talk to whom in the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ...aws import Aws, absent
from ...engine.resource import Live, Lives, Resource, Retry, Values, resource
from .names import IN_USE, LAGS, NOT_KNOWN_YET, by_name, named, tags
from .network import Vpc


@dataclass(frozen=True)
class LetIn:
    """One port, from the members of one group, and from nobody else."""

    port: int
    group: SecurityGroup


@resource
class SecurityGroup(Resource):
    """Who may open a connection to its members; they themselves may open any."""

    service: ClassVar[str] = "ec2"
    fixed: ClassVar[frozenset[str]] = frozenset({"vpc"})
    retries: ClassVar = (
        IN_USE,
        *LAGS,
        Retry("InvalidGroup.Duplicate", at_most=60),  # it was made, and is not listed yet
    )
    removal_patience: ClassVar[int] = 3600
    name_limit: ClassVar[int] = 255

    vpc: Vpc
    purpose: str
    """In a few words; AWS shows it as the description, and cannot change it."""
    lets_in: tuple[LetIn, ...] = ()

    def find(self, aws: Aws) -> Live | None:
        found = named(
            aws, self, aws.client("ec2").describe_security_groups(Filters=by_name(self))["SecurityGroups"], "GroupId"
        )
        if found is None:
            return None
        return Live(
            id=found["GroupId"],
            values={"vpc": found["VpcId"], "lets_in": sorted(_rules(found), key=str)},
            ours=aws.owns(found.get("Tags", [])),
        )

    def wanted(self, lives: Lives) -> Values:
        return {
            "vpc": lives[self.vpc].id,
            "lets_in": [{"tcp": each.port, "from": lives[each.group].id} for each in self.lets_in],
        }

    def create(self, aws: Aws, wanted: Values) -> Values:
        made = aws.client("ec2").create_security_group(
            GroupName=self.name,
            Description=self.purpose,
            VpcId=wanted["vpc"],
            TagSpecifications=tags(aws, self, "security-group"),
        )
        let_in: list[Any] = []
        with absent(*NOT_KNOWN_YET):
            self._let_in(aws, made["GroupId"], wanted["lets_in"])
            let_in = wanted["lets_in"]
        return {**wanted, "lets_in": let_in}

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        ec2 = aws.client("ec2")
        wrong = [each for each in live.values["lets_in"] if each not in changes["lets_in"]]
        if wrong:
            found = ec2.describe_security_groups(GroupIds=[live.id])["SecurityGroups"][0]
            ec2.revoke_security_group_ingress(GroupId=live.id, IpPermissions=found["IpPermissions"])
            self._let_in(aws, live.id, changes["lets_in"])
        else:
            self._let_in(aws, live.id, [each for each in changes["lets_in"] if each not in live.values["lets_in"]])

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("InvalidGroup.NotFound"):
            aws.client("ec2").delete_security_group(GroupId=live.id)

    def _let_in(self, aws: Aws, group: str, rules: Iterable[Mapping[str, Any]]) -> None:
        permissions = [
            {
                "IpProtocol": "tcp",
                "FromPort": each["tcp"],
                "ToPort": each["tcp"],
                "UserIdGroupPairs": [{"GroupId": each["from"]}],
            }
            for each in rules
        ]
        if permissions:
            with absent("InvalidPermission.Duplicate"):
                aws.client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=permissions)


def _rules(group: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """What may come in: a rule of the one form that we make, or any other one as AWS tells it."""
    for each in group["IpPermissions"]:
        sources = [pair["GroupId"] for pair in each.get("UserIdGroupPairs", [])]
        others = [each[key] for key in ("IpRanges", "Ipv6Ranges", "PrefixListIds") if each.get(key)]
        ports = {each.get("FromPort"), each.get("ToPort")}
        if each["IpProtocol"] == "tcp" and len(ports) == 1 and not others:
            yield from ({"tcp": each["FromPort"], "from": source} for source in sources)
        else:
            yield {key: value for key, value in each.items() if value}
