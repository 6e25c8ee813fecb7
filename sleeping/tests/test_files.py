"""A file that this release does not hold. No test here may touch the database: pytest-django lets none through."""

from io import BytesIO

import pytest
from django.core.files.base import File
from django.core.files.storage import InMemoryStorage, Storage, storages
from django.http import HttpResponse

from sleeping import former, releases
from sleeping.breaker import REST, Away
from sleeping.files import MissingFileMiddleware
from sleeping.former import ABSENT, MEMORY, Former, Held
from sleeping.memory import Memory

HASH = "0123456789ab"
CSS = f"css/site.{HASH}.css"


@pytest.fixture
def bucket(settings):
    settings.STORAGES = {
        **settings.STORAGES,
        "releases": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    storages["releases"].save(CSS, File(BytesIO(b"a{}")))
    return storages["releases"]


@pytest.fixture
def client(client, bucket):
    return client


def test_a_file_of_a_former_release_is_answered_as_its_own_release_did(client):
    answer = client.get(f"/static/{CSS}")
    assert (answer.status_code, answer.content) == (200, b"a{}")
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Length"] == "3"


def test_head_is_answered_without_the_file(client):
    answer = client.head(f"/static/{CSS}")
    assert (answer.status_code, answer.content, answer["Content-Length"]) == (200, b"", "3")


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.woff2", "font/woff2"),
        ("a.svg", "image/svg+xml"),
        ("a.map", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
def test_each_kind_of_file_has_its_type(client, bucket, name, wanted):
    stem, dot, extension = name.partition(".")
    bucket.save(f"{stem}.{HASH}{dot}{extension}", File(BytesIO(b"x")))
    assert client.get(f"/static/{stem}.{HASH}{dot}{extension}")["Content-Type"] == wanted


@pytest.mark.parametrize(
    "path",
    [
        f"/static/css/none.{HASH}.css",
        "/static/css/none.css",
        "/static/.releases/20261121T120000000000Z-abc.json",
        f"/static/css/..%2fcss/site.{HASH}.css",
        f"/static/%2e%2e/static/{CSS}",
        f"/static/css/%2e%2e/{CSS}",
        f"/static/css%252fsite.{HASH}.css",
        f"/static//{CSS}",
        "/static/wp-login.php",
        "/static/",
    ],
)
def test_what_is_nowhere_is_a_404_without_a_query(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (404, b"There is no such file.\n")
    assert answer["Content-Type"] == "text/plain"
    assert "Cache-Control" not in answer


def test_what_does_not_look_like_a_hashed_file_is_not_looked_for(client, bucket, monkeypatch):
    monkeypatch.setattr(bucket, "open", lambda *_: pytest.fail("asked"))
    for path in ("/static/css/old.css", "/static/.env", "/static/a.php?x=1", "/static/css/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/static/{CSS}").status_code == 404


def test_where_there_is_no_such_storage_nothing_is_looked_for(rf):
    middleware = MissingFileMiddleware(lambda request: HttpResponse("passed on"))
    assert middleware(rf.get(f"/static/{CSS}")).status_code == 404
    assert middleware(rf.get("/elsewhere")).content == b"passed on"


# --- reading ---


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Bucket(Storage):
    """Counts what it is asked for, and can be made to fail or to take its time."""

    def __init__(self, clock, **files):
        self.clock, self.files = clock, files
        self.asked, self.error, self.seconds = 0, None, 0.0

    def _open(self, name, mode="rb"):
        self.asked += 1
        self.clock.now += self.seconds
        if self.error:
            raise self.error
        if name not in self.files:
            raise FileNotFoundError(name)
        return File(BytesIO(self.files[name]))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def stored(clock):
    return Bucket(clock, there=b"x")


@pytest.fixture
def reading(stored, clock):
    return Former(stored, clock)


def test_what_was_read_is_read_once(reading, stored):
    assert [reading.read("there") for _ in range(3)] == [b"x"] * 3
    assert stored.asked == 1


def test_what_was_not_there_is_looked_for_again_after_a_while(reading, stored, clock):
    assert reading.read("later") is reading.read("later") is None
    stored.files["later"] = b"y"
    clock.now += ABSENT
    assert reading.read("later") == b"y"
    assert stored.asked == 2


def test_a_storage_that_fails_is_let_rest_and_one_line_says_so(reading, stored, clock, caplog):
    stored.error, stored.seconds = TimeoutError("Read timeout on endpoint URL"), 1.5
    for _ in range(5):
        with pytest.raises(Away):
            reading.read("there")
    assert stored.asked == 1
    assert [record.getMessage() for record in caplog.records] == [
        'Static file there of a former release: not read in time. STORAGES["releases"] says, after 1.5 s: '
        "TimeoutError: Read timeout on endpoint URL. See that it is there and that the site may read it; it is asked "
        "again in 20 s."
    ]
    clock.now += REST
    with pytest.raises(Away):
        reading.read("there")
    stored.error = None
    clock.now += REST
    assert reading.read("there") == b"x"
    assert reading.read("other") is None
    assert stored.asked == 4


def test_after_its_rest_one_asks_and_the_others_do_not_wait_for_it(reading, stored, clock):
    stored.error = OSError()
    with pytest.raises(Away):
        reading.read("there")
    clock.now += REST
    seen = []

    def meanwhile(name, mode="rb"):
        with pytest.raises(Away):
            reading.read("other")
        seen.append(name)
        return File(BytesIO(b"x"))

    stored._open = meanwhile
    assert reading.read("there") == b"x"
    assert seen == ["there"]


def test_a_storage_that_is_slow_gives_its_file_and_is_let_rest(reading, stored, clock, caplog):
    stored.seconds = 5.0
    assert reading.read("there") == b"x"
    with pytest.raises(Away):
        reading.read("other")
    assert reading.read("there") == b"x"  # what is known is told all the while
    assert "says, after 5.0 s: done" in caplog.text


def test_while_the_storage_rests_a_visitor_is_asked_to_come_again(rf, settings, bucket, monkeypatch):
    monkeypatch.setattr(bucket, "open", lambda *_: (_ for _ in ()).throw(OSError("no route to host")))
    middleware = MissingFileMiddleware(lambda request: pytest.fail("passed on"))
    for _ in range(2):
        answer = middleware(rf.get(f"/static/{CSS}"))
        assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, "20", "no-store")


def test_a_file_with_one_below_it_is_none(rf, settings, tmp_path, caplog):
    settings.STORAGES = {
        **settings.STORAGES,
        "releases": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path)},
        },
    }
    storages["releases"].save(CSS, File(BytesIO(b"a{}")))
    middleware = MissingFileMiddleware(lambda request: pytest.fail("passed on"))
    for path in (f"/static/{CSS}/x.{HASH}.css", f"/static/css.{HASH}"):
        (tmp_path / f"css.{HASH}").mkdir(exist_ok=True)
        assert middleware(rf.get(path)).status_code == 404
    assert not caplog.records


def test_a_file_that_is_too_large_is_none(clock, monkeypatch):
    monkeypatch.setattr(former, "MOST", 10)
    reading = Former(Bucket(clock, large=b"x" * 11, small=b"x" * 10), clock)
    assert reading.read("large") is None
    assert reading.read("small") == b"x" * 10
    assert releases.MOST > 5_000_000


def test_the_memory_holds_what_was_asked_for_last_up_to_its_bytes():
    memory = Memory(2_000)
    for name in "abc":
        memory.put(name, Held(b"x" * 300, 0.0))
    memory.get("a")
    memory.put("d", Held(b"x" * 300, 0.0))
    assert [name for name in "abcd" if memory.get(name)] == ["a", "c", "d"]
    memory.put("e", Held(b"x" * 3_000, 0.0))
    assert memory.get("e") is None
    assert memory.bytes == 1_800


def test_made_up_names_do_not_fill_the_memory(clock):
    reading = Former(InMemoryStorage(), clock)
    for number in range(MEMORY // 100):
        reading.read(f"{number}")
    assert reading._memory.bytes <= MEMORY
