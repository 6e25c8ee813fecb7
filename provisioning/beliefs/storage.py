"""What keeps data: the bucket, the repository, the master's secret, the snapshots."""

from __future__ import annotations

from botocore.exceptions import ClientError

from ..aws import absent
from ..engine.problem import code, said
from ..stack.operation import FOLDER
from .belief import Broke, CannotBeTried, Held, Source, Verdict, When, not_tried, tried
from .scene import Scene

FREE = 900  # seconds
SECRET = 300
LOOK = 10


@tried(
    "Of two who write one object with If-None-Match, the second is told PreconditionFailed",
    Source.DOCUMENTED,
    "docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html",
    "provisioning/operations.py",
)
def an_object_is_made_once(scene: Scene) -> Verdict:
    there = {"Bucket": scene.live("Bucket").id, "Key": f"{FOLDER}/verify/once"}
    s3 = scene.aws.client("s3")
    try:
        for _ in range(2):
            s3.put_object(**there, Body=b"", IfNoneMatch="*")
    except ClientError as error:
        return Held(said(error)) if code(error) == "PreconditionFailed" else Broke(said(error))
    finally:
        s3.delete_object(**there)
    return Broke("both were taken")


@tried(
    "A bucket's name is free again 15 minutes after it was deleted; until then S3 answers OperationAborted",
    Source.REPORTED,
    "S3's guide (Deleting a general purpose bucket) says that it may take time; people have waited an hour or two",
    "provisioning/resources/s3.py",
    when=When.GONE,
    seconds=60,
)
def a_buckets_name_is_free_again(scene: Scene) -> Verdict:
    bucket = scene.foundation.bucket
    if not scene.removed or bucket.find(scene.aws) is not None:
        raise CannotBeTried("The bucket was not removed")
    began, told = scene.clock.now(), ""
    while True:
        waited = scene.clock.now() - began
        try:
            with absent("BucketAlreadyOwnedByYou"):  # by the try before, which could not delete it
                bucket.create(scene.aws, {})  # its name is all that counts
            scene.aws.client("s3").delete_bucket(Bucket=bucket.name)
            return Held(f"after {waited:.0f} s{told}")
        except ClientError as error:
            if code(error) != "OperationAborted" or waited > FREE:
                return Broke(f"{said(error)} after {waited:.0f} s")
            told = f", until then {said(error)}"
        scene.clock.sleep(LOOK)


@tried(
    "The master's secret goes with the cluster",
    Source.DOCUMENTED,
    "docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html",
    "provisioning/resources/rds/cluster.py",
    when=When.GONE,
)
def the_masters_secret_goes(scene: Scene) -> Verdict:
    if not scene.secret or scene.foundation.cluster.find(scene.aws) is not None:
        raise CannotBeTried("This run removed no cluster")
    began = scene.clock.now()
    while True:
        with absent("ResourceNotFoundException"):
            found = scene.aws.client("secretsmanager").describe_secret(SecretId=scene.secret)
            if "DeletedDate" in found:
                return Held(f"to be deleted on {found['DeletedDate']:%Y-%m-%d}")
            if scene.clock.now() - began > SECRET:
                return Broke(f"still there after {SECRET} s: {found['Name']}")
            scene.clock.sleep(LOOK)
            continue
        return Held("ResourceNotFoundException")


BELIEFS = (
    an_object_is_made_once,
    a_buckets_name_is_free_again,
    the_masters_secret_goes,
    not_tried(
        "snapshots-stay",
        "A cluster's last snapshot outlives it with our tags, and its automated backups do not outlive it",
        Source.DOCUMENTED,
        "docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html; botocore's CopyTagsToSnapshot",
        "provisioning/resources/rds/cluster.py",
        "provisioning/stack/leftovers.py",
        because="a throw-away environment leaves none",
    ),
    not_tried(
        "a-rule-keeps-its-image",
        "An image that a rule of higher priority counts is not expired by one of lower",
        Source.DOCUMENTED,
        "docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
        "provisioning/resources/ecr_policies.py",
        because="ECR looks once a day",
    ),
    not_tried(
        "lambda-takes-one-manifest",
        "Lambda takes an image's own manifest, and no index of several",
        Source.REPORTED,
        "https://github.com/aws/aws-lambda-roadmap/issues/82",
        "provisioning/images/build.py",
        because="what is pushed is looked at before",
    ),
    not_tried(
        "prices-are-those-of-the-list",
        "Secrets Manager, CloudWatch Logs, S3, ECR and CodeBuild cost what pricing.py says",
        Source.BELIEVED,
        "AWS's list prices for years",
        "provisioning/pricing.py",
        because="the bill comes a day later",
    ),
)
