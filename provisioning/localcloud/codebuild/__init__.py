"""CodeBuild: projects as moto keeps them, and builds that do what they are for: make an image of a Dockerfile."""

from moto.codebuild.models import codebuild_backends

from .models import LocalCodeBuildBackend

__all__ = ["LocalCodeBuildBackend", "codebuild_backends", "install"]


def install() -> None:
    codebuild_backends.backend = LocalCodeBuildBackend
