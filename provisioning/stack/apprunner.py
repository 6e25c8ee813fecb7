"""The site on App Runner: a service that runs the image, with a role to pull it and one to be."""

from __future__ import annotations

from ..engine.resource import Given, Resource
from ..resources.apprunner import AutoScalingConfiguration, Service
from ..resources.iam import Allow, Role
from .foundation import HEALTH_PATH, PORT, Foundation


def compute(foundation: Foundation) -> Resource:
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
            allows=foundation.site_allows + foundation.secrets_allow,
        ),
        scaling=AutoScalingConfiguration(
            name=config.name,
            max_concurrency=config.max_concurrency,
            min_size=1,  # App Runner's least: an idle instance costs its memory
            max_size=config.max_instances,
        ),
        cpu=config.cpu,
        memory=config.memory,
        port=PORT,
        health_path=HEALTH_PATH,
        environment={**foundation.environment, "SITE_HOSTS": hosts(foundation)},
        secrets=foundation.secrets,
        after=(foundation.bucket, foundation.writer),
    )


def hosts(foundation: Foundation) -> str:
    """The host names that the site answers to: its own is known only after it is made, its domain before."""
    aws = foundation.aws
    return "127.0.0.1" if aws.is_local else f".{aws.region}.awsapprunner.com"
