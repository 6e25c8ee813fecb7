"""What App Runner does after it has said yes: deployments and the rest that takes time."""

import shlex
from collections.abc import Callable
from pathlib import Path

from .. import images
from ..ground import ground, lasting
from ..iam import allows, find_role
from ..processes import CommandFailed
from .environment import environment_of
from .errors import DeploymentFailed
from .health import wait_until_healthy
from .logs import instance, tell
from .program import Program
from .service import Operation, Service
from .settings import Settings

# AWS's managed policy AWSAppRunnerServicePolicyForECRAccess has these and DescribeImages.
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
PUBLIC = "public.ecr.aws/"


@lasting
def create(service: Service, operation: Operation) -> None:
    tell(service, f"creating, at {service.url}")

    def fail(why: DeploymentFailed) -> None:
        operation.end("FAILED")
        service.move("CREATE_FAILED")
        tell(service, f"CREATE_FAILED: {why}")

    bring_up(service, operation, "apprunner create", fail)


@lasting
def update(service: Service, operation: Operation, former: Settings, what: str, fallback: str) -> None:
    """When the new version fails, the former one has never stopped, and its settings come back."""
    tell(service, "updating" if what == "apprunner update" else "deploying")

    def fail(why: DeploymentFailed) -> None:
        service.settings = former
        operation.end("FAILED" if fallback == "CREATE_FAILED" else "ROLLBACK_SUCCEEDED")
        service.move(fallback)
        tell(service, f"failed, as it was before: {why}")
        if service.program is None and fallback == "RUNNING":  # the cloud was stopped meanwhile
            run_again(service)

    bring_up(service, operation, what, fail)


@lasting
def pause(service: Service, operation: Operation) -> None:
    tell(service, "pausing")
    timer = ground().clock.timer("apprunner pause")
    take_over(service, None)
    timer.rest()
    operation.end("SUCCEEDED")
    service.move("PAUSED")
    tell(service, "paused")


@lasting
def resume(service: Service, operation: Operation) -> None:
    tell(service, "resuming")

    def fail(why: DeploymentFailed) -> None:
        operation.end("FAILED")
        service.move("PAUSED")
        tell(service, f"can't resume: {why}")

    bring_up(service, operation, "apprunner resume", fail)


@lasting
def delete(service: Service, operation: Operation) -> None:
    tell(service, "deleting")
    timer = ground().clock.timer("apprunner delete")
    take_over(service, None)
    timer.rest()
    service.front.close()
    tell(service, "deleted")  # first: who waits for it takes the log away
    operation.end("SUCCEEDED")
    service.move("DELETED")
    service.deleted = service.updated


def bring_up(service: Service, operation: Operation, what: str, fail: Callable[[DeploymentFailed], None]) -> None:
    """Deploy, taking at least as long as AWS does; then serve, or say why not."""
    timer = ground().clock.timer(what)
    try:
        program = deploy(service)
    except DeploymentFailed as why:
        timer.rest()
        fail(why)
        return
    timer.rest()
    take_over(service, program)
    operation.end("SUCCEEDED")
    service.move("RUNNING")
    tell(service, f"running at http://{service.url}")


def run_again(service: Service) -> None:
    """After the cloud was stopped: the program, behind the address that the service has had all the time."""
    try:
        take_over(service, deploy(service))
    except DeploymentFailed as why:
        tell(service, f"does not run any more: {why}")
    else:
        ground().say(f"service {service.name}: running again at http://{service.url}")


def take_over(service: Service, program: Program | None) -> None:
    former = service.program
    service.front.switch(program.port if program else None)
    service.program = program
    if former is not None:
        former.stop()


def deploy(service: Service) -> Program:
    """A new version that is healthy and has no traffic yet; raises DeploymentFailed."""
    must_be_pullable(service)
    environment = environment_of(service)
    log = log_of(service)
    try:
        program = made_of_its_image(service, environment, log)
        program.start()
    except CommandFailed as failure:
        raise DeploymentFailed(str(failure)) from None
    try:
        wait_until_healthy(program, service.settings.health)
    except DeploymentFailed as failure:
        program.stop()
        raise DeploymentFailed(f"{failure} (log: {log})") from None
    return program


def made_of_its_image(service: Service, environment: dict[str, str], log: Path) -> Program:
    start_command = service.settings.image_configuration.get("StartCommand")
    try:
        image = images.app(service.settings.image)
    except images.NotRunnable as problem:
        note(log, str(problem))
        instance(service).write([str(problem)])
        raise DeploymentFailed(f"Health check failed: {problem} (log: {log})") from None
    except images.ImageMissing as missing:
        raise DeploymentFailed(f"Failed to pull your application image. {missing}") from None
    command = shlex.split(start_command) if start_command else image.command
    return Program(command, {**image.environment, **environment}, log, image.folder, lambda: instance(service).write)


def note(log: Path, line: str) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as file:
        file.write(f"{line}\n")


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


def log_of(service: Service) -> Path:
    return ground().folder / "logs" / f"{service.name}.log"
