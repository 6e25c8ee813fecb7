"""CodeBuild: builds that finish, and the phases in which they don't."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from provisioning.localcloud import images

from .conftest import ACCOUNT, REGION, Aws, make_role, wait_for

HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
BUCKET = "build-sources"
PRINCIPAL = "codebuild.amazonaws.com"
LOGIN = "aws ecr get-login-password | docker login --username AWS --password-stdin $REGISTRY"
BUILD = "docker build --platform linux/amd64 --tag $REGISTRY/$REPOSITORY:$TAG ."
SPEC = json.dumps(
    {
        "version": 0.2,
        "phases": {
            "pre_build": {"commands": [LOGIN]},
            "build": {"commands": [BUILD, "docker push $REGISTRY/$REPOSITORY:$TAG"]},
        },
    }
)
DOCKERFILE = """
# syntax is passed over
ARG PYTHON_IMAGE=python:3.13-slim
FROM ${PYTHON_IMAGE} AS build
ENV STAGE=first
RUN pip install nothing \\
 && DJANGO_SETTINGS_MODULE=a.settings python manage.py collectstatic --noinput
FROM ${PYTHON_IMAGE}
ENV PATH=/venv/bin:$PATH \\
    A="b c"
WORKDIR /app
USER 10001
CMD ["python", "main.py"]
"""
# In place of Django's: it shows what it was called with.
MANAGE = """
import os, pathlib, sys
pathlib.Path("static.txt").write_text(os.environ["DJANGO_SETTINGS_MODULE"] + sys.argv[1])
"""
TREE = {
    "Dockerfile": DOCKERFILE,
    ".dockerignore": "Dockerfile\n**/*.pyc\ndocs\n!docs/kept.md\n",
    "manage.py": MANAGE,
    "main.py": "",
    "a/b.pyc": "",
    "a/b.py": "",
    "docs/gone.md": "",
    "docs/kept.md": "",
}
NEEDED = (
    ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*"),
    ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
    ("logs:*", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/codebuild/*"),
    ("ecr:GetAuthorizationToken", "*"),
    ("ecr:*", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/built"),
)
Start = Callable[..., dict[str, Any]]


def packed(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def project(name: str, role: str, **environment: Any) -> dict[str, Any]:
    image = "aws/codebuild/amazonlinux2-x86_64-standard:5.0"
    return {
        "name": name,
        "source": {"type": "S3", "location": f"{BUCKET}/builds/none.zip", "buildspec": SPEC},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": {
            "type": "LINUX_CONTAINER",
            "image": image,
            "computeType": "BUILD_GENERAL1_SMALL",
            "privilegedMode": True,
            **environment,
        },
        "serviceRole": role,
        "tags": [{"key": "env", "value": name}],
    }


@pytest.fixture(scope="module")
def start(aws: Aws) -> Start:
    """Builds a tree in the project "builder" and waits for the end."""
    aws.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    aws.client("ecr").create_repository(repositoryName="built")
    api = aws.client("codebuild")
    api.create_project(**project("builder", make_role(aws, "builder", PRINCIPAL, *NEEDED)))

    def start(tree: dict[str, str] | bytes | None, tag: str, **more: Any) -> dict[str, Any]:
        key = f"builds/{tag}.zip"
        if tree is not None:
            body = tree if isinstance(tree, bytes) else packed(tree)
            aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)
        variables = {"REGISTRY": HOST, "REPOSITORY": "built", "TAG": tag, **more.pop("variables", {})}
        build = api.start_build(
            projectName=more.pop("project", "builder"),
            sourceLocationOverride=f"{BUCKET}/{key}",
            environmentVariablesOverride=[{"name": name, "value": value} for name, value in variables.items()],
            **more,
        )["build"]
        assert (build["buildStatus"], build["buildComplete"]) == ("IN_PROGRESS", False)
        return wait_for(lambda: next((b for b in look(build["id"]) if b["buildComplete"]), None))

    def look(id: str) -> list[dict[str, Any]]:
        return list(api.batch_get_builds(ids=[id])["builds"])

    return start


def failure(build: dict[str, Any]) -> tuple[str, str]:
    """The phase and what is said of it."""
    assert build["buildStatus"] == "FAILED"
    phase = next(each for each in build["phases"] if each.get("phaseStatus") == "FAILED")
    [context] = phase["contexts"]
    return phase["phaseType"], f"{context['statusCode']}: {context['message']}"


def log(aws: Aws, build: dict[str, Any]) -> str:
    logs = build["logs"]
    events = aws.client("logs").get_log_events(
        logGroupName=logs["groupName"], logStreamName=logs["streamName"], startFromHead=True
    )["events"]
    return "".join(event["message"] for event in events)


def test_a_build_makes_an_image_that_runs(aws: Aws, start: Start) -> None:
    """botocore's model: the phases. What is in the image is ours (docs/local-cloud.md)."""
    build = start(TREE, "first")
    assert (build["buildStatus"], build["currentPhase"]) == ("SUCCEEDED", "COMPLETED"), log(aws, build)
    assert [phase["phaseType"] for phase in build["phases"]] == [
        "SUBMITTED",
        "QUEUED",
        "PROVISIONING",
        "DOWNLOAD_SOURCE",
        "INSTALL",
        "PRE_BUILD",
        "BUILD",
        "POST_BUILD",
        "UPLOAD_ARTIFACTS",
        "FINALIZING",
        "COMPLETED",
    ]
    image = images.app(f"{HOST}/built:first")
    assert (image.environment, image.command) == ({"A": "b c"}, ["python", "main.py"])
    found = {str(each.relative_to(image.folder)) for each in image.folder.rglob("*") if each.is_file()}
    assert found == {".dockerignore", "manage.py", "main.py", "a/b.py", "docs/kept.md", "static.txt"}
    assert (image.folder / "static.txt").read_text() == "a.settingscollectstatic"
    assert "Running command docker push" in log(aws, build)
    assert build["logs"]["groupName"] == "/aws/codebuild/builder"


