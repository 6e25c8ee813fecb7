"""CodeBuild builds the commit, whatever lies changed beside it, and its log is ours."""

import pytest

from provisioning.engine.problem import Problem
from provisioning.images.codebuild import BUILDSPEC, RemoteBuild
from provisioning.images.source import Source

from .codebuild import Remote
from .ecr import REPOSITORY


@pytest.fixture
def remote(ecr):
    return Remote(ecr)


def remote_build(folder, **more):
    return RemoteBuild(Source(folder), "p", "bucket", **more)


def begun(remote, folder, **more):
    """A build that CodeBuild has taken on."""
    build = remote_build(folder, **more)
    build.start(remote, REPOSITORY)
    build.look(remote)
    return build


def test_the_commit_goes_up_and_what_was_changed_since_stays_out_and_is_told(remote, repository):
    commit = Source(repository).tag
    (repository / "manage.py").write_text("print('changed')\n")
    build = begun(remote, repository)
    assert build.tag == commit
    assert list(remote.objects) == [f"bucket/builds/{commit}.zip"]
    assert remote.packed().read("manage.py") == b"print('hello')\n"
    told = f"CodeBuild builds commit {commit}; changes in 1 file are in no commit and stay out: manage.py"
    assert build.words == told
    assert build.output == told + "\n"


def test_a_clean_commit_has_nothing_more_to_tell(remote, repository):
    build = begun(remote, repository)
    assert build.words == f"CodeBuild builds commit {build.tag}"
    assert build.output == ""


def test_a_build_is_told_where_to_push_what(remote, repository, ecr):
    build = begun(remote, repository, arguments={"EXTRA": "1"})
    (started,) = remote.started
    assert started["sourceTypeOverride"] == "S3"
    assert started["sourceLocationOverride"] == f"bucket/builds/{build.tag}.zip"
    expected = {"REGISTRY": ecr.host, "REPOSITORY": REPOSITORY, "TAG": build.tag, "EXTRA": "1"}
    assert remote.variables() == expected


@pytest.mark.parametrize(
    ("line", "base"),
    [
        ("ARG PYTHON_IMAGE=python:3.13-slim", "public.ecr.aws/docker/library/python:3.13-slim"),
        ("ARG PYTHON_IMAGE=registry.example/python:3.13", None),
        ("FROM python:3.13", None),
    ],
)
def test_docker_hub_s_official_base_comes_from_aws_s_mirror(remote, tree, line, base):
    (tree / "Dockerfile").write_text(f"# An image\n{line}\nFROM x\n")
    begun(remote, tree)
    assert remote.variables().get("PYTHON_IMAGE") == base


def test_a_build_is_followed_to_its_end_and_made_the_latest(remote, repository, ecr):
    build = begun(remote, repository)
    assert build.look(remote).word == "QUEUED"
    remote.moves_on("BUILD", "#1 FROM python", "#2 RUN pip")
    progress = build.look(remote)
    assert (progress.word, progress.output) == ("BUILD", "#1 FROM python\n#2 RUN pip\n")
    remote.moves_on("POST_BUILD", "pushed")
    assert build.look(remote).output.endswith("#2 RUN pip\npushed\n")
    remote.succeeds()
    while build.look(remote):
        pass
    assert build.done
    assert ecr.tags["latest"] == ecr.tags[build.tag]
    assert remote.objects == {}


def test_a_log_that_is_not_there_yet_is_waited_for(remote, repository):
    build = begun(remote, repository)
    remote.moves_on("PROVISIONING")
    assert build.look(remote).word == "PROVISIONING"


def test_a_build_of_a_run_that_was_killed_is_followed_and_not_begun_again(remote, repository):
    begun(remote, repository)
    build = begun(remote, repository)
    assert len(remote.started) == 1
    remote.moves_on("BUILD", "#1 FROM python")
    assert build.look(remote).output == "#1 FROM python\n"


def test_a_build_of_another_commit_or_one_that_ended_is_not_followed(remote, repository, git):
    begun(remote, repository)
    git(repository, "commit", "--quiet", "--allow-empty", "--message=Next")
    begun(remote, repository)
    assert len(remote.started) == 2
    remote.fails()
    begun(remote, repository)
    assert len(remote.started) == 3


def test_a_build_that_fails_says_in_which_phase_and_how_its_log_ends(remote, repository, ecr):
    build = begun(remote, repository)
    remote.fails("#8 [build 4/7] RUN pip install", "ERROR: No matching distribution found for wagtail==99")
    with pytest.raises(Problem) as caught:
        build.look(remote)
    assert "BUILD FAILED COMMAND_EXECUTION_ERROR: Error while executing command: docker build ." in caught.value.said
    assert "No matching distribution found for wagtail==99" in caught.value.said
    assert "latest" not in ecr.tags
    assert remote.objects == {}
    assert build.look(remote) is None


def test_what_codebuild_pushed_is_looked_at_too(remote, repository, ecr):
    build = begun(remote, repository)
    remote.succeeds(architecture="arm64")
    with pytest.raises(Problem, match="built for linux/arm64"):
        while build.look(remote):
            pass
    assert "latest" not in ecr.tags


def test_the_project_signs_in_builds_one_manifest_and_pushes_it():
    """After a command that failed CodeBuild leaves out the rest of its phase: what was not built is not pushed."""
    build, push = BUILDSPEC["phases"]["build"]["commands"]
    assert "--platform linux/amd64" in build
    assert push == 'docker push "$REGISTRY/$REPOSITORY:$TAG"'
    assert BUILDSPEC["env"]["variables"]["BUILDX_NO_DEFAULT_ATTESTATIONS"] == "1"
