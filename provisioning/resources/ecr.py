"""Where images lie: a repository, the newest image in it, and the tag of the one that runs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from ..aws import Aws, absent
from ..engine.problem import Problem
from ..engine.resource import Live, Lives, Resource, Retry, State, Values, resource
from ..images.arrival import LATEST, MOVING, arrived, point
from ..images.builder import Builder
from ..pricing import Meter, Usage
from .ecr_policies import LAMBDA, LIFECYCLE, LIFECYCLE_WORDS, functions, lambda_statement, lets_lambda_pull


@resource
class Repository(Resource):
    """A private repository that looks for known holes in what is pushed; removing it removes its images."""

    service: ClassVar[str] = "ecr"
    fixed: ClassVar[frozenset[str]] = frozenset({"encryption"})
    name_limit: ClassVar[int] = 256
    name_least: ClassVar[int] = 2

    def find(self, aws: Aws) -> Live | None:
        ecr = aws.client("ecr")
        found = self._described(aws)
        if found is None:
            return None
        lifecycle, statements = None, []
        with absent("LifecyclePolicyNotFoundException", "RepositoryNotFoundException"):
            found_lifecycle = json.loads(ecr.get_lifecycle_policy(repositoryName=self.name)["lifecyclePolicyText"])
            lifecycle = LIFECYCLE_WORDS if found_lifecycle == LIFECYCLE else found_lifecycle
        with absent("RepositoryNotFoundException"):
            statements = self._statements(ecr)
        arn = found["repositoryArn"]
        return Live(
            id=found["repositoryUri"],
            arn=arn,
            values={
                "scan_on_push": found.get("imageScanningConfiguration", {}).get("scanOnPush", False),
                "encryption": found.get("encryptionConfiguration", {}).get("encryptionType"),
                "tags_move": found.get("imageTagMutability", "MUTABLE") == "MUTABLE",
                "lifecycle": lifecycle,
                "lambda_pulls": any(lets_lambda_pull(each, functions(aws, arn)) for each in statements),
            },
            ours=self._is_ours(aws, arn),
        )

    def wanted(self, lives: Lives) -> Values:
        return {
            "scan_on_push": True,
            "encryption": "AES256",
            "tags_move": True,
            "lifecycle": LIFECYCLE_WORDS,
            "lambda_pulls": True,
        }

    def create(self, aws: Aws, wanted: Values) -> None:
        answer = aws.client("ecr").create_repository(
            repositoryName=self.name,
            tags=aws.tag_list(),
            imageTagMutability="MUTABLE",
            imageScanningConfiguration={"scanOnPush": wanted["scan_on_push"]},
            encryptionConfiguration={"encryptionType": wanted["encryption"]},
        )
        later = {key: wanted[key] for key in ("lifecycle", "lambda_pulls")}
        self._put(aws, answer["repository"]["repositoryArn"], later)

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        self._put(aws, live.arn, changes)

    def delete(self, aws: Aws, live: Live) -> None:
        with absent("RepositoryNotFoundException"):
            aws.client("ecr").delete_repository(repositoryName=self.name, force=True)

    def meters(self, usage: Usage) -> Iterable[Meter]:
        yield Meter("ECR GB-month", usage.image_gb)

    def is_ours(self, aws: Aws) -> bool:
        """Whether it carries our tags, and so whether the images in it are ours."""
        found = self._described(aws)
        return found is not None and self._is_ours(aws, found["repositoryArn"])

    def _described(self, aws: Aws) -> Mapping[str, Any] | None:
        with absent("RepositoryNotFoundException"):
            return aws.client("ecr").describe_repositories(repositoryNames=[self.name])["repositories"][0]
        return None

    def _is_ours(self, aws: Aws, arn: str) -> bool:
        with absent("RepositoryNotFoundException"):
            return aws.owns(aws.client("ecr").list_tags_for_resource(resourceArn=arn)["tags"])
        return False

    def _put(self, aws: Aws, arn: str, values: Values) -> None:
        """Settings have calls of their own."""
        ecr = aws.client("ecr")
        if "scan_on_push" in values:
            scanning = {"scanOnPush": values["scan_on_push"]}
            ecr.put_image_scanning_configuration(repositoryName=self.name, imageScanningConfiguration=scanning)
        if "tags_move" in values:
            ecr.put_image_tag_mutability(repositoryName=self.name, imageTagMutability="MUTABLE")
        if "lifecycle" in values:
            ecr.put_lifecycle_policy(repositoryName=self.name, lifecyclePolicyText=json.dumps(LIFECYCLE))
        if "lambda_pulls" in values:
            others = [each for each in self._statements(ecr) if each.get("Sid") != LAMBDA]
            policy = {"Version": "2012-10-17", "Statement": [*others, lambda_statement(functions(aws, arn))]}
            ecr.set_repository_policy(repositoryName=self.name, policyText=json.dumps(policy))

    def _statements(self, ecr: Any) -> list[dict[str, Any]]:
        with absent("RepositoryPolicyNotFoundException"):
            return json.loads(ecr.get_repository_policy(repositoryName=self.name)["policyText"])["Statement"]
        return []


@resource
class Image(Resource):
    """The newest image, under the tag `latest`. It carries no tag of ours: it is ours as its repository is.

    Its id is its digest. `Live.values["source"]` is the tag that says what it was built from.
    """

    service: ClassVar[str] = "ecr"
    revised: ClassVar[bool] = True
    name_limit: ClassVar[int] = 128 + 1 + 256  # repository:tag
    patience: ClassVar[int] = 3600
    usual: ClassVar[int] = 180
    retries: ClassVar = (
        Retry("InvalidInputException", "sts:AssumeRole", at_most=60),  # CodeBuild's, of a role that is new
    )
    advice: ClassVar[Mapping[str, str]] = {
        "AccountLimitExceededException": "A new account may have no CodeBuild at all until AWS's support lifts its "
        "limit: build on this machine (docker, podman, finch or buildah) and run again",
    }

    repository: Repository
    build: Builder | None = None
    """Makes it. None: it is looked at and removed, never made."""
    wanted_tag: str = ""
    """What it should be built from; empty if any image will do."""

    def find(self, aws: Aws) -> Live | None:
        progress = self.build.look(aws) if self.build else None
        if progress:
            return Live(id="", state=State.CHANGING, word=progress.word, output=progress.output)
        found = _tagged(aws, self.repository, LATEST)
        if found is None:
            return None
        tags = tuple(sorted(found["imageTags"]))
        sources = [tag for tag in tags if tag not in MOVING]  # two commits can make the same image
        return Live(
            id=found["imageDigest"],
            values={
                "tags": tags,
                "source": self.wanted_tag if self.wanted_tag in sources else next(iter(sources), ""),
                "built_anew": bool(self.build and self.build.done),
            },
            ours=self.repository.is_ours(aws),
            output=self.build.output if self.build else "",
        )

    def wanted(self, lives: Lives) -> Values:
        wanted: dict[str, Any] = {"source": self.wanted_tag} if self.wanted_tag else {}
        if self.build and self.build.anew:
            wanted["built_anew"] = True
        return wanted

    def check(self, aws: Aws) -> None:
        self._builder.check()

    def create(self, aws: Aws, wanted: Values) -> None:
        self.check(aws)
        self._builder.start(aws, self.repository.name)

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        self.create(aws, changes)

    def delete(self, aws: Aws, live: Live) -> None:
        _untag(aws, self.repository, LATEST)

    @property
    def _builder(self) -> Builder:
        if self.build is None:
            raise Problem(f"{self}: there is none", "Nothing was chosen that could build it", "Run push_image")
        return self.build


@resource
class MovingTag(Resource):
    """A tag that is put on the image once something is done with it, such as `running`.

    The image before it gets another tag, such as `former`: so the lifecycle policy keeps both, and there is
    something to go back to.
    """

    service: ClassVar[str] = "ecr"
    name_limit: ClassVar[int] = 128 + 1 + 256

    repository: Repository
    image: Image
    tag: str
    before: str = ""
    """The tag of the one before; empty: it gets none."""

    def find(self, aws: Aws) -> Live | None:
        found = _tagged(aws, self.repository, self.tag)
        if found is None:
            return None
        digest = found["imageDigest"]
        return Live(id=digest, values={"digest": digest}, ours=self.repository.is_ours(aws))

    def wanted(self, lives: Lives) -> Values:
        return {"digest": lives[self.image].id}

    def create(self, aws: Aws, wanted: Values) -> None:
        self._move(aws, self.tag, wanted["digest"])

    def update(self, aws: Aws, live: Live, changes: Values) -> None:
        if self.before and live.id != changes["digest"]:
            self._move(aws, self.before, live.id)
        self._move(aws, self.tag, changes["digest"])

    def delete(self, aws: Aws, live: Live) -> None:
        _untag(aws, self.repository, self.tag)

    def _move(self, aws: Aws, tag: str, digest: str) -> None:
        image = arrived(aws, self.repository.name, digest=digest)
        if image is None:
            raise Problem(
                f"{self}: could not be put on {digest}",
                "That image is no longer in the repository",
                "Push one with push_image",
            )
        point(aws, self.repository.name, tag, image)


def _tagged(aws: Aws, repository: Repository, tag: str) -> Mapping[str, Any] | None:
    with absent("RepositoryNotFoundException", "ImageNotFoundException"):
        return aws.client("ecr").describe_images(repositoryName=repository.name, imageIds=[{"imageTag": tag}])[
            "imageDetails"
        ][0]
    return None


def _untag(aws: Aws, repository: Repository, tag: str) -> None:
    """Take a tag off. An image goes with its last tag, and each has another: what it was built from."""
    with absent("RepositoryNotFoundException"):
        aws.client("ecr").batch_delete_image(repositoryName=repository.name, imageIds=[{"imageTag": tag}])
