"""The image a function is made of: whether ECR has it, whether it is one, and whether Lambda may pull it."""

import json
import re
from dataclasses import dataclass
from typing import Any

from moto.ecr.models import Repository, ecr_backends

from ..iam import fits, many, statements
from ..rules import may
from .errors import AccessDenied, InvalidParameter

ADDRESS = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com/"
    r"(?P<name>[a-z0-9._/-]+)(?::(?P<tag>[\w.-]+))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
SINGLE = (
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
)
PRINCIPAL = "lambda.amazonaws.com"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")


@dataclass(frozen=True)
class Source:
    given: str  # as the request named it
    resolved: str  # by digest, as Lambda keeps it: a tag that moves later changes no function

    @property
    def digest(self) -> str:
        return self.resolved.partition("@")[2]


def find(given: str, account: str, region: str, caller: str) -> Source:
    """Raises what Lambda answers when it can't use the image. `caller` is the access key that asks."""
    address = ADDRESS.fullmatch(given)
    if address is None:
        raise InvalidParameter(f"Source image {given} is not valid. Provide a valid source image.")
    if address["region"] != region or address["account"] != account:
        # Another account's image can be used on AWS, if its repository's policy says so: not here.
        raise InvalidParameter(
            f"Source image {given} is not in the function's region and account ({region}, {account}). "
            "Provide a valid source image."
        )
    repository = ecr_backends[account][region].repositories.get(address["name"])
    image = image_of(repository, address["tag"], address["digest"])
    if repository is None or image is None:
        raise InvalidParameter(f"Source image {given} does not exist. Provide a valid source image.")
    must_be_single(image, given)
    let_lambda_pull(repository, caller)
    name = given.partition("@")[0].removesuffix(f":{address['tag']}")
    return Source(given, f"{name}@{image.get_image_digest()}")


def image_of(repository: Repository | None, tag: str | None, digest: str | None) -> Any:
    for image in repository.images if repository else []:
        if image.get_image_digest() == digest if digest else (tag or "latest") in image.image_tags:
            return image
    return None


def must_be_single(image: Any, given: str) -> None:
    """An index of images, as buildx makes it with its attestations, is refused (aws-lambda-roadmap#82)."""
    kind = image.image_manifest_media_type or json.loads(image.image_manifest).get("mediaType")
    if kind not in SINGLE:
        raise InvalidParameter(
            f"The image manifest, config or layer media type for the source image {given} is not supported."
        )


def let_lambda_pull(repository: Repository, caller: str) -> None:
    """Lambda's guide: it adds the missing rights itself, if its caller may set the repository's policy."""
    if lets_lambda_pull(repository.policy):
        return
    needed = ("ecr:GetRepositoryPolicy", "ecr:SetRepositoryPolicy")
    if not all(may(caller, action, repository.arn) for action in needed):
        raise AccessDenied("Lambda does not have permission to access the ECR image. Check the ECR permissions.")
    document = json.loads(repository.policy) if repository.policy else {"Version": "2008-10-17", "Statement": []}
    added = {
        "Sid": "LambdaECRImageRetrievalPolicy",
        "Effect": "Allow",
        "Principal": {"Service": PRINCIPAL},
        "Action": [*PULL, "ecr:SetRepositoryPolicy", "ecr:DeleteRepositoryPolicy", "ecr:GetRepositoryPolicy"],
        "Condition": {
            "StringLike": {
                "aws:sourceArn": f"arn:aws:lambda:{repository.region_name}:{repository.account_id}:function:*"
            }
        },
    }
    document["Statement"] = [*many(document["Statement"]), added]
    repository.policy = json.dumps(document)


def lets_lambda_pull(policy: str | None) -> bool:
    return policy is not None and all(
        any(
            statement["Effect"] == "Allow"
            and PRINCIPAL in services(statement.get("Principal"))
            and any(fits(each, action) for each in many(statement.get("Action")))
            for statement in statements(policy)
        )
        for action in PULL
    )


def services(principal: Any) -> list[str]:
    return many(principal.get("Service")) if isinstance(principal, dict) else [PRINCIPAL] if principal == "*" else []
