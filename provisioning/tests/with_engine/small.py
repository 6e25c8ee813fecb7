"""A service on the local AWS whose image an engine has built from the base image and one file."""

import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from provisioning.images.engines import Command, choose
from provisioning.images.login import Registry, sign_in
from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.containers.finding import runner
from provisioning.localcloud.containers.runner import LABEL, Runner
from provisioning.tests.localcloud.conftest import PROGRAM, Aws, Services, make_role
from provisioning.tests.models.witness import watched

BASE = os.environ.get("PYTHON_IMAGE", "docker.io/library/python:3.13-slim")
DOCKERFILE = f'FROM {BASE}\nWORKDIR /app\nCOPY program.py .\nUSER 10001\nCMD ["python", "program.py"]\n'


def made(aws: Aws) -> Services:
    """Services of that image, which the engine has pushed."""
    aws.client("ecr").create_repository(repositoryName="small")
    choice = choose(os.environ.get("BUILDER", ""))
    builder = choice.engine
    assert builder is not None, choice.words
    # As its own ECR gives it.
    data = aws.client("ecr").get_authorization_token()["authorizationData"][0]
    host = data["proxyEndpoint"].removeprefix("http://")
    with tempfile.TemporaryDirectory() as room:
        folder = Path(room, "small")
        folder.mkdir()
        (folder / "Dockerfile").write_text(DOCKERFILE)
        (folder / "program.py").write_text(PROGRAM)
        login = Path(room, "login")
        sign_in(Registry(host, True, data["authorizationToken"]), login)
        run(builder.build(f"{host}/small:made"), folder)
        run(builder.push(f"{host}/small:made", login, Path(room, "digest"), plain_http=True), folder)
        run(Command((builder.program, "rmi", f"{host}/small:made")), folder)  # so that it has to be pulled
    role = make_role(aws, "small-pull", "build.apprunner.amazonaws.com", ("ecr:*", "*"))
    registry = "123456789012.dkr.ecr.eu-west-3.amazonaws.com"
    return Services(aws, role, f"{registry}/small:made")


def run(command: Command, folder: Path) -> str:
    done = subprocess.run(
        command.arguments,
        cwd=folder,
        env={**os.environ, **command.environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@cache
def engine() -> Runner:
    """That which runs images here."""
    found, why = runner(docker=True)
    assert found is not None, why
    return found


def containers(folder: Path) -> dict[str, str]:
    """Those of the local AWS in that folder: names and states."""
    of_ours = f"--filter=label={LABEL}={folder}"
    command = (engine().engine.program, "ps", "--all", of_ours, "--format={{.Names}} {{.Status}}")
    listed = run(Command(command), Path("/"))
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in listed.splitlines()}


def create(services: Services, name: str, **variables: str) -> dict[str, Any]:
    return services.create(name, variables, HealthCheckConfiguration={"Protocol": "HTTP", "Path": "/healthz"})


def main() -> None:
    """A local AWS in a process of its own, for a test to end it."""
    with LocalCloud(speed=600, run_images="engine") as cloud:
        with watched(cloud):
            services = made(Aws(cloud))
            service = create(services, "killed")
            services.wait(service, "RUNNING", "CREATE_FAILED")
        print(service["ServiceUrl"], cloud.folder, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
