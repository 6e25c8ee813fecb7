"""The file that holds what a local AWS has: whole or not at all, of this version, and ours alone."""

import json
import os
from collections import defaultdict
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto.s3.models import FakeKey

from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.ground import ground
from provisioning.localcloud.state import snapshot
from provisioning.localcloud.state.keeping import Keeper
from provisioning.localcloud.state.pickling import Unwritable
from provisioning.localcloud.state.snapshot import Snapshot, StateRefused

pytestmark = pytest.mark.usefixtures("cloud")


@pytest.fixture
def kept(tmp_path: Path) -> Snapshot:
    return Snapshot(tmp_path)


def s3_object(content: bytes) -> FakeKey:
    return FakeKey("key", content, "123456789012", "eu-west-3")


def refusal(kept: Snapshot) -> str:
    with pytest.raises(StateRefused) as refused:
        kept.read()
    headline, why, next_step = str(refused.value).split("\n")
    assert headline.endswith(": the state there can't be read.")
    assert "manage.py localcloud --fresh" in next_step
    return why


def test_what_is_written_is_read_back_by_another(tmp_path: Path) -> None:
    assert not Snapshot(tmp_path).exists
    Snapshot(tmp_path).write({"a": 1})
    assert Snapshot(tmp_path).exists
    assert Snapshot(tmp_path).read() == {"a": 1}


def test_a_large_object_is_a_file_that_is_written_once_and_goes_with_its_object(
    kept: Snapshot, tmp_path: Path
) -> None:
    small, large = s3_object(b"small"), s3_object(b"x" * 100_000)
    kept.write([small, large])
    (file,) = (tmp_path / "state" / "objects").iterdir()
    written = file.stat().st_mtime_ns
    assert (tmp_path / "state" / "records").stat().st_size < 5000
    kept.write([small, large, "more"])
    assert file.stat().st_mtime_ns == written
    assert [each.value for each in Snapshot(tmp_path).read()[:2]] == [b"small", b"x" * 100_000]
    kept.write([small])
    assert not file.exists()


def test_a_broken_one_is_refused(kept: Snapshot, tmp_path: Path) -> None:
    kept.write({"a": 1})
    file = tmp_path / "state" / "records"
    whole = file.read_bytes()
    for broken in (b"", whole[:20], whole[:-1], whole[:-1] + b"x"):
        file.write_bytes(broken)
        assert "broken" in refusal(kept)
        assert file.read_bytes() == broken


def test_one_of_another_version_is_refused_with_both_named(kept: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    now = snapshot.versions()
    kept.write({"a": 1})
    monkeypatch.setattr(snapshot, "versions", lambda: now | {"moto": "99.0"})
    assert refusal(kept) == f"It was written by another version: moto {now['moto']} (here: 99.0)."


@pytest.mark.parametrize("path", ["state", "state/records"])
def test_one_that_others_may_write_or_have_put_there_is_refused(kept: Snapshot, tmp_path: Path, path: str) -> None:
    kept.write({"a": 1})
    place = tmp_path / path
    mode = place.stat().st_mode
    place.chmod(mode | 0o020)
    assert "is not ours alone" in refusal(kept)
    place.chmod(mode)
    theirs = place.rename(tmp_path / "theirs")
    place.symlink_to(theirs)
    assert "is not ours alone" in refusal(kept)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_one_of_another_user_is_refused(kept: Snapshot, tmp_path: Path) -> None:
    kept.write({"a": 1})
    os.chown(tmp_path / "state" / "records", 65534, 65534)
    assert "is not ours alone" in refusal(kept)


def test_what_can_not_be_written_leaves_the_former_one(kept: Snapshot) -> None:
    kept.write({"a": 1})
    with pytest.raises(Unwritable, match="generator"):
        kept.write({"a": (each for each in "")})
    assert kept.read() == {"a": 1}


def test_a_full_disk_is_told_and_ends_nothing(
    kept: Snapshot, cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(records: object) -> None:
        raise OSError(28, "No space left on device")

    said: list[str] = []
    monkeypatch.setattr(ground(), "listener", said.append)
    monkeypatch.setattr(kept, "write", full)
    keeper = Keeper(kept)
    assert (keeper.save(), keeper.save()) == (False, False)
    (line,) = [each for each in said if "state" in each]
    assert line.endswith("the former one stays: [Errno 28] No space left on device")


def test_nothing_is_written_when_nothing_has_changed(kept: Snapshot, tmp_path: Path) -> None:
    kept.write({"a": 1})
    before = (tmp_path / "state" / "records").stat().st_ino
    kept.write({"a": 1})
    assert (tmp_path / "state" / "records").stat().st_ino == before
    assert set(json.loads((tmp_path / "state" / "records").read_bytes().split(b"\n")[0])) == {"written by", "sha256"}


def test_paths_in_the_clouds_folder_follow_it(kept: Snapshot, cloud: LocalCloud, monkeypatch: Any) -> None:
    kept.write([cloud.folder / "logs" / "a", Path("/elsewhere")])
    moved = SimpleNamespace(folder=Path("/moved"), databases=Path("/moved/databases"))
    monkeypatch.setattr("provisioning.localcloud.state.pickling.ground", lambda: moved)
    assert kept.read() == [Path("/moved/logs/a"), Path("/elsewhere")]


def test_a_function_without_a_name_is_kept_with_what_it_knows(kept: Snapshot) -> None:
    known = {"a": 1}
    kept.write([defaultdict(lambda: known), known])
    found, same = kept.read()
    assert found["new"] is same
