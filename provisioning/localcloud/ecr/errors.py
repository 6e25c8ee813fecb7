"""ECR's errors that moto lacks, by the names and words of botocore's model where AWS's own are not known."""

from ..errors import AwsError


class LayersNotFound(AwsError):
    code = "LayersNotFoundException"


class LayerInaccessible(AwsError):
    code = "LayerInaccessibleException"


class ReferencedImagesNotFound(AwsError):
    code = "ReferencedImagesNotFoundException"


class ImageDigestDoesNotMatch(AwsError):
    code = "ImageDigestDoesNotMatchException"


class ImageTagAlreadyExists(AwsError):
    code = "ImageTagAlreadyExistsException"

    def __init__(self, tag: str, repository: str) -> None:
        super().__init__(
            f"The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten "
            "because the tag is immutable."
        )


class InvalidLayer(AwsError):
    code = "InvalidLayerException"


class LayerAlreadyExists(AwsError):
    code = "LayerAlreadyExistsException"


class EmptyUpload(AwsError):
    code = "EmptyUploadException"
