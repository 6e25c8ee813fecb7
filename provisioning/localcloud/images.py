"""Images that run: what was pushed, and that unpacked once for each digest, to be run by our own Python.

Then there is no container. The working folder of the image becomes a folder of the cloud; the rest of its file system,
its Python and its packages, is this machine's. `containers/` is the other way.
"""

import json
import shutil
import sys
import tarfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.ecr.exceptions import RepositoryNotFoundException
from moto.ecr.models import ecr_backends

from .ecr.blobs import blob
from .ecr.image import LocalImage
from .ground import ground
from .layers import Unreadable, unpack

WORKING_FOLDER = "/app"
PLATFORM = ("linux", "amd64")
DOCKERS_PATH = "/usr/local/bin"
NO_BASE = "localcloud.without-base"  # the label of an image that has its own files, and nothing of what it was FROM


class ImageMissing(Exception):
    """There is no such image."""


class NotRunnable(ImageMissing):
    """It is there, but not for this processor: the text is what the program's log would show."""


@dataclass(frozen=True)
class Reference:
    """An ECR identifier in its parts."""

    account: str
    region: str
    repository: str
    tag: str | None
    digest: str | None

    @classmethod
    def of(cls, image: str) -> "Reference":
        """Of `ACCOUNT.dkr.ecr.REGION.amazonaws.com/name`, with `:tag`, `@sha256:…` or nothing, which means latest."""
        registry, _, rest = image.partition("/")
        parts = registry.split(".")
        if len(parts) < 4 or not rest:
            raise ImageMissing(f"{image} is no image of ECR.")
        name, _, digest = rest.partition("@")
        name, _, tag = name.partition(":")
        return cls(parts[0], parts[3], name, None if digest else tag or "latest", digest or None)


@dataclass(frozen=True)
class Image:
    """One for our platform, and its config."""

    name: str
    found: LocalImage
    config: dict[str, Any]

    @property
    def reference(self) -> Reference:
        return Reference.of(self.name)

    @property
    def digest(self) -> str:
        return self.found.digest

    @property
    def config_digest(self) -> str:
        return str(self.found.content["config"]["digest"])

    @property
    def settings(self) -> dict[str, Any]:
        return self.config.get("config") or {}

    @property
    def has_base(self) -> bool:
        """Without the digests of its layers, no engine would take it."""
        layers = (self.config.get("rootfs") or {}).get("diff_ids")
        return bool(layers) and NO_BASE not in (self.settings.get("Labels") or {})


@dataclass(frozen=True)
class RunnableImage:
    folder: Path
    environment: dict[str, str]
    command: list[str]
    digest: str


def find(image: str) -> LocalImage:
    """The record of it, which may be an index; raises ImageMissing."""
    reference = Reference.of(image)
    backend = ecr_backends[reference.account][reference.region]
    try:
        found = backend.find(reference.repository, reference.digest or reference.tag)
    except RepositoryNotFoundException:
        found = None
    if found is None:
        raise ImageMissing(f"{image} does not exist.")
    assert isinstance(found, LocalImage)
    return found


def app(image: str) -> RunnableImage:
    """Raises ImageMissing; NotRunnable for an image of another platform."""
    return unpacked_app(look(image))


def look(image: str) -> Image:
    """Raises ImageMissing; NotRunnable for an image of another platform."""
    found = find(image)
    if found.is_index:
        found = of_our_platform(image, found)
    looked = Image(image, found, read(blob(str(found.content["config"]["digest"])), image))
    if (looked.config.get("os", "linux"), looked.config.get("architecture")) != PLATFORM:
        command, variables = command_of(looked), variables_of(looked)
        program = command[0] if command else "sh"
        first = variables.get("PATH", DOCKERS_PATH).split(":")[0]
        raise NotRunnable(f"exec {program if '/' in program else f'{first}/{program}'}: exec format error")
    return looked


def unpacked_app(image: Image) -> RunnableImage:
    """Raises ImageMissing."""
    variables = variables_of(image)
    variables.pop("PATH", None)
    folder = unpacked(image.found, image.settings.get("WorkingDir") or WORKING_FOLDER)
    return RunnableImage(folder, variables, ours(command_of(image)), image.digest)


def command_of(image: Image) -> list[str]:
    return [*(image.settings.get("Entrypoint") or []), *(image.settings.get("Cmd") or [])]


def variables_of(image: Image) -> dict[str, str]:
    return dict(each.split("=", 1) for each in image.settings.get("Env") or [])


def of_our_platform(image: str, index: LocalImage) -> LocalImage:
    """As every engine chooses when it pulls."""
    for each in index.content["manifests"]:
        platform = each.get("platform") or {}
        if (platform.get("os"), platform.get("architecture")) == PLATFORM:
            return find(f"{image.partition('@')[0].rpartition('/')[0]}/{index.repository_name}@{each['digest']}")
    raise NotRunnable(f"no matching manifest for {'/'.join(PLATFORM)} in the manifest list entries")


def read(config: Path, image: str) -> dict[str, Any]:
    try:
        return dict(json.loads(config.read_bytes()))
    except (OSError, ValueError) as error:
        raise ImageMissing(f"{image}: its config can't be read: {error}") from None


def ours(command: list[str]) -> list[str]:
    """A program that the image has under a path of its own is looked for in our PATH."""
    if command and command[0].startswith("/") and not Path(command[0]).exists():
        return [Path(command[0]).name, *command[1:]]
    return command


def search_path() -> str:
    """PATH for whatever runs out of an image: our Python is its Python."""
    return f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"


_one_at_a_time = threading.Lock()


def unpacked(image: LocalImage, working_folder: str) -> Path:
    place = ground().folder / "images" / image.digest.removeprefix("sha256:")
    with _one_at_a_time:
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            unfinished = place.with_suffix(".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir()
            try:
                for layer in image.content["layers"]:
                    unpack(blob(layer["digest"]), working_folder, unfinished)
            except (OSError, tarfile.TarError, Unreadable) as error:
                raise ImageMissing(f"{image.digest} can't be unpacked: {error}") from None
            unfinished.replace(place)
    return place