def test_the_same_tree_is_packed_once(aws: Aws, start: Start) -> None:
    """Ours. The image differs by the time at which it was made, as docker's does."""
    for tag in ("again-1", "again-2"):
        assert start(TREE, tag)["buildStatus"] == "SUCCEEDED"
    ids = [{"imageTag": tag} for tag in ("again-1", "again-2")]
    got = aws.client("ecr").batch_get_image(repositoryName="built", imageIds=ids)["images"]
    first, second = (json.loads(image["imageManifest"]) for image in got)
    assert first["layers"] == second["layers"]
    assert first["config"] != second["config"]


@pytest.mark.parametrize(
    ("tree", "tag", "phase", "why"),
    [
        (None, "absent", "DOWNLOAD_SOURCE", "CLIENT_ERROR: NoSuchKey: The specified key does not exist"),
        (b"no zip", "bad", "DOWNLOAD_SOURCE", "CLIENT_ERROR: zip: not a valid zip file"),
        ({"a": ""}, "empty", "BUILD", "COMMAND_EXECUTION_ERROR: Error while executing command: docker build"),
        ({"Dockerfile": "CMD x"}, "odd", "BUILD", "COMMAND_EXECUTION_ERROR"),
        ({**TREE, "manage.py": "raise SystemExit(3)"}, "uncollected", "BUILD", "COMMAND_EXECUTION_ERROR"),
    ],
)
def test_a_source_that_is_wrong_fails_in_its_phase(start: Start, tree: Any, tag: str, phase: str, why: str) -> None:
    """AWS's words are those of aws-deployment-framework#302 and aws-simple-streaming-webapp#8; zip's are Go's."""
    seen, said = failure(start(tree, tag))
    assert seen == phase and why in said


def test_docker_needs_privileges(aws: Aws, start: Start) -> None:
    """botocore's model: privilegedMode. Docker's words."""
    build = start(TREE, "unprivileged", privilegedModeOverride=False)
    assert failure(build)[0] == "BUILD"
    assert "Cannot connect to the Docker daemon" in log(aws, build)


def test_a_spec_that_is_not_there_or_no_yaml(start: Start) -> None:
    """Reported: aws-samples/mlops-e2e#68."""
    phase, why = failure(start(TREE, "specless", buildspecOverride="ci/build.yml"))
    assert phase == "DOWNLOAD_SOURCE"
    assert why.startswith("YAML_FILE_ERROR: stat ") and why.endswith("ci/build.yml: no such file or directory")
    assert failure(start(TREE, "broken", buildspecOverride="{a: [\n"))[1].startswith("YAML_FILE_ERROR")


@pytest.mark.parametrize(
    ("lacks", "phase", "why"),
    [
        ("s3:GetObject", "DOWNLOAD_SOURCE", "AccessDenied: Access Denied"),
        ("logs:*", "PROVISIONING", "logs:CreateLogStream"),
        ("ecr:GetAuthorizationToken", "PRE_BUILD", "get-login-password"),
        ("ecr:*", "BUILD", "docker push"),
    ],
)
def test_a_role_without_a_right_fails_where_it_is_needed(
    aws: Aws, start: Start, lacks: str, phase: str, why: str
) -> None:
    """AWS documents (CodeBuild's service role; ECR's rights for a push). Which phase logs fail in is believed."""
    name = f"lacks-{lacks.replace(':', '-').replace('*', 'all')}"
    role = make_role(aws, name, PRINCIPAL, *(pair for pair in NEEDED if pair[0] != lacks))
    seen, said = failure(start(TREE, name, serviceRoleOverride=role))
    assert seen == phase and why in said


