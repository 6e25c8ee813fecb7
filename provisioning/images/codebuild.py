"""An image built and pushed by CodeBuild, for a machine without an engine: the commit goes up, the log comes down."""

from __future__ import annotations

import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..aws import Aws, absent
from ..engine.problem import Problem
from . import said
from .builder import Builder
from .engines import NOTHING
from .login import Registry
from .source import Source

FOLDER = "builds"
"""Where sources lie in the bucket."""
SPREADING, REST = 120.0, 10.0  # seconds in which a new role's rights may still be on their way; between two tries
RECENT = 20  # builds among which one of a run that was killed is looked for

BUILDSPEC: dict[str, Any] = {
    "version": 0.2,
    # Lambda refuses an index of manifests, which attestations would make.
    "env": {"variables": {"BUILDX_NO_DEFAULT_ATTESTATIONS": "1", "BUILDKIT_PROGRESS": "plain"}},
    "phases": {
        "pre_build": {
            "commands": [
                'aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"',
            ]
        },
        "build": {
            "commands": [
                'docker build --platform linux/amd64 ${PYTHON_IMAGE:+--build-arg "PYTHON_IMAGE=$PYTHON_IMAGE"} '
                '--tag "$REGISTRY/$REPOSITORY:$TAG" .',
                'docker push "$REGISTRY/$REPOSITORY:$TAG"',
            ]
        },
    },
}
"""What the project runs."""


class RemoteBuild(Builder):
    """One image of one commit: changes that are in no commit stay out."""

    usual = 240  # seconds

    def __init__(
        self, source: Source, project: str, bucket: str, arguments: Mapping[str, str] = NOTHING, *, anew: bool = False
    ) -> None:
        super().__init__(source, source.committed_tag, anew)
        self.project, self.bucket, self.arguments = project, bucket, arguments
        self._log, self._next = "", ""  # what it has printed, and where that goes on
        self._spread_by = 0.0

    @property
    def words(self) -> str:
        left_out = f"; {self.source.left_out}" if self.source.left_out else ""
        return f"CodeBuild builds {self._committed}{left_out}"

    @property
    def output(self) -> str:
        return self._log

    @property
    def _committed(self) -> str:
        return f"commit {self.source.commit}" if self.source.commit else self.source.words

    @property
    def _key(self) -> str:
        return f"{FOLDER}/{self.tag}.zip"

    def _build(self, aws: Aws) -> None:
        self._spread_by = self._spread_by or time.monotonic() + SPREADING
        self._log = f"{self.words}\n" if self.source.left_out else ""
        self._next = ""
        build = self._under_way(aws) or self._begun(aws)
        self._go("SUBMITTED", partial(self._follow, build))

    def _under_way(self, aws: Aws) -> str:
        """The id of a build of this very tag: a run that was killed started it, or an answer got lost."""
        codebuild = aws.client("codebuild")
        found = codebuild.list_builds_for_project(projectName=self.project, sortOrder="DESCENDING")["ids"][:RECENT]
        for build in codebuild.batch_get_builds(ids=found)["builds"] if found else ():
            tags = [each["value"] for each in build["environment"]["environmentVariables"] if each["name"] == "TAG"]
            if build["buildStatus"] == "IN_PROGRESS" and tags == [self.tag]:
                return str(build["id"])
        return ""

    def _begun(self, aws: Aws) -> str:
        with tempfile.TemporaryDirectory(prefix="image-") as folder:
            packed = Path(folder, "source.zip")
            self.source.zip_committed(packed)
            with packed.open("rb") as body:
                aws.client("s3").put_object(Bucket=self.bucket, Key=self._key, Body=body)
        variables = {
            "REGISTRY": Registry.of(aws).host,
            "REPOSITORY": self.repository,
            "TAG": self.tag,
            "PYTHON_IMAGE": self.source.mirrored_base,
            **self.arguments,
        }
        answer = aws.client("codebuild").start_build(
            projectName=self.project,
            idempotencyToken=str(uuid.uuid4()),  # or boto3, repeating a call whose answer was lost, begins two
            sourceTypeOverride="S3",
            sourceLocationOverride=f"{self.bucket}/{self._key}",
            environmentVariablesOverride=[
                {"name": name, "value": value, "type": "PLAINTEXT"} for name, value in variables.items() if value
            ],
        )
        return str(answer["build"]["id"])

    def _follow(self, build: str, aws: Aws) -> None:
        found = aws.client("codebuild").batch_get_builds(ids=[build])["builds"][0]
        self._read_log(aws, found.get("logs", {}))
        if found["buildStatus"] == "IN_PROGRESS":
            self._word = found["currentPhase"]
            return
        aws.client("s3").delete_object(Bucket=self.bucket, Key=self._key)
        if found["buildStatus"] == "SUCCEEDED":
            self._arrived()
            return
        reasons = " / ".join(_reasons(found)) or found["buildStatus"]
        began = any(phase["phaseType"] == "BUILD" for phase in found.get("phases", ()))
        if not began and "ACCESS_DENIED" in reasons and time.monotonic() < self._spread_by:
            self._go("waiting until AWS has spread its role's rights", partial(self._rest, time.monotonic() + REST))
            return
        log = said.essence(self._log)
        raise Problem(
            f"Image {self.repository}:{self.tag}: CodeBuild could not build and push it",
            f'CodeBuild says: "{reasons}"' + (f'; its log ends with: "{log}"' if log else ""),
            said.build_advice(self._log) if began else "Mend what it says of its project or its role, and run again",
        )

    def _rest(self, until: float, aws: Aws) -> None:
        if time.monotonic() >= until:
            self._build(aws)

    def _read_log(self, aws: Aws, where: Mapping[str, Any]) -> None:
        """Add what is new. CloudWatch gives the same token again at the end, and pages may be empty before it."""
        if not where.get("streamName"):
            return
        with absent("ResourceNotFoundException"):  # the stream comes some seconds after the build
            while True:
                token = {"nextToken": self._next} if self._next else {}
                page = aws.client("logs").get_log_events(
                    logGroupName=where["groupName"], logStreamName=where["streamName"], startFromHead=True, **token
                )
                self._log += "".join(f"{event['message'].rstrip()}\n" for event in page["events"])
                if page["nextForwardToken"] == self._next:
                    return
                self._next = page["nextForwardToken"]


def _reasons(build: Mapping[str, Any]) -> Iterator[str]:
    """What went wrong, phase by phase, in CodeBuild's words."""
    for phase in build.get("phases", ()):
        if phase.get("phaseStatus") not in (None, "SUCCEEDED"):
            words = [f"{each.get('statusCode', '')}: {each.get('message', '')}" for each in phase.get("contexts", ())]
            yield f"{phase['phaseType']} {phase['phaseStatus']} {' '.join(words)}".strip()
