"""The tag names what the image holds: all of it, and nothing else."""

import os
import re
import shutil
import subprocess
import zipfile

import pytest

from provisioning.engine.problem import Problem
from provisioning.images.source import Source


def test_a_clean_tree_is_named_by_its_commit(repository, git):
    source = Source(repository)
    assert source.tag == source.committed_tag == git(repository, "rev-parse", "HEAD")[:12]
    assert not source.is_dirty
    assert source.words == f"commit {source.tag}"
    assert source.left_out == ""


def edit(folder):
    (folder / "manage.py").write_text("print('bye')\n")


def add(folder):
    (folder / "new file.py").write_text("")


def remove(folder):
    (folder / "manage.py").unlink()


def make_a_program(folder):
    (folder / "manage.py").chmod(0o755)


def edit_the_dockerfile(folder):
    (folder / "Dockerfile").write_text("FROM scratch\n")


def put_on_the_stage(folder):
    edit(folder)
    subprocess.run(["git", "add", "--all"], cwd=folder, check=True)


@pytest.mark.parametrize("change", [edit, add, remove, make_a_program, edit_the_dockerfile, put_on_the_stage])
def test_a_changed_tree_is_named_by_its_commit_and_by_the_change(repository, change):
    commit = Source(repository).tag
    change(repository)
    source = Source(repository)
    assert re.fullmatch(rf"{commit}-dirty-[0-9a-f]{{8}}", source.tag)
    assert source.tag == Source(repository).tag
    assert source.committed_tag == commit
    assert source.is_dirty
    assert source.words == f"commit {commit} with changes in 1 file"
    assert source.left_out.startswith("changes in 1 file are in no commit and stay out: ")


def test_each_change_has_its_own_name(repository):
    edit(repository)
    one = Source(repository).tag
    (repository / "manage.py").write_text("print('once more')\n")
    assert Source(repository).tag != one


def test_what_does_not_get_into_the_image_does_not_change_its_name(repository):
    commit = Source(repository).tag
    (repository / "tests" / "test_it.py").write_text("assert True\n")
    (repository / ".gitignore").write_text("*.log\n")
    (repository / ".dockerignore").write_text((repository / ".dockerignore").read_text() + ".gitignore\n")
    assert "dirty" in Source(repository).tag  # .dockerignore itself decides what gets in
    subprocess.run(["git", "checkout", "--quiet", ".dockerignore"], cwd=repository, check=True)
    (repository / ".gitignore").unlink()
    assert Source(repository).tag == commit


def test_a_folder_below_the_repositorys_top_counts_alone(repository, git):
    site = repository / "site"
    site.mkdir()
    (site / "Dockerfile").write_text("FROM scratch\n")
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message=Second")
    edit(repository)
    assert Source(site).tag == git(repository, "rev-parse", "HEAD")[:12]
    (site / "Dockerfile").write_text("FROM scratch\nENV A=b\n")
    assert Source(site).changed == ("Dockerfile",)


def test_git_s_own_variables_of_a_hook_do_not_mislead(repository, monkeypatch, tmp_path):
    tag = Source(repository).tag
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    assert Source(repository).tag == tag


def test_a_changed_submodule_changes_the_name(repository, git, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(repository, other)
    git(repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "theme")
    git(repository, "commit", "--quiet", "--message=Theme")
    assert Source(repository).tag == git(repository, "rev-parse", "HEAD")[:12]
    edit(repository / "theme")
    one = Source(repository)
    assert (one.changed, one.is_dirty) == (("theme",), True)
    add(repository / "theme")
    assert one.again().tag != one.tag
    with pytest.raises(Problem, match="git archive leaves out submodules, and there is theme"):
        one.zip_committed(tmp_path / "x.zip")


@pytest.mark.parametrize("git_is_here", [True, False])
def test_without_git_the_whole_tree_is_named(tree, monkeypatch, tmp_path, git_is_here):
    if not git_is_here:
        monkeypatch.setenv("PATH", str(tmp_path))
    source = Source(tree)
    assert re.fullmatch(r"dirty-[0-9a-f]{8}", source.tag)
    assert source.words == f"the files in {tree}, which git does not know"
    (tree / "tests" / "more.py").write_text("")
    assert Source(tree).tag == source.tag
    edit(tree)
    assert Source(tree).tag != source.tag


@pytest.mark.parametrize("committed", [True, False])
def test_what_python_leaves_behind_does_not_change_the_name(tree, git, committed):
    if committed:
        git(tree, "init", "--quiet")
        git(tree, "add", "--all")
        git(tree, "commit", "--quiet", "--message=First")
    tag = Source(tree).tag
    (tree / "__pycache__").mkdir()
    (tree / "__pycache__" / "manage.cpython-313.pyc").write_text("")
    assert Source(tree).tag == tag


def test_before_the_first_commit_the_whole_tree_is_named(tree, git):
    git(tree, "init", "--quiet")
    assert re.fullmatch(r"dirty-[0-9a-f]{8}", Source(tree).tag)


def test_a_repository_that_git_refuses_is_not_taken_for_none(repository, git):
    (repository / ".git" / "HEAD").write_text("nonsense")
    with pytest.raises(Problem, match=r"could not be read\. git says: .*Mend the repository at"):
        Source(repository).tag  # noqa: B018


def test_a_repository_of_somebody_else_says_how_to_trust_it(repository, monkeypatch):
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own switch for its tests
    with pytest.raises(Problem, match=r"dubious ownership.*git config --global --add safe\.directory"):
        Source(repository).tag  # noqa: B018


def test_without_a_dockerfile_there_is_nothing_to_build(tree):
    Source(tree).check()
    (tree / "Dockerfile").unlink()
    with pytest.raises(Problem, match="There is no Dockerfile"):
        Source(tree).check()


def test_a_zip_holds_the_commit_and_not_what_was_changed_since(repository, tmp_path):
    edit(repository)
    add(repository)
    Source(repository).zip_committed(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.read("manage.py") == b"print('hello')\n"
        assert "new file.py" not in archive.namelist()
    Source(repository).zip_committed(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_zip_without_git_holds_what_gets_into_the_image(tree, tmp_path):
    (tree / "run").symlink_to("manage.py")
    Source(tree).zip_committed(tmp_path / "a.zip")
    for file in tree.rglob("*"):
        os.utime(file, (0, 0), follow_symlinks=False)
    Source(tree).zip_committed(tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert sorted(archive.namelist()) == [".dockerignore", "Dockerfile", "manage.py", "run"]
        assert archive.read("run") == b"manage.py"
