"""What App Runner does after it has said yes: deployments and the rest that takes time."""

from collections.abc import Callable

from ..ground import ground
from .errors import DeploymentFailed
from .logs import tell
from .program import Program
from .service import Operation, Service
from .settings import Settings
from .version import Version


def create(service: Service, operation: Operation) -> None:
    tell(service, f"creating, at {service.url}")

    def fail(why: DeploymentFailed) -> None:
        operation.end("FAILED")
        service.move("CREATE_FAILED")
        tell(service, f"CREATE_FAILED: {why}")

    bring_up(service, operation, "apprunner create", fail)


def update(service: Service, operation: Operation, former: Settings, what: str, fallback: str) -> None:
    """When the new version fails, the former one has never stopped, and its settings come back."""
    tell(service, "updating" if what == "apprunner update" else "deploying")

    def fail(why: DeploymentFailed) -> None:
        service.settings = former
        operation.end("FAILED" if fallback == "CREATE_FAILED" else "ROLLBACK_SUCCEEDED")
        service.move(fallback)
        tell(service, f"failed, as it was before: {why}")

    bring_up(service, operation, what, fail)


def pause(service: Service, operation: Operation) -> None:
    tell(service, "pausing")
    timer = ground().clock.timer("apprunner pause")
    service.front.rest()
    timer.rest()
    operation.end("SUCCEEDED")
    service.move("PAUSED")
    tell(service, "paused")


def resume(service: Service, operation: Operation) -> None:
    tell(service, "resuming")

    def fail(why: DeploymentFailed) -> None:
        operation.end("FAILED")
        service.move("PAUSED")
        tell(service, f"can't resume: {why}")

    bring_up(service, operation, "apprunner resume", fail)


def delete(service: Service, operation: Operation) -> None:
    tell(service, "deleting")
    timer = ground().clock.timer("apprunner delete")
    service.front.rest()
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
        version = Version.of(service)
        programs = version.start_several(size(service))
    except DeploymentFailed as why:
        timer.rest()
        fail(why)
        return
    timer.rest()
    service.front.serve(programs, service.scaling, lambda: add(service, version))
    operation.end("SUCCEEDED")
    service.move("RUNNING")
    tell(service, f"running at http://{service.url}")


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
        tell(service, f"one more instance could not be started: {why}")
        raise
    timer.rest()
    return program
