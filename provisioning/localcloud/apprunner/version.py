"""One version of a service: what its instances run, and how one is started that may get requests."""

import shlex
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import images
from ..containers import NoContainer
from ..ground import ground
from ..iam import allows, find_role
from ..processes import CommandFailed, Listener, python_environment
from .environment import environment_of
from .errors import DeploymentFailed
from .health import wait_until_healthy
from .logs import instance
from .program import Program
from .service import Service
from .ways import AsTree, InContainer, Way

# AWS's managed policy AWSAppRunnerServicePolicyForECRAccess has these and DescribeImages.
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUBLIC = "public.ecr.aws/"


@dataclass(frozen=True)
class Version:
    way: Way
    log: Path
    health: dict[str, Any]
    hears: Callable[[str], Listener]

    @classmethod
    def of(cls, service: Service) -> "Version":
        """As the service is set now; raises DeploymentFailed."""
        must_be_pullable(service)
        environment = environment_of(service)
        log = log_of(service)
        command = shlex.split(service.settings.image_configuration.get("StartCommand") or "")
        try:
            way = way_of(images.look(service.settings.image), command, environment)
        except images.NotRunnable as problem:
            note(log, str(problem))
            instance(service).write([str(problem)])
            raise DeploymentFailed(f"Health check failed: {problem} (log: {log})") from None
        except images.ImageMissing as missing:
            raise DeploymentFailed(f"Failed to pull your application image. {missing}") from None
        return cls(way, log, service.settings.health, lambda id: instance(service, id).write)

    def start(self) -> Program:
        """An instance that is healthy and has no requests yet; raises DeploymentFailed."""
        program = Program(self.way, self.log, self.hears)
        try:
            program.start()
            wait_until_healthy(program, self.health)
        except CommandFailed as failure:
            raise DeploymentFailed(str(failure)) from None
        except DeploymentFailed as failure:
            program.stop()
            raise DeploymentFailed(f"{failure} (log: {self.log})") from None
        return program

    def start_several(self, count: int) -> list[Program]:
        """All of them or none; raises DeploymentFailed."""
        with ThreadPoolExecutor(count, thread_name_prefix="localcloud instance") as pool:
            started = [pool.submit(self.start) for _ in range(count)]
        failures = [error for each in started if (error := each.exception()) is not None]
        programs = [each.result() for each in started if each.exception() is None]
        if failures:
            for program in programs:
                program.stop()
            raise failures[0]
        return programs


def way_of(image: images.Image, command: list[str], environment: dict[str, str]) -> Way:
    """How it runs, with App Runner's command in place of its own if there is one; raises ImageMissing."""
    try:
        return InContainer(ground().containers.runnable(image), command, environment)
    except NoContainer as why:
        if ground().containers.wanted == "engine":
            raise images.ImageMissing(f"It has to run in a container: --run-images is engine. But {why}.") from None
        app = images.unpacked_app(image)
        # A StartCommand may name gunicorn without its path, as it may in the image.
        ours = python_environment({"PATH": images.search_path()})
        return AsTree(app.folder, command or app.command, {**app.environment, **ours, **environment}, str(why))


def must_be_pullable(service: Service) -> None:
    """App Runner looks at the image when it pulls it, so a wrong one fails the operation, not the request."""
    image = service.settings.image
    if image.startswith(PUBLIC):
        raise DeploymentFailed(
            f"Failed to pull your application image. {image} is of ECR's public gallery, which is not emulated."
        )
    try:
        images.find(image)
    except images.ImageMissing as missing:
        raise DeploymentFailed(f"Failed to pull your application image. {missing}") from None
    reference = images.Reference.of(image)
    role_arn = service.settings.access_role
    role = find_role(role_arn) if role_arn else None
    repository = f"arn:aws:ecr:{reference.region}:{reference.account}:repository/{reference.repository}"
    needed = [("ecr:GetAuthorizationToken", "*"), *((action, repository) for action in PULL)]
    for action, resource in needed:
        if role is None or not allows(role, action, resource):
            raise DeploymentFailed(
                f"Failed to pull your application image. Access role {role_arn} does not allow {action} on {resource}."
            )


def note(log: Path, line: str) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        file.write(f"{line}\n")


def log_of(service: Service) -> Path:
    return ground().folder / "logs" / f"{service.name}.log"
