"""A local AWS in a process of its own, with a database and a service, for a test to end it."""

import sys

from provisioning.localcloud.cloud import LocalCloud

from ..models.witness import watched
from .conftest import PROGRAM, Aws, Services, make_role
from .pushing import image_of
from .test_rds import Databases


def main() -> None:
    with LocalCloud(speed=600) as cloud:
        with watched(cloud):
            aws = Aws(cloud)
            databases = Databases(aws)
            databases.create("killed")
            databases.wait("killed")
            databases.create_instance("killed", "killed-1")
            databases.wait_for_instance("killed-1")
            access = make_role(aws, "pull", "build.apprunner.amazonaws.com", ("ecr:*", "*"))
            services = Services(aws, access, image_of(aws, "killed", {"program.py": PROGRAM}, "python", "program.py"))
            service = services.create("killed")
            services.wait(service, "RUNNING", "CREATE_FAILED")
        print(service["ServiceUrl"], cloud.folder, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
