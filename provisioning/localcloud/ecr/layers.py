"""Layers by ECR's own API: part by part in, and out by an address that holds for a while."""

import io
from typing import Any

from moto.ecr.exceptions import InvalidLayerPartException, UploadNotFoundException
from moto.ecr.models import DEFAULT_LAYER_PART_SIZE, ECRBackend, Repository

from ..ground import ground
from .blobs import Upload, WrongDigest, WrongOrder
from .errors import EmptyUpload, InvalidLayer, LayerAlreadyExists, LayerInaccessible, LayersNotFound
from .tokens import Tickets


class LayersBackend(ECRBackend):
    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.tickets = Tickets()

    def repository(self, name: str, registry_id: str | None = None) -> Repository:
        """Raises moto's RepositoryNotFoundException."""
        return self._get_repository(name, registry_id)

    def initiate_layer_upload(self, repository_name: str, registry_id: str | None = None) -> dict[str, Any]:
        upload = Upload()
        self.repository(repository_name, registry_id).uploads[upload.id] = upload
        return {"uploadId": upload.id, "partSize": DEFAULT_LAYER_PART_SIZE}

    def upload_layer_part(
        self,
        repository_name: str,
        upload_id: str,
        part_first_byte: int,
        part_last_byte: int,
        layer_part_blob: bytes,
        registry_id: str | None = None,
    ) -> dict[str, Any]:
        repository = self.repository(repository_name, registry_id)
        upload = self._upload(repository, upload_id)
        try:
            upload.append(io.BytesIO(layer_part_blob or b""), part_first_byte)
        except WrongOrder:
            raise InvalidLayerPartException(
                repository.registry_id, repository_name, upload_id, upload.size - 1
            ) from None
        return {**about(repository), "uploadId": upload_id, "lastByteReceived": upload.size - 1}

    def complete_layer_upload(
        self, repository_name: str, upload_id: str, layer_digests: list[str], registry_id: str | None = None
    ) -> dict[str, Any]:
        repository = self.repository(repository_name, registry_id)
        upload = self._upload(repository, upload_id)
        if upload.size == 0:
            raise EmptyUpload("The specified layer upload does not contain any layer parts.")
        try:
            digest = upload.finish(layer_digests[0])
        except WrongDigest as wrong:
            raise InvalidLayer(
                "The layer digest calculation performed by Amazon ECR upon receipt of the image layer does not "
                f"match the digest specified: {wrong}"
            ) from None
        finally:
            del repository.uploads[upload_id]
        if digest in repository.layers:
            raise LayerAlreadyExists(f"The image layer {digest} already exists in the associated repository.")
        repository.layers[digest] = upload.size
        return {**about(repository), "uploadId": upload_id, "layerDigest": digest}

    def _upload(self, repository: Repository, upload_id: str) -> Any:
        if upload_id not in repository.uploads:
            raise UploadNotFoundException(upload_id, repository.name, repository.registry_id)
        return repository.uploads[upload_id]

    def download_url(self, repository_name: str, digest: str, registry_id: str | None = None) -> str:
        repository = self.repository(repository_name, registry_id)
        if digest not in repository.layers:
            raise LayersNotFound(f"The specified layer {digest} could not be found in {repository_name}.")
        if not any(digest in image.blobs() for image in repository.images if not image.is_index):
            raise LayerInaccessible(f"The layer {digest} is not available because it is not associated with an image.")
        return f"{ground().endpoint}/v2/.download/{self.tickets.issue(digest)}"


def about(repository: Repository) -> dict[str, Any]:
    return {"registryId": repository.registry_id, "repositoryName": repository.name}
