"""What an image is built from: a folder with a Dockerfile, named by its commit and by what was changed since."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import subprocess
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..engine.problem import Problem
from .ignore import Ignore, files

MISLEADING = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")  # git sets them for its hooks
PATIENCE = 60  # seconds, for one question to git
BASE = re.compile(r"^ARG PYTHON_IMAGE=([a-z0-9._-]+:[A-Za-z0-9._-]+)\s*$", re.MULTILINE)
EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's earliest time: the same files make the same archive


@dataclass(frozen=True)
class Source:
    """A folder as it lies now: read once, at the first question.

    Only what gets into the image counts, so a changed test that .dockerignore leaves out changes nothing.
    What .gitignore names is not looked at: a file that no commit knows and that the image needs should not be.
    """

    folder: Path

    @cached_property
    def tag(self) -> str:
        """`<commit>` of a clean tree, `<commit>-dirty-<digest>` of a changed one, `dirty-<digest>` without git."""
        if not self.commit:
            return f"dirty-{self._digest(files(self.folder, self._ignore))}"
        return f"{self.commit}-dirty-{self._digest(self.changed)}" if self.changed else self.commit

    @property
    def committed_tag(self) -> str:
        """The tag of what `zip_committed` packs."""
        return self.commit or self.tag

    @property
    def is_dirty(self) -> bool:
        """True if the folder holds what no commit does."""
        return self.tag != self.commit

    @property
    def words(self) -> str:
        """What it is, for a person: `commit 1a2b3c4d5e6f with changes in 2 files`."""
        if not self.commit:
            return f"the files in {self.folder}, which git does not know"
        if not self.changed:
            return f"commit {self.commit}"
        return f"commit {self.commit} with changes in {_count(self.changed)}"

    @property
    def left_out(self) -> str:
        """What a build of the commit leaves out, for a person; empty if that is nothing."""
        if not (self.commit and self.changed):
            return ""
        shown = ", ".join(self.changed[:3]) + (", …" if len(self.changed) > 3 else "")
        return f"changes in {_count(self.changed)} are in no commit and stay out: {shown}"

    @property
    def mirrored_base(self) -> str:
        """Its PYTHON_IMAGE as AWS's public registry has it; empty if that is no official one of Docker Hub.

        CodeBuild's machines share addresses, and Docker Hub limits how much each of them pulls.
        """
        found = BASE.search((self.folder / "Dockerfile").read_text(encoding="utf-8"))
        return f"public.ecr.aws/docker/library/{found[1]}" if found else ""

    def check(self) -> None:
        """Raise Problem if nothing can be built from it."""
        if not (self.folder / "Dockerfile").is_file():
            raise Problem(
                f"Image: nothing to build in {self.folder}",
                "There is no Dockerfile",
                "Run it in the project's folder, or copy scale0's Dockerfile and .dockerignore there",
            )

    def again(self) -> Source:
        """The same folder as it lies by now."""
        return Source(self.folder)

    @cached_property
    def commit(self) -> str:
        """Twelve digits; empty without git, or before the first commit. Raises Problem where git cannot tell."""
        if not shutil.which("git"):
            return ""
        inside = self._git("rev-parse", "--is-inside-work-tree")
        if inside.returncode != 0 or inside.stdout.strip() != b"true":
            self._no_repository_or_raise(inside)
            return ""
        return self._git("rev-parse", "--verify", "--quiet", "HEAD").stdout.decode().strip()[:12]

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """Paths in the folder that differ from the commit, or are in none, and that make the image."""
        if not self.commit:
            return ()
        top = self._git_or_raise("rev-parse", "--show-prefix").decode().strip()
        options = ("--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=none")
        found = self._git_or_raise("status", *options, "--", ".").split(b"\0")
        paths = (os.fsdecode(line[3:]).removeprefix(top).rstrip("/") for line in found if line)
        return tuple(sorted(path for path in paths if not self._ignore.leaves_out(path)))

    def zip_committed(self, path: Path) -> None:
        """Write the commit's tree, or without git all that gets into an image, as a zip. Equal trees, equal zips."""
        if not self.commit:
            self._zip(path)
            return
        if modules := self._submodules():
            raise Problem(
                f"Image: {self.folder} could not be packed",
                f"git archive leaves out submodules, and there is {', '.join(modules)}",
                "Build on this machine (docker, podman, finch or buildah), or make the submodule part of the tree",
            )
        self._git_or_raise("archive", "--format=zip", f"--output={path.absolute()}", self.commit)

    @cached_property
    def _ignore(self) -> Ignore:
        return Ignore.of(self.folder)

    def _submodules(self) -> list[str]:
        listed = self._git_or_raise("ls-tree", "-r", "-z", self.commit).split(b"\0")
        return [os.fsdecode(line.split(b"\t", 1)[1]) for line in listed if line.startswith(b"160000 ")]

    def _zip(self, path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in files(self.folder, self._ignore):
                file = self.folder / name
                entry = zipfile.ZipInfo(name, EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                mode = file.lstat().st_mode
                entry.external_attr = mode << 16
                archive.writestr(entry, str(file.readlink()) if stat.S_ISLNK(mode) else file.read_bytes())

    def _digest(self, paths: Iterable[str]) -> str:
        """Eight hexadecimal digits over names, kinds and contents."""
        digest = hashlib.sha256()
        for name in paths:
            file = self.folder / name
            if file.is_dir() and not file.is_symlink():  # a submodule that differs from its commit
                inner = Source(file)
                content = b"folder " + inner._digest(files(file, Ignore(()))).encode()
            elif file.is_symlink():
                content = b"link " + os.fsencode(file.readlink())
            elif file.is_file():
                runs = b"program " if file.stat().st_mode & stat.S_IXUSR else b"file "
                content = runs + hashlib.sha256(file.read_bytes()).digest()
            else:
                content = b"gone"
            digest.update(os.fsencode(name) + b"\0" + content + b"\0")
        return digest.hexdigest()[:8]

    def _no_repository_or_raise(self, answer: subprocess.CompletedProcess[bytes]) -> None:
        """Tell a folder without git from a repository that git refuses: the latter's commit must not get lost."""
        said = answer.stderr.decode(errors="replace").strip()
        here = self.folder.absolute()
        broken = next((each for each in (here, *here.parents) if (each / ".git").exists()), None)
        if "dubious ownership" in said:
            raise Problem(
                f"Image: the commit of {self.folder} could not be read",
                f'git says: "{said.splitlines()[0]}"',
                f"If you trust that folder: git config --global --add safe.directory {broken or here}",
            )
        if broken:
            raise Problem(
                f"Image: the commit of {self.folder} could not be read",
                f'git says: "{said}"' if said else "git does not take it for a working tree",
                f"Mend the repository at {broken} (`git -C {broken} status`), or remove its .git, and run again",
            )

    def _git(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        settings = {key: value for key, value in os.environ.items() if key not in MISLEADING}
        settings |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
        try:
            return subprocess.run(  # noqa: S603
                ["git", *command],  # noqa: S607
                cwd=self.folder,
                env=settings,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Problem(
                f"Image: the commit of {self.folder} could not be read",
                f"`git {command[0]}` did not end within {PATIENCE} s",
                f"Look why `git -C {self.folder} {' '.join(command)}` hangs, and run again",
            ) from None

    def _git_or_raise(self, *command: str) -> bytes:
        answer = self._git(*command)
        if answer.returncode != 0:
            said = answer.stderr.decode(errors="replace").strip()
            again = f"Mend what `git -C {self.folder} {' '.join(command)}` says, and run again"
            raise Problem(f"Image: the tree in {self.folder} could not be read", f'git says: "{said}"', again)
        return answer.stdout


def _count(paths: tuple[str, ...]) -> str:
    return f"{len(paths)} file{'' if len(paths) == 1 else 's'}"
