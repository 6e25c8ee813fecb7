"""What a build does, phase by phase: fetch the source, follow its buildspec, end."""

import io
import shutil
import time
import zipfile
from datetime import datetime
from pathlib import Path

import yaml
from moto.core.utils import utcnow
from moto.s3.exceptions import MissingBucket
from moto.s3.models import s3_backends

from ..credentials import PARTITION
from ..ground import ground, lasting
from .build import Build, BuildStopped, PhaseFailed
from .docker import Docker, Exit
from .rights import denied, may

# Of a build's time, what passes before there is a machine for it: believed.
PROVISIONING = 0.1
SPEC = {"INSTALL": "install", "PRE_BUILD": "pre_build", "BUILD": "build", "POST_BUILD": "post_build"}
Commands = dict[str, list[str]]


@lasting
def run(build: Build) -> None:
    """From its first phase again, when the cloud was stopped meanwhile."""
    if build.ended is not None:
        return
    build.phases.clear()
    place = ground().folder / "builds" / build.stream
    shutil.rmtree(place, ignore_errors=True)
    try:
        status = "SUCCEEDED" if succeeds(build, place) else "FAILED"
    except BuildStopped:
        status = end_open_phase(build, "STOPPED")
    finally:
        shutil.rmtree(place, ignore_errors=True)
    build.finish(status)
    ground().say(f"build {build.id}: {status}")


def succeeds(build: Build, place: Path) -> bool:
    timer_end = time.monotonic() + ground().clock.local_seconds("codebuild build")
    for phase in ("SUBMITTED", "QUEUED"):
        build.begin(phase).end("SUCCEEDED")
    commands: Commands = {}
    try:
        build.begin("PROVISIONING")
        pause(build, time.monotonic() + ground().clock.local_seconds("codebuild build") * PROVISIONING)
        open_log(build)
        end_open_phase(build, "SUCCEEDED")
        build.begin("DOWNLOAD_SOURCE")
        tree = download(build, place)
        commands = read_spec(build, tree)
        end_open_phase(build, "SUCCEEDED")
    except PhaseFailed as failure:
        fail(build, failure)
        return False
    good = follow(build, commands, Docker(build, tree), timer_end)
    for phase in ("UPLOAD_ARTIFACTS", "FINALIZING"):
        build.begin(phase).end("SUCCEEDED")
    return good


def follow(build: Build, commands: Commands, docker: Docker, end: float) -> bool:
    """AWS documents (buildspec reference): post_build runs after a failed build, but not after a failed pre_build."""
    good = True
    for phase in SPEC:
        build.begin(phase)
        try:
            for command in commands[phase]:
                build.say(f"Running command {command}")
                execute(docker, command)
            if phase == "BUILD":
                pause(build, end)
            end_open_phase(build, "SUCCEEDED")
        except PhaseFailed as failure:
            fail(build, failure)
            good = False
            if phase != "BUILD":
                return False
    return good


def execute(docker: Docker, command: str) -> None:
    try:
        docker.execute(command)
    except Exit as exit:
        for line in str(exit).splitlines():
            docker.build.say(line)
        message = f"Error while executing command: {command}. Reason: exit status {exit.status}"
        raise PhaseFailed(message, "COMMAND_EXECUTION_ERROR") from None


def open_log(build: Build) -> None:
    stream = f"arn:aws:logs:{build.region}:{build.account}:log-group:{build.group}:log-stream:{build.stream}"
    for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
        if not may(build, action, stream):
            # The words are AWS's (reported often); that it is in this phase is believed.
            raise PhaseFailed(
                f"Service role {build.role} does not allow AWS CodeBuild to create Amazon CloudWatch Logs log streams "
                f"for build {build.arn}. Error message: {denied(build, action, stream)}",
                "ACCESS_DENIED",
            )
    build.log_is_open = True
    build.say("Running on CodeBuild On-demand (local)")


def download(build: Build, place: Path) -> Path:
    """S3's answers are passed on as AWS does (aws-samples/aws-simple-streaming-webapp#8)."""
    if build.source["type"] != "S3":
        raise PhaseFailed(f"The local CodeBuild knows sources in S3 only, not {build.source['type']}.")
    bucket, _, key = build.source["location"].removeprefix("arn:aws:s3:::").partition("/")
    # Whoever may not list a bucket is not told what is missing in it.
    told = may(build, "s3:ListBucket", f"arn:aws:s3:::{bucket}")
    try:
        found = s3_backends[build.account][PARTITION].get_object(bucket, key)
    except MissingBucket:
        raise PhaseFailed("NoSuchBucket: The specified bucket does not exist for primary source") from None
    if not may(build, "s3:GetObject", f"arn:aws:s3:::{bucket}/{key}") or (found is None and not told):
        raise PhaseFailed("AccessDenied: Access Denied\n\tstatus code: 403 for primary source")
    if found is None:
        raise PhaseFailed("NoSuchKey: The specified key does not exist.\n\tstatus code: 404 for primary source")
    tree = place / "src"
    try:
        with zipfile.ZipFile(io.BytesIO(found.value)) as archive:
            archive.extractall(tree)
    except (zipfile.BadZipFile, EOFError) as error:
        raise PhaseFailed(f"zip: not a valid zip file ({error}) for primary source") from None
    return tree


def read_spec(build: Build, tree: Path) -> Commands:
    """Inline, or the file in the source (diem's and others' logs show AWS's words for one that is missing)."""
    given = build.source.get("buildspec") or "buildspec.yml"
    if "\n" not in given and not given.lstrip().startswith("{"):
        if not (tree / given).is_file():
            missing = f"stat /codebuild/output/src/{given}: no such file or directory"
            raise PhaseFailed(missing, "YAML_FILE_ERROR")
        given = (tree / given).read_text()
    try:
        phases = dict(yaml.safe_load(given))["phases"]
    except (yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise PhaseFailed(f"Unable to parse the buildspec: {error}", "YAML_FILE_ERROR") from None
    return {phase: list((phases.get(name) or {}).get("commands") or []) for phase, name in SPEC.items()}


def pause(build: Build, end: float) -> None:
    while (left := end - time.monotonic()) > 0:
        if build.stopping.is_set():
            raise BuildStopped
        ground().clock.sleep(min(left, 0.05))


def fail(build: Build, failure: PhaseFailed) -> None:
    build.phases[-1].end("FAILED", {"statusCode": failure.status_code, "message": str(failure)})
    build.say(f"Phase complete: {build.phases[-1].type} State: FAILED")
    build.say(f"Phase context status code: {failure.status_code} Message: {failure}")


def end_open_phase(build: Build, status: str) -> str:
    if build.phases[-1].ended is None:
        build.phases[-1].end(status)
        build.say(f"Phase complete: {build.phases[-1].type} State: {status}")
    return status


def now() -> datetime:
    return utcnow()
