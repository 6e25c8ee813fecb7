"""The folder of a local cloud: what may be removed in it, and what is somebody's."""

from pathlib import Path

import pytest

from provisioning.localcloud.folder import Folder, FolderRefused


def refusal(path: Path) -> str:
    with pytest.raises(FolderRefused) as refused:
        Folder(path)
    headline, why, next_step = str(refused.value).split("\n")
    assert headline == f"{path}: the local AWS can't keep what it has there."
    assert next_step == "Nothing of it was changed. Choose another folder with --folder."
    return why


def test_one_in_which_something_else_lies_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    mode = tmp_path.stat().st_mode
    assert refusal(tmp_path) == "Something else lies in it, and it was never a local AWS's."
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.txt"]
    assert tmp_path.stat().st_mode == mode


def test_an_empty_one_and_one_that_was_ours_are_taken(tmp_path: Path) -> None:
    Folder(tmp_path).close()
    (tmp_path / "state").mkdir()
    again = Folder(tmp_path)
    again.empty()
    again.close()
    assert [each.name for each in tmp_path.iterdir()] == ["lock"]


def test_one_of_another_that_runs_is_refused(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    try:
        assert refusal(tmp_path) == "Another local AWS has it, and still runs."
    finally:
        folder.close()


def test_one_that_can_not_be_is_refused_in_the_systems_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert "exists: " in refusal(tmp_path / "file")
    assert "Not a directory: " in refusal(tmp_path / "file" / "in")
