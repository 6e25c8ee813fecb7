"""What builds the image where no machine at hand can: a project, and nothing that costs while it is idle."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from ..aws import Aws
from ..engine.resource import Live, Lives, Resource, Retry, Values, resource
from ..images.codebuild import BUILDSPEC, FOLDER
from ..pricing import Meter, Usage
from .iam import Role
from .s3 import Bucket

IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"  # has docker and the AWS CLI
LONGEST = 30  # minutes
USUAL = 4  # minutes
BUILDSPEC_WORDS = "docker build for linux/amd64, docker push"


@resource
class Project(Resource):
    """Builds an image from a zip in the bucket and pushes it. Each build names its zip and its image itself."""

    service: ClassVar[str] = "codebuild"
    name_limit: ClassVar[int] = 150
    name_least: ClassVar[int] = 2
    retries: ClassVar = (
        # "CodeBuild is not authorized to perform: sts:AssumeRole" on a role that AWS has not spread yet
        Retry("InvalidInputException", "sts:AssumeRole", at_most=60),
    )

    role: Role
    """May read the zip, write the log and push."""
    bucket: Bucket
    log_group: str

    def find(self, aws: Aws) -> Live | None:
        for found in aws.client("codebuild").batch_get_projects(names=[self.name])["projects"]:
            tags = [{"Key": tag["key"], "Value": tag["value"]} for tag in found.get("tags", ())]
            return Live(
                id=found["name"],
                arn=found["arn"],
                values=_values(found),
                ours=aws.owns(tags),
                why=aws.elsewhere(tags),
            )
        return None

    def wanted(self, lives: Lives) -> Values:
        return {
            "role": lives[self.role].arn,
            "source": f"{self.bucket.name}/{FOLDER}/",
            "buildspec": BUILDSPEC_WORDS,
            "image": IMAGE,
            "compute": "BUILD_GENERAL1_SMALL",
            "privileged": True,  # Docker does not run in it otherwise
            "minutes": LONGEST,
            "log_group": self.log_group,
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        tags = [{"key": key, "value": value} for key, value in aws.tags.items()]
        aws.client("codebuild").create_project(tags=tags, **self._settings(wanted))

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        aws.client("codebuild").update_project(**self._settings({**live.values, **changes}))

    def delete(self, aws: Aws, live: Live) -> None:
        aws.client("codebuild").delete_project(name=self.name)  # says nothing if there is none

    def meters(self, usage: Usage) -> Iterable[Meter]:
        yield Meter("CodeBuild small minute", usage.builds * USUAL)

    def _settings(self, values: Values) -> dict[str, Any]:
        """The same for CreateProject and UpdateProject, which takes each part whole."""
        return {
            "name": self.name,
            "source": {"type": "S3", "location": values["source"], "buildspec": json.dumps(BUILDSPEC)},
            "artifacts": {"type": "NO_ARTIFACTS"},
            "environment": {
                "type": "LINUX_CONTAINER",
                "image": values["image"],
                "computeType": values["compute"],
                "privilegedMode": values["privileged"],
            },
            "serviceRole": values["role"],
            "timeoutInMinutes": values["minutes"],
            "logsConfig": {"cloudWatchLogs": {"status": "ENABLED", "groupName": values["log_group"]}},
        }


def _values(found: Mapping[str, Any]) -> Values:
    source, environment = found["source"], found["environment"]
    log = found.get("logsConfig", {}).get("cloudWatchLogs", {})
    return {
        "role": found["serviceRole"],
        "source": source.get("location"),
        "buildspec": _words(source.get("buildspec", "")),
        "image": environment["image"],
        "compute": environment["computeType"],
        "privileged": environment.get("privilegedMode", False),
        "minutes": found.get("timeoutInMinutes"),
        "log_group": log.get("groupName") if log.get("status") == "ENABLED" else None,
    }


def _words(buildspec: str) -> str:
    """Somebody's own stays the text that it is."""
    try:
        return BUILDSPEC_WORDS if json.loads(buildspec) == BUILDSPEC else buildspec
    except ValueError:  # ours is JSON, which is YAML as well
        return buildspec
