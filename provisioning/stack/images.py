"""How the site's image comes about: by an engine on this machine, by CodeBuild, or as it lies there already."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..aws import Aws
from ..config import Config
from ..engine.resource import Resource
from ..images.arrival import LATEST
from ..images.build import Build
from ..images.builder import Builder
from ..images.codebuild import FOLDER, RemoteBuild
from ..images.engines import choose
from ..images.source import Source
from ..resources.codebuild import Project
from ..resources.ecr import Image
from ..resources.iam import Allow, Role
from ..resources.logs import LogGroup

if TYPE_CHECKING:
    from .foundation import Foundation

PUSHES = (
    *("BatchCheckLayerAvailability", "BatchGetImage", "CompleteLayerUpload", "GetDownloadUrlForLayer"),
    *("InitiateLayerUpload", "PutImage", "UploadLayerPart"),
)


@dataclass(frozen=True)
class Making:
    """What one run does about the image. By itself: nothing, it is looked at and never made."""

    builder: Builder | None = None
    push: bool = False
    """Whether the image must be of this very source; else any that is there will do."""
    in_codebuild: bool = False
    chosen: str = ""
    """What builds, and why that, for a person."""

    @classmethod
    def choose(cls, config: Config, aws: Aws, source: Source, *, push: bool = False) -> Making:
        """By the setting, or the first that answers. Raises Problem if what was asked for cannot build."""
        choice = choose(config.builder)
        if choice.engine:
            return cls(Build(source, choice.engine), push, chosen=choice.words)
        remote = RemoteBuild(source, project(config), bucket(config, aws))
        return cls(remote, push, in_codebuild=True, chosen=choice.words)

    def image(self, foundation: Foundation) -> Image:
        """The newest image of the repository, and what has to be there to make it."""
        name = f"{foundation.config.name}:{LATEST}"
        wanted = self.builder.tag if self.builder and self.push else ""
        after = (_project(foundation),) if self.in_codebuild else ()
        return Image(name=name, repository=foundation.repository, build=self.builder, wanted_tag=wanted, after=after)

    def close(self) -> None:
        """End what is under way on this machine."""
        if self.builder:
            self.builder.close()


def project(config: Config) -> str:
    return f"{config.name}-image"


def bucket(config: Config, aws: Aws) -> str:
    """Buckets share one space of names with all of AWS, so the account is in it."""
    return f"{config.name}-{aws.account}"


def _project(foundation: Foundation) -> Resource:
    config, aws = foundation.config, foundation.aws
    logs = LogGroup(name=f"/aws/codebuild/{project(config)}")
    written = f"arn:aws:logs:{aws.region}:{aws.account}:log-group:{logs.name}:*"
    pushed = f"arn:aws:ecr:{aws.region}:{aws.account}:repository/{foundation.repository.name}"
    role = Role(
        name=f"{config.name}-build",
        path=config.path,
        trusts="codebuild.amazonaws.com",
        allows=(
            Allow(("s3:GetObject", "s3:GetObjectVersion"), (foundation.bucket.arn(f"/{FOLDER}/*"),)),
            Allow(("s3:GetBucketAcl", "s3:GetBucketLocation"), (foundation.bucket.arn(),)),
            Allow(tuple(f"ecr:{each}" for each in PUSHES), (pushed,)),
            Allow(("ecr:GetAuthorizationToken",), ("*",)),  # it knows no resource
            Allow(("logs:CreateLogStream", "logs:PutLogEvents"), (written,)),
        ),
    )
    return Project(
        name=project(config),
        role=role,
        bucket=foundation.bucket,
        log_group=logs.name,
        after=(logs,),
    )
