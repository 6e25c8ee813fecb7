"""Projects and builds: checked at once, done in the background."""

import copy
from collections.abc import Iterator
from typing import Any

from moto.codebuild.exceptions import InvalidInputException, ResourceNotFoundException
from moto.codebuild.models import CodeBuildBackend
from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource

from ..ground import ground
from ..iam import find_role, trusts
from . import work
from .build import Build

PRINCIPAL = "codebuild.amazonaws.com"
# botocore's model: UpdateProject replaces these, and leaves alone what it does not name.
KEPT = (
    "description",
    "source",
    "sourceVersion",
    "artifacts",
    "cache",
    "environment",
    "serviceRole",
    "timeoutInMinutes",
    "queuedTimeoutInMinutes",
    "tags",
    "logsConfig",
    "vpcConfig",
)


class LocalCodeBuildBackend(CodeBuildBackend, TaggableResourcesMixin):
    SERVICE_NAMESPACE = "codebuild"

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.builds: dict[str, Build] = {}

    def create_project(self, project_name: str, *rest: Any, **more: Any) -> dict[str, Any]:
        must_be_assumable(more["service_role"])
        made = super().create_project(project_name, *rest, **more)
        # The names of botocore's model, which moto does not use; and the times of AWS's.
        made["lastModified"] = made.pop("lastModifiedDate")
        made["timeoutInMinutes"] = made["timeoutInMinutes"] or 60
        made["queuedTimeoutInMinutes"] = made["queuedTimeoutInMinutes"] or 480
        made["tags"] = made["tags"] or []
        return made

    def update_project(self, name: str, changes: dict[str, Any]) -> dict[str, Any]:
        project = self.project(name)
        if "serviceRole" in changes:
            must_be_assumable(changes["serviceRole"])
        project.update({key: value for key, value in changes.items() if key in KEPT and value is not None})
        project["lastModified"] = work.now()
        return project

    def project(self, name: str) -> dict[str, Any]:
        if name not in self.codebuild_projects:
            arn = f"arn:aws:codebuild:{self.region_name}:{self.account_id}:project/{name}"
            raise ResourceNotFoundException(f"Project cannot be found: {arn}")
        return self.codebuild_projects[name].project_metadata

    def start(self, name: str, request: dict[str, Any]) -> Build:
        project = self.project(name)
        source = copy.deepcopy(project["source"])
        for key, override in (("type", "sourceTypeOverride"), ("location", "sourceLocationOverride")):
            source |= {key: request[override]} if request.get(override) else {}
        source |= {"buildspec": request["buildspecOverride"]} if request.get("buildspecOverride") else {}
        environment = copy.deepcopy(project["environment"])
        given = {each["name"]: each for each in environment.get("environmentVariables") or []}
        given |= {each["name"]: each for each in request.get("environmentVariablesOverride") or []}
        environment["environmentVariables"] = [{"type": "PLAINTEXT", **each} for each in given.values()]
        if request.get("privilegedModeOverride") is not None:
            environment["privilegedMode"] = request["privilegedModeOverride"]
        role = request.get("serviceRoleOverride") or project["serviceRole"]
        must_be_assumable(role)
        settings = {key: project[key] for key in ("timeoutInMinutes", "queuedTimeoutInMinutes", "encryptionKey")}
        settings["logsConfig"] = request.get("logsConfigOverride") or project.get("logsConfig") or {}
        number = 1 + sum(each.project == name for each in self.builds.values())
        build = Build(name, self.account_id, self.region_name, number, role, source, environment, settings)
        self.builds[build.id] = build
        self.build_history[name].append(build.id)
        ground().begin(work.run, build)
        return build

    def stop_build(self, build_id: str) -> dict[str, Any]:
        build = self.builds.get(build_id)
        if build is None:
            raise ResourceNotFoundException(f"Build {build_id} does not exist")
        if build.ended:
            raise InvalidInputException(f"Build {build_id} is already complete")  # believed
        build.stop()
        return build.describe()

    def list_builds(self) -> list[str]:
        return list(self.builds)

    # The Resource Groups Tagging API asks this of every backend.

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for project in self.codebuild_projects.values():
            tags = {each["key"]: each["value"] for each in project.project_metadata.get("tags") or []}
            yield TaggedResource(project.arn, tags, "codebuild:project")


def must_be_assumable(role_arn: str) -> None:
    """The words are those that people meet, the first half in aws-samples/sagemaker-run-notebook#12."""
    role = find_role(role_arn)
    if role is None or not trusts(role, PRINCIPAL):
        raise InvalidInputException(
            "CodeBuild is not authorized to perform: sts:AssumeRole on service role. Please verify that: 1) The "
            "provided service role exists, 2) The role name is case-sensitive and matches exactly, and 3) The role "
            f"has the necessary trust policy configured. ({role_arn})"
        )
