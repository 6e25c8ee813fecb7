"""What every target stands on: bucket, image, roles, secret key and database."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from ..aws import Aws
from ..config import Config
from ..engine.resource import Given
from ..resources.ecr import Image, Repository
from ..resources.iam import Allow
from ..resources.rds import Cluster, Instance
from ..resources.s3 import Bucket
from ..resources.ssm import Parameter

HEALTH_PATH = "/healthz"
PORT = 8000
MEDIA = "media"  # where the site's uploads lie in the bucket


@dataclass(frozen=True)
class Foundation:
    """The resources of one environment that do not depend on how the site is run."""

    config: Config
    aws: Aws

    @cached_property
    def bucket(self) -> Bucket:
        return Bucket(name=f"{self.config.name}-{self.aws.account}")

    @cached_property
    def repository(self) -> Repository:
        return Repository(name=self.config.name)

    @cached_property
    def image(self) -> Image:
        tag = self.config.image_tag
        return Image(name=f"{self.config.name}:{tag}", repository=self.repository, tag=tag)

    @cached_property
    def secret_key(self) -> Parameter:
        return Parameter(name=f"{self.config.path}secret-key")

    @cached_property
    def cluster(self) -> Cluster:
        return Cluster(
            name=self.config.name,
            major_version=self.config.postgres,
            min_capacity=self.config.min_capacity,
            max_capacity=self.config.max_capacity,
            pause_seconds=self.config.pause_seconds,
            database="site",
            final_snapshot=self.config.final_snapshot,
        )

    @cached_property
    def writer(self) -> Instance:
        return Instance(name=f"{self.config.name}-writer", cluster=self.cluster)

    @property
    def environment(self) -> dict[str, str | Given]:
        """The site's variables that are the same on every target."""
        return {
            "AWS_REGION": self.aws.region,
            "DATABASE_URL": Given(
                "postgresql://{}:{}/" + self.cluster.database,
                (self.cluster, "endpoint"),
                (self.cluster, "port"),
            ),
            "HEALTH_PATH": HEALTH_PATH,
            "MEDIA_BUCKET": self.bucket.name,
            "SITE_SCHEME": self.aws.scheme,
        }

    @property
    def secrets(self) -> dict[str, str | Given]:
        """The ARNs of the site's secret variables."""
        return {
            # Until the site signs in by IAM token: RDS changes this password every seven days, and a
            # running instance keeps the one that it was started with.
            "DATABASE_SECRET": Given("{}", (self.cluster, "secret_arn")),
            "SECRET_KEY": Given("{}", (self.secret_key, "arn")),
        }

    @property
    def site_allows(self) -> tuple[Allow, ...]:
        """What the site may do, and nothing else."""
        return (
            Allow(("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), (self.bucket.arn(f"/{MEDIA}/*"),)),
            # Without a condition: else a missing object answers 403 instead of 404, and uploads fail.
            Allow(("s3:ListBucket",), (self.bucket.arn(),)),
        )

    @property
    def secrets_allow(self) -> tuple[Allow, ...]:
        """What is needed to read the site's secret variables."""
        return (
            Allow(("ssm:GetParameters",), (self.secrets["SECRET_KEY"],)),
            Allow(("secretsmanager:GetSecretValue",), (self.secrets["DATABASE_SECRET"],)),
        )
