"""A local AWS in a process of its own, with a database and a service, for a test to end it."""

import shlex
import sys

from provisioning.localcloud.cloud import LocalCloud

from .conftest import PROGRAM, Aws, Services, make_role
from .test_rds import Databases


def main(site: bool) -> None:
    with LocalCloud(speed=600, service_command=None if site else shlex.split(PROGRAM)) as cloud:
        aws = Aws(cloud)
        databases = Databases(aws)
        databases.create("killed")
        databases.wait("killed")
        databases.create_instance("killed", "killed-1")
        databases.wait_for_instance("killed-1")
        access = make_role(aws, "pull", "build.apprunner.amazonaws.com", ("ecr:*", "*"))
        repository = aws.client("ecr").create_repository(repositoryName="killed")["repository"]
        services = Services(aws, access, f"{repository['repositoryUri']}:working-tree")
        service = start_site(aws, databases, services) if site else services.create("killed")
        services.wait(service, "RUNNING", "CREATE_FAILED")
        print(service["ServiceUrl"], cloud.folder, cloud.login and cloud.login.password, flush=True)
        sys.stdin.read()


def start_site(aws: Aws, databases: Databases, services: Services) -> dict[str, object]:
    """This project's own, with what its production settings ask for."""
    cluster = databases.describe("killed")
    aws.client("s3").create_bucket(
        Bucket="killed-media", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"}
    )
    role = make_role(
        aws, "site", "tasks.apprunner.amazonaws.com", ("s3:*", "*"), ("secretsmanager:GetSecretValue", "*")
    )
    variables = {
        "SECRET_KEY": "of-a-test-" * 6,
        "SITE_SCHEME": "http",
        "SITE_HOSTS": "127.0.0.1",
        "MEDIA_BUCKET": "killed-media",
        "DATABASE_URL": f"postgresql://{cluster['Endpoint']}:{cluster['Port']}/{cluster['DatabaseName']}",
    }
    secrets = {"DATABASE_SECRET": cluster["MasterUserSecret"]["SecretArn"]}
    source = services.source(variables, configuration={"RuntimeEnvironmentSecrets": secrets})
    del source["ImageRepository"]["ImageConfiguration"]["StartCommand"]
    return services.create(
        "site",
        source=source,
        InstanceConfiguration={"InstanceRoleArn": role},
        HealthCheckConfiguration={"Protocol": "HTTP", "Path": "/healthz"},
    )


if __name__ == "__main__":
    main(site=sys.argv[1:] == ["site"])