def test_a_repository_that_is_not_there_refuses_the_push(aws: Aws, start: Start) -> None:
    """Reported: ECR's words, as in test_registry.py."""
    role = make_role(aws, "pushes-anywhere", PRINCIPAL, *NEEDED, ("ecr:*", "*"))
    build = start(TREE, "homeless", variables={"REPOSITORY": "nowhere"}, serviceRoleOverride=role)
    assert failure(build)[0] == "BUILD"
    assert "The repository with name 'nowhere' does not exist" in log(aws, build)


@pytest.mark.parametrize("phase", ["any", "BUILD"])
def test_a_build_is_stopped_with_the_command_that_it_runs(aws: Aws, start: Start, phase: str) -> None:
    """botocore's model: STOPPED."""
    long = {**TREE, "manage.py": "import time; time.sleep(60)"}
    api = aws.client("codebuild")
    aws.client("s3").put_object(Bucket=BUCKET, Key="builds/none.zip", Body=packed(long))
    id = api.start_build(projectName="builder")["build"]["id"]
    wait_for(lambda: phase in ("any", api.batch_get_builds(ids=[id])["builds"][0]["currentPhase"]))
    api.stop_build(id=id)
    [build] = wait_for(lambda: [b for b in api.batch_get_builds(ids=[id])["builds"] if b["buildComplete"]])
    assert build["buildStatus"] == "STOPPED"
    with pytest.raises(ClientError, match="already complete"):
        api.stop_build(id=id)


def test_builds_are_listed_newest_first(aws: Aws, start: Start) -> None:
    """AWS documents: sortOrder is DESCENDING where nothing is said."""
    api = aws.client("codebuild")
    newest = start(None, "absent")["id"]
    ids = api.list_builds_for_project(projectName="builder")["ids"]
    assert ids[0] == newest == api.list_builds()["ids"][0]
    ascending = api.list_builds_for_project(projectName="builder", sortOrder="ASCENDING")["ids"]
    assert ascending == ids[::-1]
    assert api.batch_get_builds(ids=["builder:unknown"])["buildsNotFound"] == ["builder:unknown"]


def test_a_project_is_made_changed_found_and_deleted(aws: Aws) -> None:
    """botocore's model; AWS documents that there is no error for one that is not there."""
    api = aws.client("codebuild")
    role = make_role(aws, "projects", PRINCIPAL)
    wanted = project("a-project", role)
    arn = api.create_project(**wanted)["project"]["arn"]
    with pytest.raises(api.exceptions.ResourceAlreadyExistsException):
        api.create_project(**wanted)
    found = aws.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "env", "Values": ["a-project"]}])
    assert [each["ResourceARN"] for each in found["ResourceTagMappingList"]] == [arn]
    api.update_project(name="a-project", description="changed", timeoutInMinutes=30)
    got = api.batch_get_projects(names=["a-project", "no-project"])
    [described] = got["projects"]
    assert (described["description"], described["timeoutInMinutes"]) == ("changed", 30)
    assert described["environment"]["privilegedMode"] is True
    assert (described["tags"], described["serviceRole"]) == (wanted["tags"], role)
    assert got["projectsNotFound"] == ["no-project"]
    assert "a-project" in api.list_projects()["projects"]
    for _ in range(2):
        api.delete_project(name="a-project")  # AWS documents no error for one that is not there
    for call in (api.start_build, api.list_builds_for_project):
        with pytest.raises(api.exceptions.ResourceNotFoundException):
            call(projectName="a-project")
    with pytest.raises(api.exceptions.ResourceNotFoundException):
        api.update_project(name="a-project")


def test_a_role_that_codebuild_cannot_assume_is_refused(aws: Aws) -> None:
    """Reported: aws-samples/sagemaker-run-notebook#12; every provisioner retries it for a role just made."""
    api = aws.client("codebuild")
    for role in (make_role(aws, "of-lambda", "lambda.amazonaws.com"), f"arn:aws:iam::{ACCOUNT}:role/none"):
        with pytest.raises(api.exceptions.InvalidInputException, match="not authorized to perform: sts:AssumeRole"):
            api.create_project(**project("unassumable", role))
