"""A folder as the shared storage: whoever reads finds a file whole, or not at all."""

import contextlib
import tempfile
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage


class Folder(FileSystemStorage):
    """Overwrites, and does so at once: Django's own empties the file first and fills it then."""

    def _save(self, name: str, content: Any) -> str:
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            try:
                for chunk in content.chunks():
                    file.write(chunk)
                file.close()
                if self.file_permissions_mode is not None:  # a temporary file is for its owner alone
                    Path(file.name).chmod(self.file_permissions_mode)
                Path(file.name).replace(path)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    Path(file.name).unlink()
                raise
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name
