"""What every target stands on: network, bucket, image, secret key, database, and the function that runs operations."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from ..aws import Aws
from ..config import Config
from ..engine.resource import Given
from ..resources.ecr import Image, Repository
from ..resources.iam import Allow, Role
from ..resources.rds import Cluster, Instance, SubnetGroup
from ..resources.rdsdata import User
from ..resources.s3 import Bucket
from ..resources.ssm import Parameter
from .images import Making, bucket
from .network import Network
from .operation import FOLDER

HEALTH_PATH = "/healthz"
PORT = 8000
USER = "site"  # of the database

# Where it lies in the bucket.
MEDIA = "media"  # uploads
SAVED = "saved"  # pages
STATIC = "static"  # files of the last releases
# The site's own are not among them. S3 counts from when an object was written: a page or a style sheet that does not
# change for a year is as good as on its first day. Whoever writes them removes what nothing needs any more.
DAYS = {"operations/remote/": 30, "builds/": 7}

WHOLLY = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")


@dataclass(frozen=True)
class Foundation:
    """The resources of one environment that do not depend on how the site is run."""

    config: Config
    aws: Aws
    making: Making = field(default_factory=Making)
    """How its image comes about."""

    @cached_property
    def bucket(self) -> Bucket:
        return Bucket(name=bucket(self.config, self.aws), expires=DAYS)

    @cached_property
    def network(self) -> Network:
        return Network(self.config, outlasted_by=(self.operations_role,))

    @cached_property
    def repository(self) -> Repository:
        return Repository(name=self.config.name)

    @cached_property
    def image(self) -> Image:
        return self.making.image(self)

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
            subnet_group=SubnetGroup(name=self.config.name, subnets=self.network.subnets),
            security_groups=(self.network.database_group,),
            final_snapshot=self.config.final_snapshot,
        )

    @cached_property
    def writer(self) -> Instance:
        return Instance(name=f"{self.config.name}-writer", cluster=self.cluster)

    @cached_property
    def user(self) -> User:
        return User(name=f"{self.config.name}:{USER}", user=USER, cluster=self.cluster, writer=self.writer)

    @cached_property
    def operations_role(self) -> Role:
        """It names nothing that is made after the network, which it has to outlast."""
        interfaces = ("Create", "Delete", "Describe")
        logs = f"arn:aws:logs:{self.aws.region}:{self.aws.account}:log-group:{self.operations_logs}:*"
        return Role(
            name=f"{self.config.name}-operations",
            path=self.config.path,
            trusts="lambda.amazonaws.com",
            allows=(
                Allow(
                    (
                        *(f"ec2:{verb}NetworkInterface{'s' * (verb == 'Describe')}" for verb in interfaces),
                        *("ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"),
                    ),
                    ("*",),  # interfaces have no names before they are there
                ),
                Allow(("logs:CreateLogStream", "logs:PutLogEvents"), (logs,)),
                Allow(("s3:GetObject", "s3:PutObject"), (self.bucket.arn(f"/{FOLDER}/*"),)),
                *self.media_allows,
                Allow(WHOLLY, (self.bucket.arn(f"/{SAVED}/*"), self.bucket.arn(f"/{STATIC}/*"))),
            ),
            also=(self.sign_in_policy,),
        )

    @property
    def operations_logs(self) -> str:
        return f"/aws/lambda/{self.config.name}-operations"

    @property
    def sign_in_policy(self) -> str:
        return f"{self.config.name}-sign-in"

    @property
    def environment(self) -> dict[str, str | Given]:
        """The site's variables that are the same on every target."""
        tls = "disable" if self.aws.is_local else "require"
        return {
            "AWS_REGION": self.aws.region,
            "DATABASE_URL": Given(
                f"postgresql://{USER}@{{}}:{{}}/{self.cluster.database}?sslmode={tls}",
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
        return {"SECRET_KEY": Given("{}", (self.secret_key, "arn"))}

    @property
    def media_allows(self) -> tuple[Allow, ...]:
        return (
            Allow(WHOLLY, (self.bucket.arn(f"/{MEDIA}/*"),)),
            # Without a condition: else a missing object answers 403 instead of 404, and uploads fail.
            Allow(("s3:ListBucket",), (self.bucket.arn(),)),
        )

    @property
    def serving_allows(self) -> tuple[Allow, ...]:
        """A page is saved where it is made; static files are only a release's to write."""
        return (
            Allow(WHOLLY, (self.bucket.arn(f"/{SAVED}/*"),)),
            Allow(("s3:GetObject",), (self.bucket.arn(f"/{STATIC}/*"),)),
        )

    @property
    def sign_in_allows(self) -> tuple[Allow, ...]:
        """To the database, as its one user. The right names the cluster by an id that only AWS knows."""
        where = f"arn:aws:rds-db:{self.aws.region}:{self.aws.account}:dbuser:{{}}/{USER}"
        return (Allow(("rds-db:connect",), (Given(where, (self.cluster, "resource_id")),)),)

    @property
    def secrets_allow(self) -> tuple[Allow, ...]:
        """What is needed to read the site's secret variables."""
        return (Allow(("ssm:GetParameters",), tuple(self.secrets.values())),)
