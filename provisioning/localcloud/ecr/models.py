"""The records of repositories, images and tags; moto's, corrected where AWS does otherwise."""

import fnmatch
import json
from collections.abc import Callable, Iterator
from typing import Any

from moto.core.resource_tagging import TaggableResourcesMixin, TaggedResource
from moto.ecr.exceptions import (
    ImageAlreadyExistsException,
    InvalidParameterException,
)
from moto.ecr.models import Repository
from moto.ecr.policy_validation import EcrLifecyclePolicyValidator

from . import lifecycle
from .errors import (
    ImageDigestDoesNotMatch,
    ImageTagAlreadyExists,
    LayersNotFound,
    ReferencedImagesNotFound,
)
from .image import MEDIA_TYPES, LocalImage
from .layers import LayersBackend
from .pushes import Push, tell
from .tokens import Tokens


class LocalECRBackend(LayersBackend, TaggableResourcesMixin):
    SERVICE_NAMESPACE = "ecr"

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tokens = Tokens()

    def find(self, repository_name: str, reference: str) -> LocalImage | None:
        """By digest or by tag."""
        return next(
            (
                image
                for image in self.repository(repository_name).images
                if reference == image.digest or reference in image.image_tags
            ),
            None,
        )

    def put_image(
        self,
        repository_name: str,
        image_manifest: str,
        image_tag: str | None,
        image_manifest_mediatype: str | None = None,
        digest: str | None = None,
    ) -> Any:
        repository = self.repository(repository_name)
        image = self._parsed(repository_name, image_manifest, image_manifest_mediatype)
        if digest not in (None, image.digest):
            raise ImageDigestDoesNotMatch(
                f"The specified image digest {digest} does not match the digest that Amazon ECR calculated for "
                f"the image, {image.digest}."
            )
        self._must_be_complete(repository, image)
        known = self.find(repository_name, image.digest)
        if known and (image_tag is None or image_tag in known.image_tags):
            raise ImageAlreadyExistsException(
                repository_name, repository.registry_id, image.digest, image_tag or "null"
            )
        holder = self.find(repository_name, image_tag) if image_tag else None
        if holder and image_tag and is_immutable(repository, image_tag):
            raise ImageTagAlreadyExists(image_tag, repository_name)
        if known is None:
            repository.images.append(image)
        if image_tag:
            if holder:
                # AWS leaves the image that loses its tag in the repository, untagged. moto deletes it.
                holder.image_tags.remove(image_tag)
            (known or image).image_tags.append(image_tag)
            tell(Push(self.account_id, self.region_name, repository_name, image_tag, image.digest))
        return (known or image).as_answer(repository.registry_id, image_tag)

    def _parsed(self, repository_name: str, manifest: str, media_type: str | None) -> LocalImage:
        try:
            content = json.loads(manifest)
        except json.JSONDecodeError:
            raise InvalidParameterException(
                "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"
            ) from None
        media_type = media_type or content.get("mediaType")
        if media_type is None:
            raise InvalidParameterException("image manifest mediatype not provided in manifest or parameter")
        parts = ("manifests",) if media_type in MEDIA_TYPES[2:] else ("config", "layers")
        if media_type not in MEDIA_TYPES or not all(part in content for part in parts):  # the text is believed
            raise InvalidParameterException(
                "Invalid parameter at 'ImageManifest' failed to satisfy constraint: "
                f"'Invalid image manifest of type {media_type}'"
            )
        return LocalImage(self.account_id, repository_name, manifest, media_type)

    def _must_be_complete(self, repository: Repository, image: LocalImage) -> None:
        if image.is_index:
            known = {each.digest for each in repository.images}
            if missing := [each["digest"] for each in image.content["manifests"] if each["digest"] not in known]:
                raise ReferencedImagesNotFound(
                    f"The manifest list is referencing an image that does not exist: {', '.join(missing)}"
                )
        elif missing := [digest for digest in image.blobs() if digest not in repository.layers]:
            raise LayersNotFound(
                "The specified layers could not be found, or the specified layer is not valid for this "
                f"repository: {', '.join(missing)}"
            )

    def batch_get_image(
        self, repository_name: str, registry_id: str | None = None, image_ids: list[dict[str, Any]] | None = None
    ) -> dict[str, Any]:
        repository = self.repository(repository_name, registry_id)
        images, failures = [], []
        for wanted in image_ids or []:
            image = self._matching(repository_name, wanted)
            if image is None:
                failures.append(not_found(wanted))
            else:
                images.append(image.as_answer(repository.registry_id, wanted.get("imageTag")))
        return {"images": images, "failures": failures}

    def batch_delete_image(
        self, repository_name: str, registry_id: str | None = None, image_ids: list[dict[str, str]] | None = None
    ) -> dict[str, Any]:
        """A tag alone goes, and the image with its last one; by digest the image goes with all of them."""
        repository = self.repository(repository_name, registry_id)
        gone, failures = [], []
        for wanted in image_ids or []:
            image = self._matching(repository_name, wanted)
            if image is None:
                failures.append(not_found(wanted))
                continue
            tags = [wanted["imageTag"]] if "imageTag" in wanted else list(image.image_tags)
            left = [tag for tag in image.image_tags if tag not in tags]
            if not left and self._in_an_index(repository, image):
                reason = "Requested image referenced by manifest list"
                code = "ImageReferencedByManifestList"
                failures.append({"imageId": wanted, "failureCode": code, "failureReason": reason})
                continue
            gone += [image.id(tag) for tag in tags or [None]]
            image.image_tags = left
            if not left:
                repository.images.remove(image)
        return {"imageIds": gone, "failures": failures}

    def _matching(self, repository_name: str, wanted: dict[str, str]) -> LocalImage | None:
        found = [self.find(repository_name, wanted[key]) for key in ("imageDigest", "imageTag") if wanted.get(key)]
        return found[0] if found and all(each is found[0] for each in found) else None

    def _in_an_index(self, repository: Repository, image: LocalImage) -> bool:
        return any(
            image.digest == each["digest"]
            for other in repository.images
            if other.is_index
            for each in other.content["manifests"]
        )

    def put_lifecycle_policy(
        self, registry_id: str, repository_name: str, lifecycle_policy_text: str
    ) -> dict[str, Any]:
        EcrLifecyclePolicyValidator(lifecycle_policy_text).validate()
        if wrong := lifecycle.contradiction(json.loads(lifecycle_policy_text)):
            raise InvalidParameterException(f"{EcrLifecyclePolicyValidator.INVALID_PARAMETER_ERROR_MESSAGE}{wrong}'")
        return super().put_lifecycle_policy(registry_id, repository_name, lifecycle_policy_text)

    def apply_lifecycle_policy(self, repository_name: str) -> list[str]:
        """For tests: what ECR does within a day (its user guide). The digests that expired."""
        repository = self.repository(repository_name)
        expired = lifecycle.expired(json.loads(repository.lifecycle_policy or '{"rules": []}'), repository.images)
        repository.images = [image for image in repository.images if image.digest not in expired]
        return expired

    def revive(self) -> Iterator[Callable[[], None]]:
        """Uploads end when the cloud stops: what pushes begins again."""
        for repository in self.repositories.values():
            repository.uploads.clear()
        yield from ()

    # The Resource Groups Tagging API asks these of every backend.

    def iter_tagged_resources(self) -> Iterator[TaggedResource]:
        for repository in self.repositories.values():
            tags = self.tagger.get_tag_dict_for_resource(repository.arn)
            yield TaggedResource(repository.arn, tags, "ecr:repository")

    def tag_resource(self, arn: str, tags: Any) -> None:
        """Of ECR's own API, a list; of the tagging API, a dictionary."""
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()] if isinstance(tags, dict) else tags
        super().tag_resource(arn, pairs)


def is_immutable(repository: Repository, tag: str) -> bool:
    filters = repository.image_tag_mutability_exclusion_filters or []
    excluded = any(fnmatch.fnmatchcase(tag, each["filter"]) for each in filters)
    return repository.is_tag_immutable() != excluded


def not_found(wanted: dict[str, Any]) -> dict[str, Any]:
    reason = "Requested image not found"
    return {"imageId": wanted, "failureCode": "ImageNotFound", "failureReason": reason}
