"""copy_static: what a release leaves for the pages that outlive it."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.staticfiles.storage import ManifestFilesMixin, StaticFilesStorage
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, storages
from django.core.management import CommandError, call_command

from sleeping import releases
from sleeping.faults import faults
from sleeping.releases import LISTS, add, is_hashed, prune

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
HASH = "0123456789ab"


class Static(ManifestFilesMixin, StaticFilesStorage):
    """Collected: `Static(folder, {"css/site.css": "body{}"})`."""

    def __init__(self, location, files=None):
        super().__init__(location, "/static/")
        if files is not None:
            for name, content in files.items():
                hashed = self.hashed_name(name, ContentFile(content.encode()))
                self._save(hashed, ContentFile(content.encode()))
                self.hashed_files[name] = hashed
            self.save_manifest()


@pytest.fixture
def collected(tmp_path):
    """`collected(css="a{}")`: the static files of a release that has these."""
    numbers = iter(range(100))
    return lambda **files: Static(tmp_path / f"image{next(numbers)}", {f"{n}.css": text for n, text in files.items()})


@pytest.fixture
def bucket(tmp_path):
    return FileSystemStorage(tmp_path / "bucket")


def names(bucket, folder=""):
    folders, files = bucket.listdir(folder)
    deeper = [f"{each}/{name}" for each in folders if each != LISTS for name in names(bucket, each)]
    return sorted([*files, *deeper])


def released(static, bucket, now=NOW):
    """How many were copied and removed."""
    return add(static, bucket, now).new, prune(bucket, now)


def test_a_release_copies_its_hashed_files_with_what_is_in_them(collected, bucket):
    static = collected(site="a{}", other="b{}")
    assert released(static, bucket) == (2, 0)
    assert names(bucket) == sorted(static.hashed_files.values())
    assert bucket.open(static.hashed_files["site.css"]).read() == b"a{}"


def test_the_next_release_copies_only_what_it_has_anew(collected, bucket):
    released(collected(site="a{}", other="b{}"), bucket)
    assert released(collected(site="a{}", other="c{}"), bucket, NOW + timedelta(hours=1)) == (1, 0)
    assert len(names(bucket)) == 3


def test_the_same_release_again_copies_nothing_and_is_one_release(collected, bucket):
    static = collected(site="a{}")
    for hour in range(5):
        released(static, bucket, NOW + timedelta(hours=hour))
    assert len(bucket.listdir(LISTS)[1]) == 1
    assert released(static, bucket, NOW + timedelta(hours=9)) == (0, 0)


def test_three_releases_are_kept_and_what_only_older_ones_had_is_removed(collected, bucket):
    days = [collected(always="same{}", site=f"number{{{day}}}") for day in range(5)]
    counts = [released(static, bucket, NOW + timedelta(days=2 * day)) for day, static in enumerate(days)]
    assert counts == [(2, 0), (1, 0), (1, 0), (1, 1), (1, 1)]
    assert names(bucket) == sorted({name for static in days[2:] for name in static.hashed_files.values()})
    assert len(bucket.listdir(LISTS)[1]) == 3


def test_a_release_that_was_followed_today_keeps_its_files_however_many_came_since(collected, bucket):
    pushed = [collected(site=f"number{{{number}}}") for number in range(6)]
    for number, static in enumerate(pushed):
        released(static, bucket, NOW + timedelta(days=30 * (number > 0), minutes=number))
    assert len(names(bucket)) == 6  # the first served for a month, and tabs of it are open since
    assert released(pushed[-1], bucket, NOW + timedelta(days=32)) == (0, 3)


def test_a_run_that_ends_half_way_is_finished_by_the_next(collected, bucket, monkeypatch):
    static = collected(**{f"file{number}": f"{number}" for number in range(9)})
    saved = []

    def save(name, content, **more):
        if len(saved) == 4:
            raise OSError("no more")
        saved.append(name)
        return FileSystemStorage.save(bucket, name, content, **more)

    with monkeypatch.context() as patch, pytest.raises(OSError, match="no more"):
        patch.setattr(bucket, "save", save)
        add(static, bucket, NOW)
    assert 0 < len(names(bucket)) < 9
    released(static, bucket, NOW + timedelta(minutes=1))
    assert len(names(bucket)) == 9
    assert len(bucket.listdir(LISTS)[1]) == 1


def test_what_a_run_copied_that_ended_half_way_is_removed_with_its_release(collected, bucket, monkeypatch):
    static = collected(site="half{}")
    with monkeypatch.context() as patch, pytest.raises(OSError, match="gone"):
        patch.setattr(static, "open", lambda name: (_ for _ in ()).throw(OSError("gone")))
        add(static, bucket, NOW)
    bucket.save(static.hashed_files["site.css"], ContentFile(b"half{}"))
    for day in range(1, 4):
        released(collected(site=f"{day}"), bucket, NOW + timedelta(days=2 * day))
    assert len(names(bucket)) == 3


def test_a_removal_that_ends_half_way_is_finished_by_the_next(collected, bucket, monkeypatch):
    for day in range(3):
        released(collected(site=f"{day}", other=f"{day}{day}"), bucket, NOW + timedelta(days=2 * day))
    last, later = collected(site="last", other="last"), NOW + timedelta(days=9)
    add(last, bucket, later)
    with monkeypatch.context() as patch, pytest.raises(OSError, match="no more"):
        patch.setattr(bucket, "delete", lambda name: (_ for _ in ()).throw(OSError("no more")))
        prune(bucket, later)
    assert prune(bucket, later) == 2
    assert prune(bucket, later) == 0


def test_a_list_that_was_never_finished_stops_nobody(collected, bucket):
    bucket.save(f"{LISTS}/20261120T120000000000Z-abc.json", ContentFile(b'["a.0123'))
    bucket.save(f"{LISTS}/of-somebody-else.txt", ContentFile(b""))
    assert released(collected(site="a{}"), bucket) == (1, 0)


def test_two_at_once_end_as_one_does(collected, bucket):
    static = collected(**{f"file{number}": f"{number}" for number in range(30)})
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda second: released(static, bucket, NOW + timedelta(seconds=second)), range(2)))
    assert names(bucket) == sorted(static.hashed_files.values())


def test_nothing_is_removed_but_what_a_release_copied(collected, bucket):
    bucket.save("somebody.else", ContentFile(b""))
    lies = [f"{LISTS}/x", "../../etc/passwd", "somebody.else", 7]
    bucket.save(f"{LISTS}/20250101T120000000000Z-abc.json", ContentFile(json.dumps(lies).encode()))
    for day in range(4):
        released(collected(site=f"{day}"), bucket, NOW + timedelta(days=2 * day))
    assert bucket.exists("somebody.else")


def test_a_file_that_is_too_large_to_be_answered_with_is_not_copied(collected, bucket, monkeypatch):
    monkeypatch.setattr(releases, "MOST", 10)
    copied = add(collected(large="a" * 11, small="a" * 10), bucket, NOW)
    assert (copied.files, len(copied.too_large)) == (1, 1)
    assert copied.too_large[0].startswith("large.")


@pytest.mark.parametrize(
    "name", [f"site.{HASH}.css", f"wagtailadmin/js/vendor/a-1.2.min.{HASH}.js", f"LICENSE.{HASH}", f"a@2x.{HASH}.png"]
)
def test_what_a_manifest_names_is_a_hashed_name(name):
    assert is_hashed(name)


@pytest.mark.parametrize(
    "name",
    [
        "site.css",
        "",
        f"{HASH}.css",
        f".site.{HASH}.css",
        f"../site.{HASH}.css",
        f"css/../site.{HASH}.css",
        f"css//site.{HASH}.css",
        f"/site.{HASH}.css",
        f"{LISTS}/site.{HASH}.css",
        f"css/site.{HASH}.css\n",
        f"css%2fsite.{HASH}.css",
        f"css\\site.{HASH}.css",
        f"css/sité.{HASH}.css",
        f"css/site.{HASH}.css\0",
        f"site.{HASH}.css/",
        f"site.{HASH.upper()}.css",
        f"{'a' * 200}.{HASH}.css",
    ],
)
def test_anything_else_is_none(name):
    assert not is_hashed(name)


# --- the command ---


def run():
    out = StringIO()
    call_command("copy_static", stdout=out)
    return out.getvalue()


@pytest.fixture
def settled(settings, tmp_path):
    """Settings with both storages, and nothing collected."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {
            "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage",
            "OPTIONS": {"location": str(tmp_path / "collected"), "base_url": "/static/"},
        },
        "releases": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "bucket")},
        },
    }


