"""The layers of an image: tar archives, unpacked one over the other, and made from a tree."""

import gzip
import hashlib
import os
import posixpath
import shutil
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

# OCI's image specification, "Whiteouts": how a layer says that something below it is gone.
WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"


class Unreadable(Exception):
    """A layer that this Python can't read."""


def unpack(layer: Path, inside: str, to: Path) -> None:
    """What lies under `inside`, over what is there already. Nothing is written outside of `to`."""
    written: set[Path] = set()
    try:
        with tarfile.open(layer, "r|*") as archive:
            for member in archive:
                name = posixpath.normpath(f"/{member.name}")
                if not name.startswith(f"{inside.rstrip('/')}/"):
                    continue
                relative = posixpath.relpath(name, inside)
                target = to / relative
                if posixpath.basename(relative).startswith(WHITEOUT):
                    white_out(target, written)
                else:
                    put(archive, member, relative, inside, to)
                    written |= {target, *target.parents}
    except tarfile.ReadError as error:
        raise Unreadable(f"{layer.name}: {error}; gzip and plain tar are read, zstd is not") from None


def white_out(marker: Path, written: set[Path]) -> None:
    """Takes away what lower layers had; what this layer has brought itself stays, whatever the order."""
    gone = marker.parent.iterdir() if marker.name == OPAQUE and marker.parent.is_dir() else ()
    for path in gone if marker.name == OPAQUE else (marker.with_name(marker.name.removeprefix(WHITEOUT)),):
        if path not in written:
            remove(path)


def put(archive: tarfile.TarFile, member: tarfile.TarInfo, relative: str, inside: str, to: Path) -> None:
    target = to / relative
    if not member.isdir() or not target.is_dir() or target.is_symlink():
        # A file would be written through a link of a lower layer.
        remove(target)
    if member.islnk():
        linked = to / posixpath.relpath(posixpath.normpath(f"/{member.linkname}"), inside)
        if linked.resolve().is_relative_to(to.resolve()) and linked.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(linked, target)
        return
    readable = 0o555 if member.isdir() else 0o444
    renamed = member.replace(name=relative, mode=(member.mode or 0) | readable | 0o200, deep=False)
    try:
        archive.extract(renamed, to, filter="data")
    except tarfile.FilterError:
        # A link or a device that leads out of the folder: it leads nowhere here, and is left out.
        return


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def pack(tree: Path, names: Iterable[str], under: str, to: BinaryIO) -> str:
    """A layer that has these files of the tree in the folder `under`; the digest of the tar within the gzip.

    The same files make the same layer, byte for byte.
    """
    compressed = gzip.GzipFile(fileobj=to, mode="wb", compresslevel=1, mtime=0)
    summed = Summed(compressed)
    with compressed, tarfile.open(fileobj=summed, mode="w|") as archive:
        for name in sorted(names):
            member = archive.gettarinfo(tree / name, arcname=f"{under.strip('/')}/{name}")
            member.uid = member.gid = member.mtime = 0
            member.uname = member.gname = ""
            member.mode = 0o755 if member.isdir() or member.mode & 0o100 else 0o644
            if member.isreg():
                with (tree / name).open("rb") as file:
                    archive.addfile(member, file)
            else:
                archive.addfile(member)
    return summed.digest


class Summed:
    """Passes on what is written, and sums it up."""

    def __init__(self, to: gzip.GzipFile) -> None:
        self._to = to
        self._sum = hashlib.sha256()

    @property
    def digest(self) -> str:
        return f"sha256:{self._sum.hexdigest()}"

    def write(self, data: bytes) -> int:
        self._sum.update(data)
        return self._to.write(data)


def files(tree: Path) -> list[str]:
    """All that is in it, folders too, by their names from its root."""
    return [
        str((Path(folder) / name).relative_to(tree))
        for folder, folders, names in os.walk(tree)
        for name in [*folders, *names]
    ]
