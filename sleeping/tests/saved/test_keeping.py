"""Where copies are: in the memory, in a folder, in a storage that may fail."""

import threading

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage
from django.http import HttpResponse

from sleeping.breaker import REST
from sleeping.memory import Memory
from sleeping.saved.copy import Copy
from sleeping.saved.folder import Folder
from sleeping.saved.site import Held
from sleeping.saved.store import Store


def held(content):
    return Held(Copy.of(HttpResponse(content), 1, 0.0), 0.0)


def test_the_memory_forgets_what_was_not_asked_for_the_longest():
    size = held(b"x").size
    memory = Memory(3 * size)
    for name in "abc":
        memory.put(name, held(b"x"))
    memory.get("a")
    memory.put("d", held(b"x"))
    assert [name for name in "abcd" if memory.get(name)] == ["a", "c", "d"]
    assert memory.bytes == 3 * size


def test_the_memory_counts_what_it_replaces_and_holds_nothing_larger_than_itself():
    memory = Memory(2000)
    for _ in range(9):
        memory.put("a", held(b"x"))
    assert memory.bytes == held(b"x").size
    memory.put("a", Held(None, 0.0))
    assert memory.get("a").copy is None
    memory.put("b", held(b"".join(number.to_bytes(4, "big") for number in range(2000))))
    assert memory.get("b") is None


def test_a_folder_overwrites_and_makes_its_folders(tmp_path):
    folder = Folder(location=tmp_path)
    for content in (b"one", b"two"):
        assert folder.save("a/b/c", ContentFile(content)) == "a/b/c"
    assert folder.open("a/b/c").read() == b"two"
    assert folder.listdir("a") == (["b"], [])
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["c"]


def test_nobody_reads_half_a_file(tmp_path):
    folder = Folder(location=tmp_path)
    contents = [letter * 300_000 for letter in (b"a", b"b")]
    folder.save("file", ContentFile(contents[0]))
    stop = threading.Event()

    def write():
        while not stop.is_set():
            for content in contents:
                folder.save("file", ContentFile(content))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert {folder.open("file").read() in contents for _ in range(200)} == {True}
    finally:
        stop.set()
        writer.join()


class Failing(InMemoryStorage):
    error: Exception | None = None
    asked = 0

    def open(self, *arguments):
        self.asked += 1
        if self.error:
            raise self.error
        return super().open(*arguments)


ERRORS = [
    OSError("disk is gone"),
    ClientError({"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}, "GetObject"),
    EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_a_storage_that_fails_is_told_of_once_and_left_alone_for_a_while(error, caplog):
    now = 0.0
    storage = Failing()
    store = Store(storage, lambda: now)
    store.write("a", b"here")
    storage.error = error
    assert [store.read("a"), store.read("a"), store.names("")] == [None, None, ([], [])]
    assert (storage.asked, store.is_away) == (1, True)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert str(error) in caplog.text
    storage.error, now = None, REST + 1
    assert store.read("a") == b"here"


def test_what_is_not_there_is_no_failure(caplog):
    store = Store(InMemoryStorage())
    assert store.read("a") is None
    assert not store.is_away
    assert not caplog.records


def test_an_error_in_our_own_code_is_not_taken_for_the_storages():
    storage = Failing()
    storage.error = TypeError("a bug")
    with pytest.raises(TypeError):
        Store(storage).read("a")
