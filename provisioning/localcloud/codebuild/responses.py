"""The CodeBuild operations that moto does not have, or whose builds never finish there."""

import json
from typing import Any

from moto.codebuild.exceptions import InvalidInputException
from moto.codebuild.responses import CodeBuildResponse
from moto.core.responses import ActionResult

from .models import LocalCodeBuildBackend


class LocalCodeBuildResponse(CodeBuildResponse):
    codebuild_backend: LocalCodeBuildBackend

    def batch_get_projects(self) -> ActionResult:
        names = self._get_param("names")
        found = self.codebuild_backend.batch_get_projects(names)
        known = {name for each in found for name in (each["name"], each["arn"])}
        missing = [name for name in names if name not in known]
        return ActionResult({"projects": found, "projectsNotFound": missing})

    def update_project(self) -> ActionResult:
        request = self._request()
        return ActionResult({"project": self.codebuild_backend.update_project(request["name"], request)})

    def start_build(self) -> ActionResult:
        request = self._request()
        return ActionResult({"build": self.codebuild_backend.start(request["projectName"], request).describe()})

    def stop_build(self) -> ActionResult:
        return ActionResult({"build": self.codebuild_backend.stop_build(self._build_id(self._request()["id"]))})

    def batch_get_builds(self) -> ActionResult:
        ids = [self._build_id(each) for each in self._request()["ids"]]
        builds = self.codebuild_backend.builds
        found = [builds[each].describe() for each in ids if each in builds]
        return ActionResult({"builds": found, "buildsNotFound": [each for each in ids if each not in builds]})

    def list_builds(self) -> ActionResult:
        return ActionResult({"ids": self._sorted(self.codebuild_backend.list_builds())})

    def list_builds_for_project(self) -> ActionResult:
        name = self._request()["projectName"]
        self.codebuild_backend.project(name)
        return ActionResult({"ids": self._sorted(self.codebuild_backend.build_history[name])})

    def _sorted(self, ids: list[str]) -> list[str]:
        # AWS documents: descending, the newest first, is the default.
        return list(ids) if self._request().get("sortOrder") == "ASCENDING" else list(reversed(ids))

    def _build_id(self, given: str) -> str:
        id = given.rpartition("build/")[2]
        if ":" not in id:
            raise InvalidInputException("Invalid build ID provided")
        return id

    def _request(self) -> dict[str, Any]:
        return dict(json.loads(self.body or "{}"))
