"""What App Runner does after it has said yes: deployments and the rest that takes time."""

from collections.abc import Callable

from ..ground import ground, lasting
from . import words
from .autoscaling import Configuration
from .errors import DeploymentFailed
from .logs import comment, tell
from .program import Program
from .service import IN_PROGRESS, Operation, Service
from .settings import Settings
from .telling import keep_telling
from .version import Version


@lasting
def create(service: Service, operation: Operation) -> None:
    begin(service, operation, f"creating, at {service.url}")

    def fail(why: DeploymentFailed) -> None:
        end(service, operation, "FAILED", "CREATE_FAILED", f"CREATE_FAILED: {why}")

    bring_up(service, operation, "apprunner create", fail)


@lasting
def update(
    service: Service,
    operation: Operation,
    former: tuple[Settings, Configuration],
    what: str,
    fallback: str,
) -> None:
    """When the new version fails, the former one has never stopped, and its settings come back."""
    begin(service, operation, "updating" if what == "apprunner update" else "deploying")

    def fail(why: DeploymentFailed) -> None:
        service.settings, service.scaling = former
        status = "FAILED" if fallback == "CREATE_FAILED" else "ROLLBACK_SUCCEEDED"
        end(service, operation, status, fallback, f"failed, as it was before: {why}")
        if fallback == "RUNNING" and not service.front.size:  # the cloud was stopped meanwhile
            run_again(service)

    bring_up(service, operation, what, fail)


@lasting
def pause(service: Service, operation: Operation) -> None:
    begin(service, operation, "pausing")
    timer = ground().clock.timer("apprunner pause")
    service.front.rest()
    timer.rest()
    end(service, operation, "SUCCEEDED", "PAUSED", "paused")


@lasting
def resume(service: Service, operation: Operation) -> None:
    begin(service, operation, "resuming")

    def fail(why: DeploymentFailed) -> None:
        end(service, operation, "FAILED", "PAUSED", f"can't resume: {why}")

    bring_up(service, operation, "apprunner resume", fail)


@lasting
def delete(service: Service, operation: Operation) -> None:
    begin(service, operation, "deleting")
    timer = ground().clock.timer("apprunner delete")
    service.front.rest()
    timer.rest()
    service.front.close()
    end(service, operation, "SUCCEEDED", "DELETED", "deleted")
    service.deleted = service.updated


def begin(service: Service, operation: Operation, what: str) -> None:
    tell(service, what, words.STARTED[operation.type], words.status(IN_PROGRESS))


def end(service: Service, operation: Operation, result: str, status: str, what: str) -> None:
    done = [words.COMPLETED[operation.type]] if result == "SUCCEEDED" else []
    tell(service, what, *done, words.status(status))  # first: who waits for the end takes the log away
    operation.end(result)
    service.move(status)


def bring_up(service: Service, operation: Operation, what: str, fail: Callable[[DeploymentFailed], None]) -> None:
    """Deploy, taking at least as long as AWS does; then serve, or say why not.

    AWS documents that the former version serves until the health check of the new one has passed.
    """
    timer = ground().clock.timer(what)
    described = service.settings.described()
    try:
        version = Version.of(service)
        tell(service, "", words.PULLED, words.PROVISIONING, words.checking(described))
        programs = version.start_several(size(service))
    except DeploymentFailed as why:
        tell(service, "", *words.failed(operation.id, described, str(why)))
        if operation.type in ("UPDATE_SERVICE", "START_DEPLOYMENT") and service.front.size:
            operation.status = "ROLLBACK_IN_PROGRESS"
        timer.rest()
        fail(why)
        return
    tell(service, "", words.HEALTHY)
    timer.rest()
    take_over(service, version, programs)
    tell(service, "", words.ROUTED)
    end(service, operation, "SUCCEEDED", "RUNNING", f"running at http://{service.url}")


def take_over(service: Service, version: Version, programs: list[Program]) -> None:
    begins = not service.front.size
    comment(service, version.way.words)
    service.front.serve(programs, service.scaling, lambda: add(service, version))
    if begins:
        ground().begin(keep_telling, service)


def run_again(service: Service) -> None:
    """After the cloud was stopped: instances, behind the address that the service has had all the time."""
    try:
        version = Version.of(service)
        take_over(service, version, version.start_several(service.scaling.min_size))
    except DeploymentFailed as why:
        tell(service, f"does not run any more: {why}")
    else:
        ground().say(f"service {service.name}: running again at http://{service.url}")


def size(service: Service) -> int:
    """How many instances a version begins with: as many as serve now, so that no request finds fewer (believed)."""
    return min(max(service.front.size, service.scaling.min_size), service.scaling.max_size)


def add(service: Service, version: Version) -> Program:
    """One more instance, because of the load; raises DeploymentFailed."""
    timer = ground().clock.timer("apprunner add instance")
    ground().say(f"service {service.name}: one more instance is started")
    try:
        program = version.start()
    except DeploymentFailed as why:
        ground().say(f"service {service.name}: one more instance could not be started: {why}")
        raise
    timer.rest()
    return program
