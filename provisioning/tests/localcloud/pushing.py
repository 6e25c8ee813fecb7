"""An engine's side of a push, spoken by hand: layers, a config, a manifest."""

import base64
import gzip
import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from .conftest import Aws

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


def sha256(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def tar(files: dict[str, str | bytes | tarfile.TarInfo]) -> bytes:
    """A layer: names with their texts, or with whole members where a test needs an odd one."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, content in files.items():
            member = content if isinstance(content, tarfile.TarInfo) else tarfile.TarInfo(name)
            member.name = name
            data = b"" if isinstance(content, tarfile.TarInfo) else as_bytes(content)
            if not isinstance(content, tarfile.TarInfo):
                member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def as_bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def link(to: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo()
    member.type, member.linkname = kind, to
    return member


def configured(**more: Any) -> dict[str, Any]:
    """An image's config, that of a program for our processor where nothing else is said."""
    platform = {"architecture": more.pop("architecture", "amd64"), "os": "linux"}
    return {**platform, "config": {"WorkingDir": "/app", "Env": ["PATH=/usr/local/bin:/bin"], **more}}


class Engine:
    def __init__(self, aws: "Aws") -> None:
        self.ecr = aws.client("ecr")
        self.registry = aws.cloud.endpoint + "/v2"
        self.session = requests.Session()
        self.log_in()

    def log_in(self) -> str:
        [data] = self.ecr.get_authorization_token()["authorizationData"]
        user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
        self.session.auth = (user, password)
        return password

    def ask(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, self.registry + path, timeout=10, **more)

    def put_blob(self, repository: str, data: bytes) -> dict[str, Any]:
        upload = self.ask("POST", f"/{repository}/blobs/uploads/")
        assert upload.status_code == 202, upload.text
        where = upload.headers["Location"].removeprefix("/v2")
        put = self.ask("PUT", where, params={"digest": sha256(data)}, data=data)
        assert put.status_code == 201, put.text
        return {"digest": sha256(data), "size": len(data)}

    def put_manifest(self, repository: str, reference: str, content: str, kind: str = MANIFEST) -> requests.Response:
        path = f"/{repository}/manifests/{reference}"
        return self.ask("PUT", path, data=content.encode(), headers={"Content-Type": kind})

    def manifest(self, repository: str, config: dict[str, Any], *layers: bytes) -> str:
        """With its blobs there already."""
        made = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, **self.put_blob(repository, json.dumps(config).encode())},
            "layers": [{"mediaType": LAYER, **self.put_blob(repository, layer)} for layer in layers],
        }
        return json.dumps(made)

    def push(self, repository: str, tag: str, config: dict[str, Any], *layers: dict[str, Any]) -> str:
        """The digest of what was pushed."""
        packed = [gzip.compress(tar(layer), mtime=0) for layer in layers]
        put = self.put_manifest(repository, tag, self.manifest(repository, config, *packed))
        assert put.status_code == 201, put.text
        return put.headers["Docker-Content-Digest"]


def image_of(aws: "Aws", repository: str, files: dict[str, str], *command: str, **more: Any) -> str:
    """Of a new repository, the one image: these files, and what it runs. Its identifier, by digest."""
    engine = Engine(aws)
    address = engine.ecr.create_repository(repositoryName=repository)["repository"]["repositoryUri"]
    config = configured(Cmd=list(command), **more)
    digest = engine.push(repository, "made", config, {f"app/{name}": text for name, text in files.items()})
    return f"{address}@{digest}"
