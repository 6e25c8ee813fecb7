"""The first engine that answers builds; one that is named and cannot says how to make it."""

from pathlib import Path

import pytest

from provisioning.engine.problem import Problem
from provisioning.images.engines import Engine, choose

DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
MACHINE = "Cannot connect to Podman. Please verify your connection to the Linux system"


def test_docker_comes_first(engine):
    engine.install("docker", "podman", "finch", "buildah")
    choice = choose()
    assert choice.engine.name == "docker"
    assert choice.words == "docker builds the image on this machine"


@pytest.mark.parametrize(
    ("here", "chosen"),
    [(["podman", "buildah"], "podman"), (["finch", "buildah"], "finch"), (["buildah"], "buildah")],
)
def test_the_next_one_comes_where_the_first_is_not_there(engine, here, chosen):
    engine.install(*here)
    assert choose().engine.name == chosen


def test_an_engine_that_does_not_answer_is_passed_over(engine):
    engine.install("docker", "podman", "buildah")
    engine.says("version", (1, DAEMON))
    engine.says("info", (125, MACHINE), (0, "1.28"))
    assert choose().engine.name == "buildah"


def test_codebuild_comes_last_and_says_why(engine):
    engine.install("docker")
    engine.says("version", (1, DAEMON))
    choice = choose()
    assert choice.engine is None
    assert choice.words == (
        f"CodeBuild builds the image: docker does not answer ({DAEMON}), podman is not installed, "
        "finch is not installed, buildah is not installed"
    )


def test_codebuild_can_be_asked_for(engine):
    engine.install("docker")
    assert choose("codebuild").engine is None
    assert engine.calls == []


@pytest.mark.parametrize(
    ("name", "said", "how"),
    [
        ("docker", DAEMON, "Start Docker"),
        ("podman", MACHINE, "podman machine start"),
        ("finch", 'instance "finch" is stopped, run `finch vm start`', "finch vm start"),
        ("buildah", "newuidmap: write to uid_map failed", "Mend what `buildah info` says"),
    ],
)
def test_one_that_is_named_and_does_not_answer_says_how_to_start_it(engine, name, said, how):
    engine.install("docker", "podman", "finch", "buildah")
    engine.says("version", (1, said))
    engine.says("info", (125, said))
    with pytest.raises(Problem) as problem:
        choose(name)
    assert problem.value.said == f'It says: "{said}"'
    assert how in problem.value.do
    assert "--builder codebuild" in problem.value.do


def test_one_that_is_named_and_not_there_says_so(engine):
    with pytest.raises(Problem, match="It is not installed, or not on the PATH"):
        choose("podman")


def test_an_unknown_name_is_refused_with_those_that_there_are(engine):
    with pytest.raises(Problem, match="one of docker, podman, finch, buildah and codebuild"):
        choose("kaniko")


def test_docker_that_is_podman_in_disguise_gets_podman_s_options(engine):
    engine.install("docker")
    engine.says("--version", (0, "podman version 4.9.4"))
    chosen = choose().engine
    assert (chosen.name, chosen.dialect) == ("docker", "podman")
    assert any(each.startswith("--authfile=") for each in chosen.push("r/i:t", Path("l"), Path("d")).arguments)


def test_docker_without_buildx_gets_the_classic_builder(engine):
    engine.install("docker")
    command = choose().engine.build("r/i:t")
    assert command.arguments[1:] == ("build", "--platform=linux/amd64", "--tag=r/i:t", ".")
    assert command.environment["DOCKER_BUILDKIT"] == "0"


def test_docker_with_buildx_makes_no_attestations_and_keeps_what_it_built(engine):
    engine.install("docker")
    engine.says("buildx", (0, "github.com/docker/buildx v0.12.1"))
    command = choose().engine.build("r/i:t", {"PYTHON_IMAGE": "python:3.13"})
    assert command.arguments[1:] == (
        *("buildx", "build", "--load", "--platform=linux/amd64"),
        *("--build-arg=PYTHON_IMAGE=python:3.13", "--tag=r/i:t", "."),
    )
    assert command.environment["BUILDX_NO_DEFAULT_ATTESTATIONS"] == "1"


@pytest.mark.parametrize("name", ["podman", "buildah"])
def test_podman_and_buildah_speak_http_only_where_the_registry_does(name):
    engine = Engine(name, name, "podman")
    assert "--tls-verify=false" in engine.push("r/i:t", Path("l"), Path("d"), plain_http=True).arguments
    assert "--tls-verify=false" not in engine.push("r/i:t", Path("l"), Path("d")).arguments
