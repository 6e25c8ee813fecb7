"""Files that no record names: what was deleted since they were made, and what a killed cloud had begun."""

from collections.abc import Iterator
from pathlib import Path

from moto.ecr.models import ecr_backends
from moto.rds.models import rds_backends

from ..apprunner.program import TEMPORARY
from ..folder import remove
from ..ground import ground
from ..rds.cluster import Cluster


def sweep() -> None:
    """Before anything runs again."""
    folder = ground().folder
    repositories = [each for _, _, ecr in ecr_backends.iter_backends() for each in ecr.repositories.values()]
    digests = {digest for each in repositories for digest in each.layers}
    images = {image.get_image_digest() for each in repositories for image in each.images}
    keep_only(folder / "registry" / "blobs", bare(digests))
    keep_only(folder / "images", bare(images))
    keep_only(ground().databases, set(databases()))  # not what they are copied from: it may be half made
    for begun in (folder / "builds", folder / "registry" / "uploads", folder / TEMPORARY):
        remove(begun)


def databases() -> Iterator[str]:
    for _, _, rds in rds_backends.iter_backends():
        for cluster in rds.clusters.values():
            if isinstance(cluster, Cluster):
                yield cluster.server.name


def bare(digests: set[str]) -> set[str]:
    return {digest.removeprefix("sha256:") for digest in digests}


def keep_only(folder: Path, names: set[str]) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in names:
            remove(path)
