"""What docker does in a build, without docker: log in, make an image of the source's tree, push it.

Of a Dockerfile nothing is run but collectstatic, with our own Python: the packages are this machine's anyway.
"""

import hashlib
import io
import json
import shlex
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ecr.exceptions import ImageAlreadyExistsException
from moto.ecr.models import ecr_backends

from .. import layers
from ..ecr import blobs
from ..ecr.image import MANIFEST
from ..ground import ground
from ..images import NO_BASE, WORKING_FOLDER, search_path
from ..processes import CommandFailed, python_environment
from .build import Build, BuildStopped
from .dockerfile import Dockerfile, NotUnderstood, ignored, patterns_of, read
from .rights import denied, may

# That of the official Python images.
PATH = "/usr/local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"
# ECR's user guide, "IAM permissions for pushing an image".
PUSH = ("BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage")


class Exit(Exception):
    """A command ends badly; its text is what it prints."""

    def __init__(self, text: str, status: int = 1) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Layer:
    """One that is among the blobs. `content` is the digest of its tar."""

    digest: str
    size: int
    content: str


class Docker:
    def __init__(self, build: Build, tree: Path) -> None:
        self.build = build
        self._tree = tree
        self._logged_in = False
        self._built: tuple[dict[str, Any], Layer] | None = None

    def execute(self, command: str) -> None:
        """Raises Exit. Whatever is not docker's is passed over."""
        if "docker login" in command or "get-login-password" in command:
            self._log_in()
        if "docker build" in command or "docker buildx build" in command:
            self._must_have_a_daemon()
            self._build()
        if "docker push" in command or ("docker buildx build" in command and "--push" in command):
            self._must_have_a_daemon()
            self._push(self._pushed_name(command))

    def _log_in(self) -> None:
        action = "ecr:GetAuthorizationToken"
        if not may(self.build, action, "*"):
            where = "An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation"
            raise Exit(f"{where}: {denied(self.build, action, '*')}")
        self._logged_in = True

    def _must_have_a_daemon(self) -> None:
        # botocore's model: docker needs privilegedMode.
        if not self.build.environment.get("privilegedMode"):
            raise Exit(
                "ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. "
                "Is the docker daemon running?"
            )

    def _build(self) -> None:
        file = self._tree / "Dockerfile"
        if not file.is_file():
            raise Exit("ERROR: failed to read dockerfile: open Dockerfile: no such file or directory")
        try:
            found = read(file.read_text())
        except NotUnderstood as error:
            raise Exit(f"ERROR: failed to solve: {error}") from None
        patterns = patterns_of(self._tree)
        names = [name for name in layers.files(self._tree) if not ignored(name, patterns)]
        layer = self._layer_of(names, found)
        environment = {"PATH": PATH, **found.environment}
        environment["PATH"] = Template(environment["PATH"]).safe_substitute(PATH=PATH)
        config = {
            "architecture": "amd64",
            "os": "linux",
            "created": f"{self.build.started.isoformat()}Z",
            "config": {
                "Env": [f"{name}={value}" for name, value in environment.items()],
                "Cmd": found.command or None,
                "Entrypoint": found.entry_point or None,
                "WorkingDir": found.working_folder or WORKING_FOLDER,
                "User": found.user,
                "Labels": {NO_BASE: "its packages and its Python are those of the machine that runs it"},
            },
            "rootfs": {"type": "layers", "diff_ids": [layer.content]},
        }
        self._built = config, layer

    def _layer_of(self, names: list[str], found: Dockerfile) -> Layer:
        """The same tree is packed once in the life of a local cloud: collecting takes its time."""
        under = found.working_folder or WORKING_FOLDER
        key = sum_of(self._tree, names, repr((under, found.collects_with)))
        known = blobs.folder("trees") / key
        if known.exists():
            return Layer(**json.loads(known.read_text()))
        context = self._tree.with_name("context")
        for name in names:
            copy(self._tree / name, context / name)
        if found.collects:
            self._collect(context, str(found.collects_with))
        with tempfile.TemporaryFile(dir=ground().folder) as packed:
            content = layers.pack(context, layers.files(context), under, packed)
            packed.seek(0)
            digest, size = blobs.add(packed)
        layer = Layer(digest, size, content)
        known.write_text(json.dumps(vars(layer)))
        return layer

    def _collect(self, context: Path, settings: str) -> None:
        environment = {"PATH": search_path(), **({"DJANGO_SETTINGS_MODULE": settings} if settings else {})}
        try:
            ground().processes.run(
                [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
                cwd=context,
                log=ground().folder / "logs" / f"build-{self.build.stream}.log",
                environment=python_environment(environment),
                begun=self.build.runs,
            )
        except CommandFailed as failure:
            if self.build.stopping.is_set():
                raise BuildStopped from None
            raise Exit(f"ERROR: failed to solve: process did not complete successfully: {failure}") from None

    def _pushed_name(self, command: str) -> str:
        """The last word that names an image: of `docker push NAME` or `docker buildx build --push -t NAME .`."""
        words = [Template(word).safe_substitute(self.build.variables) for word in shlex.split(command)]
        names = [word for word in words if "/" in word and ":" in word.rpartition("/")[2]]
        if not names:
            raise Exit(f"invalid reference format: {command}")
        return names[-1]

    def _push(self, name: str) -> None:
        if self._built is None:
            raise Exit(f"An image does not exist locally with the tag: {name.rpartition(':')[0]}")
        if not self._logged_in:
            raise Exit("no basic auth credentials")
        # Of this account and region: neither host that ECR gives out here tells another.
        repository_name, _, tag = name.partition("/")[2].rpartition(":")
        arn = f"arn:aws:ecr:{self.build.region}:{self.build.account}:repository/{repository_name}"
        for action in PUSH:
            if not may(self.build, f"ecr:{action}", arn):
                raise Exit(f"denied: {denied(self.build, f'ecr:{action}', arn)}")
        config, layer = self._built
        text = json.dumps(config).encode()
        config_digest, config_size = blobs.add(io.BytesIO(text))
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": config_digest, "size": config_size},
            "layers": [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size}],
        }
        backend = ecr_backends[self.build.account][self.build.region]
        try:
            with ground().lock:
                backend.repository(repository_name).layers |= {config_digest: config_size, layer.digest: layer.size}
                backend.put_image(repository_name, json.dumps(manifest), tag, MANIFEST)
        except ImageAlreadyExistsException:
            # Pushing the same again is no error for docker.
            return
        except ServiceException as refusal:
            raise Exit(str(refusal.message)) from None


def sum_of(tree: Path, names: list[str], also: str) -> str:
    total = hashlib.sha256(also.encode())
    for name in sorted(names):
        path = tree / name
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        total.update(f"{name}\0{content}\0".encode())
    return total.hexdigest()


def copy(source: Path, target: Path) -> None:
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(source, target)
