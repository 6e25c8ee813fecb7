"""Where a cloud has all that it has, and what a former one has kept there."""

from contextlib import ExitStack, closing
from pathlib import Path

from .folder import Folder, root_s
from .postgres_programs import is_open_to_postgres
from .state.keeping import Keeper
from .state.records import Records
from .state.snapshot import Snapshot


class Place:
    """In a temporary one (`wanted` is None) nothing is kept, and it goes at the end. Raises FolderRefused."""

    def __init__(self, wanted: Path | None) -> None:
        with ExitStack() as undo:
            self._folders = [undo.enter_context(closing(Folder(wanted)))]
            self.path = self._folders[0].path
            if not is_open_to_postgres(self.path):  # we are root, and PostgreSQL's user can't go there (/root)
                self._folders.append(undo.enter_context(closing(Folder(root_s(self.path) if wanted else None))))
            self.databases = self._folders[-1].path / "databases"
            self._snapshot = Snapshot(self.path) if wanted else None
            self.keeper = Keeper(self._snapshot) if self._snapshot else None
            self._undo = undo.pop_all()

    def open(self, fresh: bool) -> Records | None:
        """What is kept, if anything is and none of it is to be forgotten. Raises StateRefused."""
        if self._snapshot is None:
            return None
        if not fresh and self._snapshot.exists:
            found: Records = self._snapshot.read()
            return found
        for folder in self._folders:
            folder.empty()
        return None

    def close(self) -> None:
        self._undo.close()
