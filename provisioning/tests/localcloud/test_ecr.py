"""ECR's own API: tags that move, immutable ones, and what a lifecycle policy expires."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.ecr.models import ecr_backends

from .conftest import ACCOUNT, REGION, Aws
from .pushing import Engine, configured, sha256


@pytest.fixture(scope="module")
def engine(aws: Aws) -> Engine:
    return Engine(aws)


def empty(engine: Engine, name: str, **more: Any) -> str:
    engine.ecr.create_repository(repositoryName=name, **more)
    return name


def images(engine: Engine, name: str) -> dict[str, list[str]]:
    found = engine.ecr.describe_images(repositoryName=name)["imageDetails"]
    return {image["imageDigest"]: image.get("imageTags", []) for image in found}


def put(engine: Engine, name: str, digest: str, tag: str) -> Any:
    [image] = engine.ecr.batch_get_image(repositoryName=name, imageIds=[{"imageDigest": digest}])["images"]
    return engine.ecr.put_image(
        repositoryName=name,
        imageManifest=image["imageManifest"],
        imageManifestMediaType=image["imageManifestMediaType"],
        imageTag=tag,
    )


def test_a_tag_moves_and_the_image_that_loses_it_stays(engine: Engine) -> None:
    """AWS documents (image retagging; "untagged images"). moto deletes the image that loses its tag."""
    name = empty(engine, "moving")
    old = engine.push(name, "latest", configured(), {"app/a": "old"})
    new = engine.push(name, "latest", configured(), {"app/a": "new"})
    assert images(engine, name) == {old: [], new: ["latest"]}
    put(engine, name, old, "former")
    assert put(engine, name, new, "running")["image"]["imageId"] == {"imageDigest": new, "imageTag": "running"}
    assert images(engine, name) == {old: ["former"], new: ["latest", "running"]}
    with pytest.raises(engine.ecr.exceptions.ImageAlreadyExistsException):  # botocore's model
        put(engine, name, new, "running")
    listed = engine.ecr.list_images(repositoryName=name, filter={"tagStatus": "TAGGED"})["imageIds"]
    assert sorted(each["imageTag"] for each in listed) == ["former", "latest", "running"]


def test_an_image_goes_with_its_last_tag_or_by_its_digest(engine: Engine) -> None:
    """AWS documents: BatchDeleteImage."""
    name = empty(engine, "deleting")
    digest = engine.push(name, "a", configured(), {"app/a": "a"})
    put(engine, name, digest, "b")
    engine.ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageTag": "a"}])
    assert images(engine, name) == {digest: ["b"]}
    engine.ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageTag": "b"}])
    assert images(engine, name) == {}
    again = engine.push(name, "a", configured(), {"app/a": "a"})
    gone = engine.ecr.batch_delete_image(repositoryName=name, imageIds=[{"imageDigest": again}, {"imageTag": "no"}])
    assert gone["imageIds"] == [{"imageDigest": again, "imageTag": "a"}]
    assert gone["failures"][0]["failureCode"] == "ImageNotFound"


def test_an_immutable_tag_stays_where_it_is(engine: Engine) -> None:
    """botocore's model: ImageTagAlreadyExistsException, and its filters for tags that may move all the same."""
    exceptions = [{"filterType": "WILDCARD", "filter": "late*"}]
    name = empty(
        engine,
        "immutable",
        imageTagMutability="IMMUTABLE_WITH_EXCLUSION",
        imageTagMutabilityExclusionFilters=exceptions,
    )
    old = engine.push(name, "v1", configured(), {"app/a": "old"})
    assert engine.push(name, "v1", configured(), {"app/a": "old"}) == old
    new = engine.push(name, "v2", configured(), {"app/a": "new"})
    with pytest.raises(engine.ecr.exceptions.ImageTagAlreadyExistsException, match="cannot be overwritten"):
        put(engine, name, new, "v1")
    put(engine, name, old, "latest")
    put(engine, name, new, "latest")
    refused = engine.put_manifest(name, "v1", engine.manifest(name, configured(User="2"), b"layer"))
    assert refused.json()["errors"][0]["code"] == "TAG_INVALID"


def test_layers_can_be_uploaded_through_the_api(engine: Engine) -> None:
    """AWS documents: InitiateLayerUpload, UploadLayerPart, CompleteLayerUpload."""
    name = empty(engine, "parts")
    upload = engine.ecr.initiate_layer_upload(repositoryName=name)["uploadId"]
    where = {"repositoryName": name, "uploadId": upload}
    engine.ecr.upload_layer_part(**where, partFirstByte=0, partLastByte=2, layerPartBlob=b"abc")
    with pytest.raises(engine.ecr.exceptions.InvalidLayerPartException):
        engine.ecr.upload_layer_part(**where, partFirstByte=7, partLastByte=7, layerPartBlob=b"x")
    done = engine.ecr.complete_layer_upload(**where, layerDigests=[sha256(b"abc")])
    assert done["layerDigest"] == sha256(b"abc")
    assert engine.ask("GET", f"/{name}/blobs/{sha256(b'abc')}").content == b"abc"


