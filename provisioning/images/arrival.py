"""What lies in ECR: whether an image that was pushed is one that AWS can run, and the tags that move."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from ..aws import Aws, absent
from ..engine.problem import Problem

DOCKER, OCI = "application/vnd.docker.distribution.", "application/vnd.oci.image."
MANIFESTS = [DOCKER + "manifest.v2+json", OCI + "manifest.v1+json"]
INDEXES = [DOCKER + "manifest.list.v2+json", OCI + "index.v1+json"]
ARCHITECTURE = "amd64"

LATEST, RELEASED, RUNNING, FORMER = "latest", "released", "running", "former"
"""The newest image that was pushed and checked; what the compute was last given; what it had before that."""
MOVING = (RUNNING, FORMER, RELEASED, LATEST)


@dataclass(frozen=True)
class Arrived:
    """An image as ECR has it."""

    digest: str
    manifest: str
    kind: str = ""
    """Its media type, which an OCI manifest need not say itself."""


def arrived(aws: Aws, repository: str, *, tag: str = "", digest: str = "") -> Arrived | None:
    """The image of a tag, or of a digest; None if there is none."""
    with absent("RepositoryNotFoundException", "ImageNotFoundException"):
        answer = aws.client("ecr").batch_get_image(
            repositoryName=repository,
            imageIds=[{"imageTag": tag} if tag else {"imageDigest": digest}],
            acceptedMediaTypes=MANIFESTS + INDEXES,
        )
        for image in answer["images"]:
            kind = image.get("imageManifestMediaType", "")
            return Arrived(image["imageId"]["imageDigest"], image["imageManifest"], kind)
    return None


def check(aws: Aws, repository: str, tag: str, image: Arrived, pushed: str = "") -> None:
    """Raise Problem unless AWS can run it: one manifest, for amd64, and the one that was pushed."""
    doing = f"Image {repository}:{tag}: what arrived in ECR cannot be used"
    manifest = json.loads(image.manifest)
    if "manifests" in manifest:
        raise Problem(
            doing,
            "It is an index of several manifests, and Lambda takes one manifest only",
            "Attestations or Docker's containerd image store make indexes: update Docker and buildx, or build with "
            "--builder podman or --builder codebuild",
        )
    if pushed and pushed != image.digest:
        raise Problem(
            doing,
            f"{pushed} was pushed, and the tag means {image.digest}",
            "Somebody else pushes under the same tag: wait until that is over, and run again",
        )
    config = _blob(aws, repository, manifest["config"]["digest"])
    if config.get("architecture") != ARCHITECTURE or config.get("os") != "linux":
        found = f"{config.get('os')}/{config.get('architecture')}"
        raise Problem(
            doing,
            f'It is built for {found}: on AWS it would end with "exec format error"',
            "The Dockerfile's FROM may name a platform, or its base image be kept here for another one: mend that "
            f"(`docker image rm`) and build for linux/{ARCHITECTURE}, or let AWS build: --builder codebuild",
        )


def point(aws: Aws, repository: str, tag: str, image: Arrived) -> None:
    """Let a tag mean this image; a tag that meant another one moves."""
    kind = {"imageManifestMediaType": image.kind} if image.kind else {}
    with absent("ImageAlreadyExistsException"):  # that tag means that image already
        aws.client("ecr").put_image(
            repositoryName=repository, imageManifest=image.manifest, imageTag=tag, imageDigest=image.digest, **kind
        )


def _blob(aws: Aws, repository: str, digest: str) -> dict[str, Any]:
    """A configuration, from where ECR says that it lies. The URL is signed, and takes no login of ours."""
    given = aws.client("ecr").get_download_url_for_layer(repositoryName=repository, layerDigest=digest)
    url = given["downloadUrl"]
    session = URLLib3Session(
        verify=os.environ.get("AWS_CA_BUNDLE") or True, proxies=get_environ_proxies(url), timeout=20
    )
    answer = session.send(AWSRequest("GET", url).prepare())
    if answer.status_code != 200:
        raise Problem(
            f"Image in {repository}: its configuration {digest} could not be read",
            f"AWS answered with {answer.status_code}",
            "Run again: that goes on from here",
        )
    config: dict[str, Any] = json.loads(answer.content)
    return config
