"""Manifests, by tag or by digest, and the tags of a repository."""

import json

from moto.core.exceptions import ServiceException
from moto.ecr.exceptions import ImageAlreadyExistsException

from ..ecr.blobs import DIGEST
from ..ecr.errors import ImageTagAlreadyExists, LayersNotFound, ReferencedImagesNotFound
from ..ecr.image import MEDIA_TYPES
from ..ground import ground
from .request import Answer, Refused, Request, created, text

LARGEST_MANIFEST = 4 * 1024 * 1024  # bytes; distribution's own limit (believed of ECR)


def get_manifest(request: Request, reference: str) -> Answer:
    image = request.backend.find(request.name, reference)
    if image is None:
        raise Refused(404, "MANIFEST_UNKNOWN", "Requested image not found")
    kind = str(image.image_manifest_media_type)
    return text(kind, image.image_manifest, ("Docker-Content-Digest", image.digest))


def put_manifest(request: Request, reference: str) -> Answer:
    body = request.body.read(LARGEST_MANIFEST + 1)
    if len(body) > LARGEST_MANIFEST:
        raise Refused(413, "MANIFEST_INVALID", f"manifest larger than {LARGEST_MANIFEST} bytes")
    kind = request.environ.get("CONTENT_TYPE", "").split(";")[0]
    if kind not in MEDIA_TYPES:
        raise Refused(400, "MANIFEST_INVALID", f"manifest of an unsupported media type: {kind}")
    by_digest = DIGEST.fullmatch(reference)
    try:
        manifest = body.decode()
        with ground().lock:
            given = reference if by_digest else None
            request.backend.put_image(request.name, manifest, None if by_digest else reference, kind, given)
    except ImageAlreadyExistsException:
        # Pushing the same again is no error for an engine.
        pass
    except ImageTagAlreadyExists as immutable:
        raise Refused(400, "TAG_INVALID", str(immutable.message)) from None
    except (LayersNotFound, ReferencedImagesNotFound) as missing:
        raise Refused(400, "MANIFEST_BLOB_UNKNOWN", str(missing.message)) from None
    except UnicodeDecodeError:
        raise Refused(400, "MANIFEST_INVALID", "manifest is no text") from None
    except ServiceException as wrong:
        raise Refused(400, "MANIFEST_INVALID", str(wrong.message)) from None
    image = request.backend.find(request.name, reference)
    digest = image.digest if image else reference
    return created(f"{request.path}/manifests/{digest}", digest)


def list_tags(request: Request) -> Answer:
    tags = sorted(tag for image in request.repository.images for tag in image.image_tags)
    tags = [tag for tag in tags if tag > request.query.get("last", "")]
    count = request.query.get("n", "")
    return text("application/json", json.dumps({"name": request.name, "tags": tags[: int(count) if count else None]}))
