import os
import subprocess

import pytest

from .ecr import Ecr
from .stage import Stage

AUTHOR = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z"}
COMMITTER = {key.replace("AUTHOR", "COMMITTER"): value for key, value in AUTHOR.items()}


@pytest.fixture
def git(monkeypatch):
    """Run git as nobody in particular, whatever this machine's settings are."""
    settings = {**AUTHOR, **COMMITTER, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    def run(folder, *command):
        done = subprocess.run(["git", *command], cwd=folder, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    return run


@pytest.fixture
def tree(tmp_path):
    """A project's folder that no git knows yet."""
    folder = tmp_path / "project"
    (folder / "tests").mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM scratch\nCOPY . /app\n")
    (folder / ".dockerignore").write_text("# what stays out\n.git\n**/tests\nDockerfile\n.dockerignore\n")
    (folder / "manage.py").write_text("print('hello')\n")
    (folder / "tests" / "test_it.py").write_text("")
    return folder


@pytest.fixture
def repository(tree, git):
    """The same, committed."""
    git(tree, "init", "--quiet", "--initial-branch=main")
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--message=First")
    return tree


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """Stand-ins for engines, the only programs on the PATH."""
    return Stage(tmp_path / "bin", monkeypatch)


@pytest.fixture
def ecr():
    ecr = Ecr()
    yield ecr
    ecr.close()
