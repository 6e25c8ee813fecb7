"""Where images lie: a repository, and the image that the site runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from ..aws import Aws, absent
from ..engine.problem import Problem
from ..engine.resource import NOTHING, Live, Lives, Resource, Values, resource
from ..pricing import Meter, Usage


@resource
class Repository(Resource):
    """A private repository that looks for known holes in what is pushed; removing it removes its images."""

    service: ClassVar[str] = "ecr"
    fixed: ClassVar[frozenset[str]] = frozenset({"encryption"})
    name_limit: ClassVar[int] = 256

    def find(self, aws: Aws) -> Live | None:
        ecr = aws.client("ecr")
        with absent("RepositoryNotFoundException"):
            found = ecr.describe_repositories(repositoryNames=[self.name])["repositories"][0]
            arn = found["repositoryArn"]
            return Live(
                id=found["repositoryUri"],
                arn=arn,
                values={
                    "scan_on_push": found.get("imageScanningConfiguration", {}).get("scanOnPush", False),
                    "encryption": found.get("encryptionConfiguration", {}).get("encryptionType"),
                },
                ours=aws.owns(ecr.list_tags_for_resource(resourceArn=arn)["tags"]),
            )
        return None

    def wanted(self, lives: Lives) -> Values:
        return {"scan_on_push": True, "encryption": "AES256"}

    def create(self, aws: Aws, wanted: Values) -> None:
        aws.client("ecr").create_repository(
            repositoryName=self.name,
            tags=aws.tag_list(),
            imageScanningConfiguration={"scanOnPush": wanted["scan_on_push"]},
            encryptionConfiguration={"encryptionType": wanted["encryption"]},
        )

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        aws.client("ecr").put_image_scanning_configuration(
            repositoryName=self.name, imageScanningConfiguration={"scanOnPush": changes["scan_on_push"]}
        )

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("RepositoryNotFoundException"):
            aws.client("ecr").delete_repository(repositoryName=self.name, force=True)

    def meters(self, usage: Usage) -> Iterable[Meter]:
        yield Meter("ECR GB-month", usage.image_gb)


@resource
class Image(Resource):
    """The image under one tag of a repository. It carries no tag of ours: it is ours as its repository is."""

    service: ClassVar[str] = "ecr"
    name_limit: ClassVar[int] = 128 + 1 + 256  # repository:tag

    repository: Repository
    tag: str

    def find(self, aws: Aws) -> Live | None:
        parent = self.repository.find(aws)
        if parent is None:
            return None
        with absent("RepositoryNotFoundException", "ImageNotFoundException"):
            found = aws.client("ecr").describe_images(
                repositoryName=self.repository.name, imageIds=[{"imageTag": self.tag}]
            )["imageDetails"][0]
            return Live(id=found["imageDigest"], ours=parent.ours, why=parent.why)
        return None

    def wanted(self, lives: Lives) -> Values:
        return NOTHING

    def create(self, aws: Aws, wanted: Values) -> None:
        raise Problem(
            f"{self}: could not be created",
            "It is not in the repository, and building it here is not there yet",
            f"Build the Dockerfile for linux/amd64, push it under the tag {self.tag} and run again",
        )

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("RepositoryNotFoundException"):
            aws.client("ecr").batch_delete_image(
                repositoryName=self.repository.name, imageIds=[{"imageTag": self.tag}]
            )
