"""Which release of the code this is: a copy that another one made is none of ours.

`python -m sleeping.saved.release` writes it into the file `.release`, as the image is built; where there is no such
file it is worked out when it is first asked for.
"""

import hashlib
import os
import sys
from functools import cache
from pathlib import Path

from django.conf import settings

FILE = ".release"
PASSED_OVER = {"__pycache__", "node_modules", "tests"}
COLLECTED = {"media", "static", "saved"}  # what the site itself puts beside its code
LETTERS = 16


@cache
def release() -> str:
    """SLEEPING["RELEASE"], what the file says, or what the code comes to."""
    from ..conf import conf

    if chosen := conf().release:
        return chosen
    folder = Path(getattr(settings, "BASE_DIR", Path.cwd()))
    try:
        return (folder / FILE).read_text().strip()
    except FileNotFoundError:
        return digest(folder)


def digest(folder: Path) -> str:
    """Of all that lies in a project: its code, its templates, its requirements."""
    found = hashlib.sha256()
    for root, folders, files in os.walk(folder):
        at_top = Path(root) == folder
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".") and name not in PASSED_OVER and not (at_top and name in COLLECTED)
        )
        for name in sorted(files):
            path = Path(root) / name
            # A link that leads nowhere has nothing to read, and a server's socket has no end.
            if not name.startswith(".") and path.suffix not in (".pyc", ".sqlite3", ".log") and path.is_file():
                found.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
                found.update(path.read_bytes())
    return found.hexdigest()[:LETTERS]


if __name__ == "__main__":
    here = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    (here / FILE).write_text(digest(here) + "\n")
