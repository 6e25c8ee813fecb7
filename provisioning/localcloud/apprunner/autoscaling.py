"""Auto scaling configurations: revisions under a name, of which none changes once it is made."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from moto.core.utils import utcnow

from .errors import InvalidRequest, ResourceNotFound, ServiceQuotaExceeded

DEFAULT_NAME = "DefaultConfiguration"
DEFAULT_ID = "1".rjust(32, "0")
# App Runner's quotas for an account in a region (AWS General Reference): believed.
MOST_NAMES, MOST_REVISIONS = 10, 5


@dataclass
class Configuration:
    prefix: str  # "arn:aws:apprunner:REGION:ACCOUNT:autoscalingconfiguration"
    name: str
    revision: int
    max_concurrency: int = 100
    min_size: int = 1
    max_size: int = 25
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    default: bool = False
    created: datetime = field(default_factory=utcnow)
    deleted: datetime | None = None

    @property
    def arn(self) -> str:
        return f"{self.prefix}/{self.name}/{self.revision}/{self.id}"

    @property
    def active(self) -> bool:
        return self.deleted is None

    def summary(self, used: bool) -> dict[str, Any]:
        return {
            "AutoScalingConfigurationArn": self.arn,
            "AutoScalingConfigurationName": self.name,
            "AutoScalingConfigurationRevision": self.revision,
            "Status": "ACTIVE" if self.active else "INACTIVE",
            "CreatedAt": self.created,
            "HasAssociatedService": used,
            "IsDefault": self.default,
        }

    def describe(self, latest: bool, used: bool) -> dict[str, Any]:
        return {
            **self.summary(used),
            "Latest": latest,
            "MaxConcurrency": self.max_concurrency,
            "MinSize": self.min_size,
            "MaxSize": self.max_size,
            "DeletedAt": self.deleted,
        }


class Configurations:
    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self.all = [Configuration(prefix, DEFAULT_NAME, 1, id=DEFAULT_ID, default=True)]

    def active(self, name: str | None = None) -> list[Configuration]:
        """Newest revision first."""
        found = [each for each in self.all if each.active and name in (None, each.name)]
        return sorted(found, key=lambda each: (each.name, -each.revision))

    def latest(self, name: str) -> Configuration | None:
        return next(iter(self.active(name)), None)

    def create(self, request: dict[str, Any]) -> Configuration:
        name = request["AutoScalingConfigurationName"]
        if name == DEFAULT_NAME and not self.active(name):
            raise InvalidRequest(f"The auto scaling configuration name '{name}' is reserved.")
        names = {each.name for each in self.active()} - {DEFAULT_NAME}
        if (name not in names and len(names) >= MOST_NAMES) or len(self.active(name)) >= MOST_REVISIONS:
            raise ServiceQuotaExceeded(
                f"You've reached the quota of {MOST_NAMES} auto scaling configurations or of {MOST_REVISIONS} "
                "revisions of one."
            )
        made = Configuration(
            self._prefix,
            name,
            1 + max((each.revision for each in self.all if each.name == name), default=0),
            request.get("MaxConcurrency", 100),
            request.get("MinSize", 1),
            request.get("MaxSize", 25),
        )
        if made.min_size > made.max_size:  # believed
            raise InvalidRequest(
                f"MinSize must be less than or equal to MaxSize. MinSize: {made.min_size}, MaxSize: {made.max_size}."
            )
        self.all.append(made)
        return made

    def find(self, arn: str) -> Configuration:
        """Of a full ARN, one that ends in .../name/revision, or one that ends in .../name (the latest)."""
        name, *rest = self._below(arn)
        if not rest:
            found = self.latest(name)
        else:
            found = next(
                (
                    each
                    for each in self.all
                    if each.name == name and str(each.revision) == rest[0] and rest[1:] in ([], [each.id])
                ),
                None,
            )
        if found is None:
            raise no_such(arn)
        return found

    def for_service(self, arn: str | None) -> Configuration:
        """What a service asks for; App Runner's wording when it can't have it."""
        if arn is None:
            return next(each for each in self.active() if each.default)
        try:
            found = self.find(arn)
        except ResourceNotFound:
            found = None
        if found is None or not found.active:
            raise InvalidRequest(f"The auto scaling configuration ARN you specified isn't valid. ARN: '{arn}'")
        return found

    def to_delete(self, arn: str, every_revision: bool) -> list[Configuration]:
        parts = self._below(arn)
        if parts[0] == DEFAULT_NAME:
            raise InvalidRequest(f"You can't delete a reserved auto scaling configuration: '{parts[0]}'.")
        if every_revision and len(parts) > 1:  # botocore's model
            raise InvalidRequest(
                f"With DeleteAllRevisions, the ARN must end with the configuration's name. ARN: '{arn}'"
            )
        found = self.active(parts[0]) if every_revision else [self.find(arn)]
        if not found or not found[0].active:
            raise no_such(arn)
        if any(each.default for each in found):
            raise InvalidRequest("You can't delete the default auto scaling configuration.")
        return found

    def delete(self, going: list[Configuration]) -> None:
        for each in going:
            each.deleted = utcnow()

    def make_default(self, arn: str) -> Configuration:
        chosen = self.find(arn)
        for each in self.all:
            each.default = each is chosen
        return chosen

    def _below(self, arn: str) -> list[str]:
        if not arn.startswith(f"{self._prefix}/"):
            raise invalid_arn(arn)
        return arn.removeprefix(f"{self._prefix}/").split("/")


def invalid_arn(arn: str) -> InvalidRequest:
    return InvalidRequest(f"The auto scaling configuration ARN you specified isn't valid. ARN: '{arn}'")


def no_such(arn: str) -> ResourceNotFound:
    return ResourceNotFound(f"Auto scaling configuration doesn't exist for the specified ARN: {arn}.")
