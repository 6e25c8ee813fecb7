"""The registry at /v2/, spoken to as an engine does: OCI's distribution specification, and ECR's own refusals."""

import json

import pytest
import requests
from moto.ecr.models import ecr_backends

from .conftest import ACCOUNT, REGION, Aws
from .pushing import INDEX, MANIFEST, OCI, Engine, configured, sha256


@pytest.fixture(scope="module")
def engine(aws: Aws) -> Engine:
    engine = Engine(aws)
    engine.ecr.create_repository(repositoryName="pushed")
    return engine


def code(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def test_the_address_to_push_to_is_the_local_aws(aws: Aws, engine: Engine) -> None:
    """botocore's model: proxyEndpoint. Where it leads is ours."""
    [data] = engine.ecr.get_authorization_token()["authorizationData"]
    assert data["proxyEndpoint"] == aws.cloud.endpoint
    assert len(engine.log_in()) > 72  # what bcrypt cuts off
    assert engine.ask("GET", "/").status_code == 200


def test_a_wrong_password_is_asked_for_again(engine: Engine) -> None:
    """Docker's registry specification: a challenge. Met with ECR: "no basic auth credentials"."""
    for auth in (None, ("AWS", "wrong"), ("somebody", "else")):
        answer = requests.get(engine.registry + "/", auth=auth, timeout=10)
        assert code(answer) == (401, "UNAUTHORIZED")
        assert answer.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_a_token_that_ran_out_is_refused_in_ecrs_words(engine: Engine) -> None:
    """Reported: microsoft/vscode#205489 (the words), serverless/serverless#13116 (the status)."""
    ecr_backends[ACCOUNT][REGION].tokens.expire_all()
    answer = engine.ask("GET", "/pushed/tags/list")
    assert code(answer) == (403, "DENIED")
    assert "Your authorization token has expired. Reauthenticate and try again." in answer.text
    engine.log_in()
    assert engine.ask("GET", "/pushed/tags/list").ok


def test_a_push_does_not_make_a_repository(engine: Engine) -> None:
    """Reported of ECR: "name unknown: The repository with name ... does not exist in the registry with id ..."."""
    answer = engine.ask("POST", "/nowhere/blobs/uploads/")
    assert code(answer) == (404, "NAME_UNKNOWN")
    assert f"The repository with name 'nowhere' does not exist in the registry with id '{ACCOUNT}'" in answer.text


def test_what_is_pushed_is_what_ecr_describes_and_what_is_pulled(engine: Engine) -> None:
    """OCI's distribution specification, and botocore's model of ECR."""
    digest = engine.push("pushed", "one", configured(), {"app/a": "text"})
    [image] = engine.ecr.describe_images(repositoryName="pushed", imageIds=[{"imageTag": "one"}])["imageDetails"]
    assert (image["imageDigest"], image["imageManifestMediaType"]) == (digest, MANIFEST)
    pulled = engine.ask("GET", "/pushed/manifests/one", headers={"Accept": MANIFEST})
    assert (pulled.headers["Content-Type"], sha256(pulled.content)) == (MANIFEST, digest)
    head = engine.ask("HEAD", f"/pushed/manifests/{digest}")
    assert (head.headers["Docker-Content-Digest"], head.content) == (digest, b"")
    content = pulled.json()
    layer = content["layers"][0]["digest"]
    assert sha256(engine.ask("GET", f"/pushed/blobs/{layer}").content) == layer
    assert image["imageSizeInBytes"] == content["config"]["size"] + content["layers"][0]["size"]
    assert "one" in engine.ask("GET", "/pushed/tags/list").json()["tags"]
    [got] = engine.ecr.batch_get_image(repositoryName="pushed", imageIds=[{"imageTag": "one"}])["images"]
    assert sha256(got["imageManifest"].encode()) == digest == got["imageId"]["imageDigest"]


def test_the_config_is_fetched_without_a_login(engine: Engine) -> None:
    """AWS documents: GetDownloadUrlForLayer gives a presigned address."""
    digest = engine.push("pushed", "configured", configured(architecture="arm64"), {"app/a": ""})
    [image] = engine.ecr.batch_get_image(repositoryName="pushed", imageIds=[{"imageDigest": digest}])["images"]
    config = json.loads(image["imageManifest"])["config"]["digest"]
    url = engine.ecr.get_download_url_for_layer(repositoryName="pushed", layerDigest=config)["downloadUrl"]
    assert requests.get(url, timeout=10).json()["architecture"] == "arm64"
    assert code(requests.get(url + "x", timeout=10)) == (403, "DENIED")
    with pytest.raises(engine.ecr.exceptions.LayersNotFoundException):
        engine.ecr.get_download_url_for_layer(repositoryName="pushed", layerDigest=sha256(b"never"))
    engine.put_blob("pushed", b"alone")
    with pytest.raises(engine.ecr.exceptions.LayerInaccessibleException):  # botocore's model
        engine.ecr.get_download_url_for_layer(repositoryName="pushed", layerDigest=sha256(b"alone"))


def test_a_layer_comes_in_pieces_and_in_order(engine: Engine) -> None:
    """OCI's distribution specification: chunks, and 416 for one out of order."""
    where = engine.ask("POST", "/pushed/blobs/uploads/").headers["Location"].removeprefix("/v2")
    first = engine.ask("PATCH", where, data=b"abc", headers={"Content-Range": "0-2"})
    assert (first.status_code, first.headers["Range"]) == (202, "0-2")
    late = engine.ask("PATCH", where, data=b"x", headers={"Content-Range": "7-7"})
    assert code(late) == (416, "BLOB_UPLOAD_INVALID")
    assert engine.ask("GET", where).headers["Range"] == "0-2"
    # Without a length, as docker sends it.
    assert engine.ask("PATCH", where, data=iter([b"de", b"f"])).headers["Range"] == "0-5"
    assert engine.ask("PUT", where, params={"digest": sha256(b"abcdef")}).status_code == 201
    assert engine.ask("HEAD", f"/pushed/blobs/{sha256(b'abcdef')}").headers["Content-Length"] == "6"
    assert engine.ask("HEAD", f"/pushed/blobs/{sha256(b'other')}").status_code == 404
    assert code(engine.ask("GET", where)) == (404, "BLOB_UPLOAD_UNKNOWN")


def test_a_layer_that_is_not_what_it_says_is_refused(engine: Engine) -> None:
    """OCI's distribution specification: DIGEST_INVALID."""
    where = engine.ask("POST", "/pushed/blobs/uploads/").headers["Location"].removeprefix("/v2")
    assert code(engine.ask("PUT", where, params={"digest": sha256(b"b")}, data=b"a")) == (400, "DIGEST_INVALID")
    monolithic = engine.ask("POST", "/pushed/blobs/uploads/", params={"digest": sha256(b"c")}, data=b"c")
    assert monolithic.status_code == 201
    mount = {"mount": sha256(b"c"), "from": "other"}
    assert engine.ask("POST", "/pushed/blobs/uploads/", params=mount).status_code == 202


def test_a_manifest_without_its_layers_is_refused(engine: Engine) -> None:
    """botocore's model: LayersNotFoundException; the registry's code is the distribution specification's."""
    manifest = engine.manifest("pushed", configured(), b"layer").replace(sha256(b"layer"), sha256(b"absent"))
    assert code(engine.put_manifest("pushed", "torn", manifest)) == (400, "MANIFEST_BLOB_UNKNOWN")
    with pytest.raises(engine.ecr.exceptions.LayersNotFoundException):
        engine.ecr.put_image(repositoryName="pushed", imageManifest=manifest, imageTag="torn")
    assert code(engine.put_manifest("pushed", "torn", "{", MANIFEST)) == (400, "MANIFEST_INVALID")
    assert code(engine.put_manifest("pushed", "torn", "{}", "text/plain")) == (400, "MANIFEST_INVALID")
    assert code(engine.ask("GET", "/pushed/manifests/torn")) == (404, "MANIFEST_UNKNOWN")


def test_an_index_needs_its_images(engine: Engine) -> None:
    """botocore's model: ReferencedImagesNotFoundException, ImageReferencedByManifestList."""
    manifest = engine.manifest("pushed", configured(User="1"), b"of an index").replace(MANIFEST, OCI)
    entry = {"mediaType": OCI, "digest": sha256(manifest.encode()), "size": len(manifest)}
    entry["platform"] = {"os": "linux", "architecture": "amd64"}
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]})
    assert code(engine.put_manifest("pushed", "index", index, INDEX)) == (400, "MANIFEST_BLOB_UNKNOWN")
    assert engine.put_manifest("pushed", str(entry["digest"]), manifest, OCI).status_code == 201
    assert engine.put_manifest("pushed", "index", index, INDEX).status_code == 201
    [image] = engine.ecr.describe_images(repositoryName="pushed", imageIds=[{"imageTag": "index"}])["imageDetails"]
    assert image["imageManifestMediaType"] == INDEX
    gone = engine.ecr.batch_delete_image(repositoryName="pushed", imageIds=[{"imageDigest": entry["digest"]}])
    assert gone["failures"][0]["failureCode"] == "ImageReferencedByManifestList"
