"""An ECR in memory: the few answers that a push needs, and the registry itself, which real engines can push to."""

import base64
import hashlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from botocore.exceptions import ClientError

REPOSITORY = "scale0-dev"


class Ecr:
    """A boto3 client, as far as it goes."""

    def __init__(self):
        self.blobs, self.manifests, self.tags = {}, {}, {}
        self.repository_tags = []
        """None: there is no repository."""
        self.token, self.tokens_given = 1, 0
        self.calls = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (Handler,), {"ecr": self}))
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.host = f"127.0.0.1:{self.server.server_port}"

    def client(self, service):
        assert service == "ecr"
        return self

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def auth(self):
        return base64.b64encode(f"AWS:token-{self.token}".encode()).decode()

    def put(self, tag, architecture="amd64", os="linux", **more):
        """As if pushed by somebody; returns its digest."""
        config = json.dumps({"architecture": architecture, "os": os, **more}).encode()
        digest = self.keep(config)
        manifest = {
            "schemaVersion": 2,
            "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
            "config": {"mediaType": "application/json", "size": len(config), "digest": digest},
            "layers": [],
        }
        return self.put_manifest(json.dumps(manifest), tag)

    def put_index(self, tag):
        kind = "application/vnd.oci.image.index.v1+json"
        return self.put_manifest(json.dumps({"schemaVersion": 2, "mediaType": kind, "manifests": []}), tag)

    def put_manifest(self, manifest, tag):
        digest = sha256(manifest.encode())
        self.manifests[digest] = manifest
        self.tags[tag] = digest
        return digest

    def keep(self, content):
        self.blobs[sha256(content)] = content
        return sha256(content)

    # What boto3 has

    def get_authorization_token(self):
        self.calls.append("get_authorization_token")
        self.tokens_given += 1
        return {"authorizationData": [{"authorizationToken": self.auth, "proxyEndpoint": f"http://{self.host}"}]}

    def batch_get_image(self, **asked):
        self.calls.append("batch_get_image")
        (wanted,) = asked["imageIds"]
        digest = wanted.get("imageDigest") or self.tags.get(wanted["imageTag"])
        if digest not in self.manifests:
            return {"images": [], "failures": [{"imageId": wanted, "failureCode": "ImageNotFound"}]}
        return {"images": [{"imageId": {"imageDigest": digest}, "imageManifest": self.manifests[digest]}]}

    def get_download_url_for_layer(self, **asked):
        self.calls.append("get_download_url_for_layer")
        return {"downloadUrl": f"http://{self.host}/signed/{asked['layerDigest']}"}

    def describe_repositories(self, **asked):
        self.calls.append("describe_repositories")
        self.there_or_raise()
        return {"repositories": [{"repositoryArn": f"arn:aws:ecr:eu-west-3:123456789012:repository/{REPOSITORY}"}]}

    def list_tags_for_resource(self, **asked):
        self.calls.append("list_tags_for_resource")
        return {"tags": self.repository_tags}

    def describe_images(self, **asked):
        self.calls.append("describe_images")
        self.there_or_raise()
        ((_, tag),) = asked["imageIds"][0].items()
        if tag not in self.tags:
            raise refusal("ImageNotFoundException", "DescribeImages")
        digest = self.tags[tag]
        tags = [each for each, meant in self.tags.items() if meant == digest]
        return {"imageDetails": [{"imageDigest": digest, "imageTags": tags}]}

    def batch_delete_image(self, **asked):
        self.calls.append("batch_delete_image")
        self.there_or_raise()
        for each in asked["imageIds"]:
            self.tags.pop(each["imageTag"], None)
        return {"imageIds": [], "failures": []}

    def there_or_raise(self):
        if self.repository_tags is None:
            raise refusal("RepositoryNotFoundException", "Any")

    def put_image(self, **asked):
        self.calls.append("put_image")
        manifest, tag = asked["imageManifest"], asked["imageTag"]
        assert sha256(manifest.encode()) == asked["imageDigest"]
        if self.tags.get(tag) == asked["imageDigest"]:
            raise refusal("ImageAlreadyExistsException", "PutImage")
        self.put_manifest(manifest, tag)


class Handler(BaseHTTPRequestHandler):
    """Distribution's HTTP API, https://distribution.github.io/distribution/spec/api/, for one repository."""

    protocol_version = "HTTP/1.1"
    ecr: Ecr

    def do_GET(self):
        content, kind = None, "application/octet-stream"
        if self.path.startswith("/signed/"):
            return self.reply(200, self.ecr.blobs[self.path.split("/")[-1]])
        if self.refused():
            return None
        if self.path == "/v2/":
            return self.reply(200, b"{}")
        if found := re.fullmatch(rf"/v2/{REPOSITORY}/blobs/(\S+)", self.path):
            content = self.ecr.blobs.get(found[1])
        elif found := re.fullmatch(rf"/v2/{REPOSITORY}/manifests/(\S+)", self.path):
            manifest = self.ecr.manifests.get(self.ecr.tags.get(found[1], found[1]))
            content = manifest and manifest.encode()
            kind = manifest and json.loads(manifest)["mediaType"]
        return self.reply(404) if content is None else self.reply(200, content, kind)

    def do_HEAD(self):
        self.do_GET()

    def do_POST(self):
        self.body()
        return self.refused() or self.reply(202, Location=f"/v2/{REPOSITORY}/blobs/uploads/{id(self)}", Range="0-0")

    def do_PATCH(self):
        self.ecr.blobs[self.path] = self.ecr.blobs.get(self.path, b"") + self.body()
        return self.reply(202, Location=self.path, Range=f"0-{len(self.ecr.blobs[self.path]) - 1}")

    def do_PUT(self):
        body = self.body()
        if self.refused():
            return None
        if found := re.fullmatch(rf"/v2/{REPOSITORY}/manifests/(\S+)", self.path):
            digest = self.ecr.put_manifest(body.decode(), found[1])
        else:
            digest = self.ecr.keep(self.ecr.blobs.pop(self.path.split("?")[0], b"") + body)
        return self.reply(201, **{"Docker-Content-Digest": digest, "Location": self.path})

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def refused(self):
        if self.headers.get("Authorization") == f"Basic {self.ecr.auth}":
            return False
        self.reply(401, **{"WWW-Authenticate": 'Basic realm="ECR"'})
        return True

    def reply(self, status, content=b"", kind="application/json", **headers):
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        if status == 200 and kind != "application/json":
            self.send_header("Docker-Content-Digest", sha256(content))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *_):
        pass


def refusal(code, operation):
    return ClientError({"Error": {"Code": code, "Message": ""}}, operation)


def sha256(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()