def test_the_command_says_what_it_did_and_asks_no_database(settled, tmp_path):
    Static(tmp_path / "collected", {"site.css": "a{}"})
    assert run() == "Static files c5e15d9752e9: 1, of which 1 were copied now; 0 of older releases removed\n"


def test_without_hashed_names_it_says_what_to_run_first(settled):
    with pytest.raises(CommandError, match=r"no list of their hashed names\. Run collectstatic"):
        run()


def test_without_a_storage_there_is_nothing_to_do():
    assert run() == 'No static files copied: there is no STORAGES["releases"].\n'


def test_a_storage_that_fails_is_quoted(settled, tmp_path, monkeypatch):
    Static(tmp_path / "collected", {"site.css": "a{}"})
    monkeypatch.setattr(storages["releases"], "save", lambda *_: (_ for _ in ()).throw(OSError("Access Denied")))
    with pytest.raises(CommandError, match=r"could not be copied\. The storage says: Access Denied\. See that"):
        run()


def test_what_passes_by_itself_is_tried_again(settled, tmp_path, monkeypatch):
    Static(tmp_path / "collected", {"site.css": "a{}"})
    bucket, failures = storages["releases"], iter([OSError("Slow Down"), OSError("Slow Down")])

    def save(name, content):
        for failure in failures:
            raise failure
        return FileSystemStorage.save(bucket, name, content)

    monkeypatch.setattr(bucket, "save", save)
    lines = run().splitlines()
    assert lines[:2] == ["Static files: the storage says: Slow Down. It is tried again."] * 2
    assert "1 were copied now" in lines[2]


def test_amazons_own_errors_are_faults_of_the_storage_too():
    botocore = pytest.importorskip("botocore.exceptions")
    assert {botocore.ClientError, botocore.BotoCoreError, OSError} == set(faults())
