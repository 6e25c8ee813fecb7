"""Blobs: uploaded in one piece or in several, and fetched."""

import re

from ..ecr.blobs import DIGEST, Upload, WrongDigest, WrongOrder, blob, chunks
from ..ground import ground
from .request import Answer, Refused, Request, created


def get_blob(request: Request, digest: str) -> Answer:
    if digest not in request.repository.layers:
        raise Refused(404, "BLOB_UNKNOWN", f"blob unknown to registry: {digest}")
    return file(digest)


def file(digest: str) -> Answer:
    found = blob(digest)
    if not found.exists():
        raise Refused(404, "BLOB_UNKNOWN", f"blob unknown to registry: {digest}")
    headers = [
        ("Content-Type", "application/octet-stream"),
        ("Content-Length", str(found.stat().st_size)),
        ("Docker-Content-Digest", digest),
    ]
    return 200, headers, chunks(found)


def begin_upload(request: Request) -> Answer:
    """ECR mounts no blob of another repository unless its registry is set to: it asks for an upload instead."""
    upload = Upload()
    with ground().lock:
        request.repository.uploads[upload.id] = upload
    if "digest" in request.query:
        return end_upload(request, upload.id)
    return uploading(request, upload)


def add_to_upload(request: Request, id: str) -> Answer:
    upload = find_upload(request, id)
    append(request, upload)
    return uploading(request, upload)


def end_upload(request: Request, id: str) -> Answer:
    upload = find_upload(request, id)
    digest = request.query.get("digest", "")
    if not DIGEST.fullmatch(digest):
        raise Refused(400, "DIGEST_INVALID", f"provided digest is not one of sha256: {digest}")
    append(request, upload)
    try:
        upload.finish(digest)
    except WrongDigest as wrong:
        raise Refused(400, "DIGEST_INVALID", f"provided digest did not match uploaded content: {wrong}") from None
    finally:
        with ground().lock:
            request.repository.uploads.pop(id, None)
    with ground().lock:
        request.repository.layers[digest] = upload.size
    return created(f"{request.path}/blobs/{digest}", digest)


def append(request: Request, upload: Upload) -> None:
    first = re.match(r"(?:bytes[ =])?(\d+)-", request.environ.get("HTTP_CONTENT_RANGE", ""))
    try:
        upload.append(request.body, int(first[1]) if first else None)
    except WrongOrder as wrong:
        raise Refused(416, "BLOB_UPLOAD_INVALID", f"A part of the upload begins at byte {wrong}.") from None


def get_upload(request: Request, id: str) -> Answer:
    _, headers, body = uploading(request, find_upload(request, id))
    return 204, headers, body


def cancel_upload(request: Request, id: str) -> Answer:
    find_upload(request, id).cancel()
    with ground().lock:
        request.repository.uploads.pop(id, None)
    return 204, [], []


def find_upload(request: Request, id: str) -> Upload:
    upload = request.repository.uploads.get(id)
    if upload is None:
        raise Refused(404, "BLOB_UPLOAD_UNKNOWN", f"blob upload unknown to registry: {id}")
    assert isinstance(upload, Upload)
    return upload


def uploading(request: Request, upload: Upload) -> Answer:
    headers = [
        ("Location", f"{request.path}/blobs/uploads/{upload.id}"),
        ("Docker-Upload-UUID", upload.id),
        ("Range", f"0-{max(upload.size - 1, 0)}"),
        ("Content-Length", "0"),
    ]
    return 202, headers, []
