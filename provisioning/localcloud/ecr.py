"""ECR: one stand-in image in every new repository, until images are built."""

import hashlib
import json
from typing import Any

from moto.ecr import urls as moto_urls
from moto.ecr.models import ECRBackend, Repository, ecr_backends

from . import first_start
from .ground import ground

TAG = "working-tree"


def manifest(of: str) -> str:
    """A small one of Docker's schema 2, whose digest differs from one repository to another."""

    def blob(kind: str, text: str) -> dict[str, Any]:
        digest = hashlib.sha256(text.encode()).hexdigest()
        return {"mediaType": kind, "size": len(text), "digest": f"sha256:{digest}"}

    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": blob("application/vnd.docker.container.image.v1+json", f"{of}: the working tree"),
            "layers": [blob("application/vnd.docker.image.rootfs.diff.tar.gzip", f"{of}: the working tree's files")],
        }
    )


class LocalECRBackend(ECRBackend):
    # moto would look for a module beside this one.
    _url_module = moto_urls

    def create_repository(self, repository_name: str, *rest: Any, **more: Any) -> Repository:
        repository = super().create_repository(repository_name, *rest, **more)
        self.put_image(repository_name, manifest(repository_name), TAG)
        ground().say(f"repository {repository_name}: its one image, {TAG}, stands for this working tree")
        # What an image build does with the working tree. A service waits for it before it starts.
        ground().begin(first_start.build)
        return repository


def install() -> None:
    ecr_backends.backend = LocalECRBackend
