"""Images run in containers where an engine can, and else as their tree; here the engine is a stand-in."""

import contextlib
import json
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from provisioning.images.engines import Engine
from provisioning.localcloud.apprunner.program import Program
from provisioning.localcloud.apprunner.ways import InContainer
from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.containers import Containers, RunImages, Runnable, Runner
from provisioning.localcloud.containers.finding import INSIDE, runner
from provisioning.localcloud.folder import Folder
from provisioning.localcloud.ground import ground

from . import pushing
from .conftest import PROGRAM, Aws, Services, fetch, wait_for

PODMAN = Runner(Engine("podman", "podman", "podman"))
HERE = f"{socket.gethostname()}\tDebian GNU/Linux 12\tlinux/x86_64\t[name=seccomp]"


class Stage:
    """Stand-ins for engines, the only programs on the PATH."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        (folder / "containers").mkdir(parents=True)
        (folder / "program.py").write_text(PROGRAM)
        patch.setenv("PATH", str(folder))

    def install(self, *names: str) -> None:
        script = Path(__file__).with_name("containers.py").read_text()
        for name in names:
            (self.folder / name).write_text(f"#!{sys.executable} -IS\n{script}")
            (self.folder / name).chmod(0o755)

    def says(self, verb: str, code: int, words: str) -> None:
        (self.folder / verb).write_text(json.dumps([code, words]))

    def called(self, verb: str) -> list[dict[str, Any]]:
        file = self.folder / "calls"
        calls = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [call for call in calls if call["verb"] == verb]

    @property
    def containers(self) -> dict[str, psutil.Process]:
        found = {}
        for file in (self.folder / "containers").iterdir():
            with contextlib.suppress(ValueError, OSError, psutil.NoSuchProcess):  # between two of its steps
                found[file.name] = psutil.Process(int(file.read_text()))
        return found


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr("sys.platform", "linux")
    stage = Stage(tmp_path / "bin", monkeypatch)
    yield stage
    for process in stage.containers.values():
        process.kill()


def runs_images(how: RunImages, monkeypatch: pytest.MonkeyPatch) -> Containers:
    """From now on."""
    monkeypatch.setattr(ground(), "containers", Containers(how, ground().folder))
    return ground().containers


@pytest.fixture(scope="session")
def with_base(aws: Aws) -> str:
    """An image as an engine pushes it."""
    engine = pushing.Engine(aws)
    engine.ecr.create_repository(repositoryName="with-base")
    config = pushing.configured(Cmd=["python", "program.py"])
    layer = {"app/program.py": PROGRAM}
    config["rootfs"] = {"type": "layers", "diff_ids": [pushing.sha256(pushing.tar(layer))]}
    digest = engine.push("with-base", "made", config, layer)
    return f"123456789012.dkr.ecr.eu-west-3.amazonaws.com/with-base@{digest}"


# Which engine


def test_docker_of_this_machine_runs_images_for_who_asks(stage: Stage) -> None:
    stage.install("docker")
    stage.says("info", 0, HERE)
    found, _ = runner(docker=True)
    assert found == Runner(Engine("docker", str(stage.folder / "docker"), "docker", buildx=True))


@pytest.mark.parametrize(
    ("info", "why"),
    [
        (HERE.replace("Debian GNU/Linux 12", "Docker Desktop"), "its daemon is on another machine, or in a virtual"),
        (HERE.replace(socket.gethostname(), "elsewhere"), "its daemon is on another machine, or in a virtual one"),
        (HERE.replace("seccomp", "rootless"), "its daemon gives containers no network of this machine's"),
        (HERE.replace("x86_64", "aarch64"), "its daemon is for linux/aarch64"),
    ],
)
def test_a_docker_that_could_not_reach_us_does_not(stage: Stage, info: str, why: str) -> None:
    stage.install("docker")
    stage.says("info", 0, info)
    found, said = runner(docker=True)
    assert found is None
    assert said.startswith(f"podman is not installed, docker can't run it ({why}")


def test_docker_has_to_be_asked_for(stage: Stage) -> None:
    stage.install("docker")
    assert runner() == (None, "podman is not installed, docker does only where --run-images is engine")


def test_podman_is_tried_with_the_smallest_program(stage: Stage) -> None:
    stage.install("podman")
    found, _ = runner()
    assert found is not None and (found.name, found.options) == ("podman", ())
    assert "--rootfs" in stage.called("run")[0]["arguments"]


def test_podman_inside_a_sandbox_gets_what_it_needs_there(stage: Stage) -> None:
    stage.install("podman")
    script = (stage.folder / "podman").read_text()
    refuses = (
        'if VERB == "run" and "--runtime=runc" not in ARGUMENTS:\n    sys.exit("crun: Operation not permitted")\n'
    )
    (stage.folder / "podman").write_text(script.replace("note()\nif", f"note()\n{refuses}if"))
    found, _ = runner()
    assert found is not None and (found.options, found.run_options) == (INSIDE.options, INSIDE.run_options)


def test_where_none_can_it_is_said_why(stage: Stage) -> None:
    stage.install("docker", "podman")
    stage.says("version", 1, "Is the docker daemon running?")
    stage.says("run", 126, "crun: Operation not permitted")
    assert runner() == (
        None,
        "podman can't run it (crun: Operation not permitted), docker does not answer (Is the docker daemon running?)",
    )


def test_on_a_mac_none_can(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    stage.install("docker", "podman")
    assert runner() == (None, "engines run in a virtual machine here, whose 127.0.0.1 is not this machine's")


# What it is told


def test_values_are_not_on_the_command_line_unless_the_engine_would_take_them_for_its_own() -> None:
    environment = {"SECRET_KEY": "s3cret", "PATH": "/mine", "DOCKER_HOST": "tcp://theirs"}
    command = PODMAN.run("image", environment, name="n", label="l", command=["sh", "-c", "true"])
    assert "--env=SECRET_KEY" in command.arguments and command.environment["SECRET_KEY"] == "s3cret"
    assert "--env=PATH=/mine" in command.arguments and "--env=DOCKER_HOST=tcp://theirs" in command.arguments
    assert command.environment.get("DOCKER_HOST") != "tcp://theirs" and "PATH" not in command.environment
    assert command.arguments[-4:] == ("--entrypoint=sh", "image", "-c", "true")


# What a service does


def test_a_service_runs_in_a_container_of_its_image(
    stage: Stage, services: Services, with_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.install("podman")
    containers = runs_images("auto", monkeypatch)
    service = services.create("contained", source=services.source({"COLOUR": "blue"}, image=with_base))
    services.wait(service)
    seen = fetch(service["ServiceUrl"])
    assert (seen["COLOUR"], seen["BIND"], seen["PATH"]) == ("blue", "127.0.0.1", "/images/own")
    assert "[local AWS] runs its image in podman" in services.story(service)
    [name] = stage.containers
    assert name.startswith(containers.name("contained", ""))

    [pull] = stage.called("pull")
    address = ground().endpoint.removeprefix("http://")
    assert list(pull["login"]["auths"]) == [address]
    assert pull["arguments"][-1] == f"{address}/with-base@{with_base.partition('@')[2]}"
    services.api.start_deployment(ServiceArn=service["ServiceArn"])
    services.wait(service)
    assert len(stage.called("pull")) == 1
    services.delete_all()
    wait_for(lambda: stage.containers == {})


def test_one_that_fails_its_health_check_leaves_no_container(
    stage: Stage, services: Services, with_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.install("podman")
    runs_images("auto", monkeypatch)
    service = services.create(
        "unwell",
        source=services.source({"STATUS": "500"}, image=with_base),
        HealthCheckConfiguration={"Protocol": "HTTP", "Path": "/"},
    )
    services.wait(service, "CREATE_FAILED")
    wait_for(lambda: stage.containers == {})


def test_an_image_that_no_engine_can_run_runs_as_its_tree_and_it_is_said_why(
    stage: Stage, services: Services, with_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs_images("auto", monkeypatch)
    service = services.create("uncontained", source=services.source(image=with_base))
    services.wait(service)
    assert "because podman is not installed, docker is not installed" in services.story(service)


def test_an_image_that_does_not_arrive_runs_as_its_tree(
    stage: Stage, services: Services, with_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.install("podman")
    stage.says("pull", 125, "no space left on device")
    runs_images("auto", monkeypatch)
    service = services.create("unfetched", source=services.source(image=with_base))
    services.wait(service)
    assert "because podman did not get it: " in services.story(service)
    assert "no space left on device" in services.story(service)


def test_who_wants_containers_only_is_told_that_there_is_none(
    stage: Stage, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.install("podman")
    runs_images("engine", monkeypatch)
    service = services.create("codebuilt")  # an image without a base
    services.wait(service, "CREATE_FAILED")
    assert "--run-images is engine. But it was built without its base image" in services.story(service)
    assert stage.called("run") == []


def test_who_wants_none_gets_none(
    stage: Stage, services: Services, with_base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.install("podman")
    runs_images("tree", monkeypatch)
    service = services.create("treelike", source=services.source(image=with_base))
    services.wait(service)
    assert "without a container" in services.story(service) and stage.called("run") == []


def test_another_way_is_refused() -> None:
    with pytest.raises(ValueError, match="It is one of auto, engine, tree"):
        LocalCloud(run_images="sometimes")  # type: ignore[arg-type]


# What an instance does


@pytest.fixture
def program(stage: Stage, aws: Aws, tmp_path: Path) -> Iterator[Program]:
    stage.install("podman")
    heard: list[str] = []
    found = Runner(Engine("podman", str(stage.folder / "podman"), "podman"))
    program = Program(InContainer(Runnable(found, "image"), [], {}), tmp_path / "one.log", lambda id: heard.extend)
    program.start()
    wait_for(lambda: stage.containers)
    yield program
    program.stop()


def only(stage: Stage) -> psutil.Process:
    [process] = stage.containers.values()
    return process


def test_the_container_loses_its_cpu_and_not_only_the_engine_s_program(stage: Stage, program: Program) -> None:
    program.freeze()
    wait_for(only(stage).status, psutil.STATUS_STOPPED)
    program.thaw()
    wait_for(only(stage).status, psutil.STATUS_SLEEPING, psutil.STATUS_RUNNING)


def test_one_that_is_thawed_at_once_has_its_cpu(stage: Stage, program: Program) -> None:
    program.freeze()
    program.thaw()
    wait_for(lambda: len(stage.called("pause")) == len(stage.called("unpause")))
    assert only(stage).status() != psutil.STATUS_STOPPED


def test_one_without_cpu_is_stopped_and_removed(stage: Stage, program: Program) -> None:
    process = only(stage)
    program.freeze()
    wait_for(process.status, psutil.STATUS_STOPPED)
    program.stop()
    assert stage.containers == {} and not process.is_running()
    assert len(stage.called("unpause")) == 1  # it is asked to end, and has to hear it


def test_the_container_goes_when_the_engine_s_program_is_killed(stage: Stage, program: Program) -> None:
    process, [engine] = only(stage), children_of_leash("podman")
    engine.send_signal(signal.SIGKILL)
    process.wait(timeout=30)


def test_the_container_goes_when_the_local_aws_is_killed(stage: Stage, program: Program) -> None:
    process = only(stage)
    assert program._child is not None
    program._stopping.set()
    program._child._leash.stdin.close()  # type: ignore[union-attr]  # as the kernel does it
    process.wait(timeout=30)


def children_of_leash(name: str) -> list[psutil.Process]:
    ours = psutil.Process().children(recursive=True)
    return [each for each in ours if any(part.endswith(f"/{name}") for part in each.cmdline()[1:3])]


def test_an_engine_that_can_not_take_the_cpu_says_so(stage: Stage, program: Program) -> None:
    stage.says("pause", 1, "pause is not supported for cgroup V1 rootless containers")
    program.freeze()
    said = "[local AWS] it keeps its CPU while idle: pause is not supported for cgroup V1 rootless containers"
    wait_for(lambda: said in program.log.read_text())
    program.thaw()
    assert len(stage.called("unpause")) == 0


def test_its_processes_are_those_of_the_container(stage: Stage, program: Program) -> None:
    assert [each.pid for each in program.processes()] == [only(stage).pid]
    program.processes()
    assert len(stage.called("inspect")) == 1


def test_what_a_power_cut_left_is_swept_but_not_what_another_uses(
    stage: Stage, aws: Aws, with_base: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from provisioning.localcloud import images

    stage.install("podman")
    free, used = Folder(tmp_path / "free"), Folder(tmp_path / "used")
    free.close()
    left = {"of-none": tmp_path / "gone", "of-free": free.path, "of-used": used.path, "of-us": ground().folder}
    (stage.folder / "left").write_text("".join(f"{name}\t{folder}\n" for name, folder in left.items()))
    runs_images("auto", monkeypatch).runnable(images.look(with_base))
    assert [call["arguments"][-1] for call in stage.called("rm")] == ["of-none", "of-free", "of-us"]
    used.close()
