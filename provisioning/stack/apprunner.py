"""The site on App Runner: a service that runs the image, with a role to pull it and one to be."""

from __future__ import annotations

from ..config import Config
from ..engine.resource import Given, Resource
from ..images.arrival import FORMER, RELEASED, RUNNING
from ..resources.apprunner import AutoScalingConfiguration, Service, VpcConnector
from ..resources.ecr import MovingTag
from ..resources.iam import Allow, Role
from ..resources.logs import ServiceLogGroup
from .foundation import HEALTH_PATH, PORT, Foundation
from .release import Release

# Requests that an instance takes in hand: more than the greatest MAX_CONCURRENCY, so that nobody is turned away whom
# App Runner sends. It is believed to send MAX_CONCURRENCY at a time, to start another instance for more, and to answer
# 429 itself where it has no more to start: nobody outside it could say that the site is busy.
CAPACITY = 256


def compute(foundation: Foundation) -> tuple[Resource, ...]:
    """The service first, then what can only come after it."""
    config, aws = foundation.config, foundation.aws
    release = Release(foundation, hosts(foundation))
    content = (release.starter_content,) if config.starter_content else ()
    before = (release.migrate, release.static, *content, release.saved_pages(*content))
    if config.automatic_deployments:  # App Runner deploys what this tag is moved to: not before its release
        service = _service(foundation, (*before, _tag(foundation, RELEASED, "", *before)), RELEASED)
    else:
        service = _service(foundation, before)
    running = _tag(foundation, RUNNING, FORMER, service)
    address = release.site_address(Given(aws.scheme + "://{}", (service, "id")))
    first_saved_pages = release.first_saved_pages((service, "id"), address)
    logs = (
        ServiceLogGroup(name=f"/aws/apprunner/{config.name}/{part}", of=service, part=part)
        for part in ("application", "service")
    )
    return (service, *logs, running, release.first_superuser, address, first_saved_pages)


def hosts(foundation: Foundation) -> str:
    """The host names that the site answers to: its own is known only after it is made, its domain before."""
    aws = foundation.aws
    return "127.0.0.1" if aws.is_local else f".{aws.region}.awsapprunner.com"


def serving(config: Config) -> dict[str, str]:
    """How one instance serves: what gunicorn.conf.py and the settings read."""
    return {
        "WEB_WORKERS": str(config.workers),
        "WEB_THREADS": str(config.threads),
        "WEB_CAPACITY": str(CAPACITY),
        "WEB_WORKER_MEMORY": str(config.worker_memory),
        "DATABASE_CONNECTIONS": str(config.budget.instance),
        "DATABASE_PAUSE_SECONDS": str(config.pause_seconds),
    }


def _tag(foundation: Foundation, tag: str, before: str, *after: Resource) -> MovingTag:
    name = f"{foundation.repository.name}:{tag}"
    repository, image = foundation.repository, foundation.image
    return MovingTag(name=name, repository=repository, image=image, tag=tag, before=before, after=after)


def _service(foundation: Foundation, after: tuple[Resource, ...], follows: str = "") -> Service:
    config = foundation.config
    pulls = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    return Service(
        name=config.name,
        image=foundation.image,
        repository=foundation.repository,
        access_role=Role(
            name=f"{config.name}-pull",
            path=config.path,
            trusts="build.apprunner.amazonaws.com",
            allows=(
                Allow((*pulls, "ecr:DescribeImages"), (Given("{}", (foundation.repository, "arn")),)),
                Allow(("ecr:GetAuthorizationToken",), ("*",)),  # it knows no resource
            ),
        ),
        instance_role=Role(
            name=f"{config.name}-site",
            path=config.path,
            trusts="tasks.apprunner.amazonaws.com",
            allows=(
                *foundation.media_allows,
                *foundation.serving_allows,
                *foundation.sign_in_allows,
                *foundation.secrets_allow,
            ),
        ),
        scaling=AutoScalingConfiguration(
            name=config.name,
            max_concurrency=config.max_concurrency,
            min_size=1,  # App Runner's least: an idle instance costs its memory
            max_size=config.max_instances,
        ),
        connector=VpcConnector(
            name=config.name,
            subnets=foundation.network.subnets,
            security_groups=(foundation.network.compute_group,),
        ),
        cpu=config.cpu,
        memory=config.memory,
        port=PORT,
        health_path=HEALTH_PATH,
        environment={**foundation.environment, "SITE_HOSTS": hosts(foundation), **serving(config)},
        secrets=foundation.secrets,
        follows=follows,
        after=(foundation.bucket, foundation.writer, foundation.network.endpoint, *after),
    )