def test_a_digest_that_does_not_fit_is_refused(engine: Engine) -> None:
    """botocore's model: ImageDigestDoesNotMatchException."""
    name = empty(engine, "digests")
    manifest = engine.manifest(name, configured(), b"layer")
    with pytest.raises(engine.ecr.exceptions.ImageDigestDoesNotMatchException):
        engine.ecr.put_image(repositoryName=name, imageManifest=manifest, imageTag="a", imageDigest=sha256(b"b"))


def rule(priority: int, count: int, *patterns: str, **more: Any) -> dict[str, Any]:
    status: dict[str, Any] = {"tagStatus": "tagged", "tagPatternList": list(patterns)} if patterns else {}
    selection = {"tagStatus": "any", **status, "countType": "imageCountMoreThan", "countNumber": count, **more}
    return {"rulePriority": priority, "selection": selection, "action": {"type": "expire"}}


def apply(engine: Engine, name: str, *rules: dict[str, Any]) -> list[str]:
    engine.ecr.put_lifecycle_policy(repositoryName=name, lifecyclePolicyText=json.dumps({"rules": rules}))
    return ecr_backends[ACCOUNT][REGION].apply_lifecycle_policy(name)


def test_what_a_rule_of_higher_priority_keeps_does_not_expire(engine: Engine) -> None:
    """AWS documents (lifecycle policies): what one rule matches none of a lower priority expires."""
    name = empty(engine, "cleaned")
    former, running, other, newest = (
        engine.push(name, tag, configured(), {"app/a": tag}) for tag in ("former", "running", "other", "newest")
    )
    assert apply(engine, name, rule(1, 1, "running"), rule(2, 1, "former"), rule(3, 1)) == [other]
    assert set(images(engine, name)) == {former, running, newest}
    assert apply(engine, name, rule(3, 1)) == [running, former]
    ages = rule(1, 1, tagStatus="untagged", countType="sinceImagePushed", countUnit="days")
    for image in ecr_backends[ACCOUNT][REGION].repositories[name].images:
        image.image_pushed_at -= 2 * 86_400
    assert apply(engine, name, ages) == []
    engine.push(name, "newest", configured(), {"app/a": "newer"})
    assert apply(engine, name, ages) == [newest]


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ([rule(1, 1), rule(1, 1, "a")], "rulePriority is not unique"),
        ([rule(1, 1), rule(2, 1, "a")], "tagStatus=any has to have the highest"),
        ([rule(1, 1, tagStatus="tagged")], "tagPatternList or tagPrefixList"),
        ([rule(1, 1, countType="sinceImagePushed")], "countUnit"),
        ([rule(1, 0)], "lower than the required minimum"),
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(engine: Engine, rules: list[Any], why: str) -> None:
    """AWS documents (lifecycle policy properties); the words are believed."""
    with pytest.raises(ClientError, match=why):
        apply(engine, "cleaned", *rules)


def test_policies_are_kept_and_deleted(engine: Engine) -> None:
    """botocore's model: LifecyclePolicyNotFoundException, RepositoryPolicyNotFoundException."""
    name = empty(engine, "policies")
    apply(engine, name, rule(1, 1))
    assert json.loads(engine.ecr.get_lifecycle_policy(repositoryName=name)["lifecyclePolicyText"])["rules"]
    engine.ecr.delete_lifecycle_policy(repositoryName=name)
    with pytest.raises(engine.ecr.exceptions.LifecyclePolicyNotFoundException):
        engine.ecr.get_lifecycle_policy(repositoryName=name)
    lambdas = {
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [lambdas]})
    engine.ecr.set_repository_policy(repositoryName=name, policyText=policy)
    assert engine.ecr.get_repository_policy(repositoryName=name)["policyText"] == policy
    engine.ecr.delete_repository_policy(repositoryName=name)
    with pytest.raises(engine.ecr.exceptions.RepositoryPolicyNotFoundException):
        engine.ecr.get_repository_policy(repositoryName=name)


def test_a_repository_is_found_by_its_tags(aws: Aws, engine: Engine) -> None:
    """botocore's model: ECR is among what the tagging API lists. moto misses it."""
    empty(engine, "labelled", tags=[{"Key": "env", "Value": "labelled"}])
    found = aws.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "env", "Values": ["labelled"]}])
    [arn] = [each["ResourceARN"] for each in found["ResourceTagMappingList"]]
    assert arn.endswith(":repository/labelled")
