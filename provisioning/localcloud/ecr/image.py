"""An image in a repository: a manifest, by the digest of its very bytes, and the tags that point to it."""

import hashlib
import json
from typing import Any

from moto.ecr.models import Image

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
MEDIA_TYPES = (MANIFEST, OCI_MANIFEST, INDEX, LIST)
INDEXES = (INDEX, LIST)


def digest_of(manifest: str) -> str:
    return f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}"


class LocalImage(Image):
    """moto's takes a digest of the layers' digests, and the size of the config for that of the image."""

    def __init__(self, account: str, repository: str, manifest: str, media_type: str) -> None:
        super().__init__(account, None, manifest, repository, media_type, digest_of(manifest))
        self.content: dict[str, Any] = json.loads(manifest)
        self.artifact_media_type = (self.content.get("config") or {}).get("mediaType")

    @property
    def is_index(self) -> bool:
        return self.image_manifest_media_type in INDEXES

    @property
    def digest(self) -> str:
        return self.get_image_digest()

    def blobs(self) -> list[str]:
        """What a manifest needs to be there: its config and its layers."""
        return [each["digest"] for each in [self.content["config"], *self.content["layers"]]]

    def get_image_size_in_bytes(self) -> int | None:
        if self.is_index:
            return None
        return sum(int(each["size"]) for each in [self.content["config"], *self.content["layers"]])

    def id(self, tag: str | None) -> dict[str, str]:
        return {"imageDigest": self.digest, **({"imageTag": tag} if tag else {})}

    def as_answer(self, registry: str, tag: str | None) -> dict[str, Any]:
        return {
            "registryId": registry,
            "repositoryName": self.repository_name,
            "imageId": self.id(tag),
            "imageManifest": self.image_manifest,
            "imageManifestMediaType": self.image_manifest_media_type,
        }
