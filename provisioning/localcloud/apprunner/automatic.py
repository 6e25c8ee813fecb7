"""Automatic deployments: a push to the tag that a service runs starts one by itself (App Runner's developer guide)."""

from ..ecr.pushes import Push, watch
from ..ground import ground, lasting
from ..images import ImageMissing, Reference
from .models import AppRunnerBackend, apprunner_backends
from .service import IN_PROGRESS, Service


def install() -> None:
    watch(deploy_where_wanted)


def deploy_where_wanted(push: Push) -> None:
    backend = apprunner_backends[push.account][push.region]
    for service in backend.living():
        if wants(service, push):
            ground().begin(deploy, backend, service, push)


def wants(service: Service, push: Push) -> bool:
    if not service.settings.source["AutoDeploymentsEnabled"]:
        return False
    try:
        runs = Reference.of(service.settings.image)
    except ImageMissing:  # of another registry
        return False
    return (runs.account, runs.region, runs.repository, runs.tag) == (
        push.account,
        push.region,
        push.repository,
        push.tag,
    )


@lasting
def deploy(backend: AppRunnerBackend, service: Service, push: Push) -> None:
    """A push during another operation counts when that has ended: believed."""
    while service.status == IN_PROGRESS:
        ground().clock.sleep(0.1)
    with ground().lock:
        if service.status == "RUNNING" and wants(service, push):
            backend.start_deployment(service.arn)
