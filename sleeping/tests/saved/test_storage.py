"""The shared storage fails, or is slow: the site makes its pages, says so once, and goes on when it is back."""

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from django.core.management import CommandError, call_command

from sleeping.breaker import REST
from sleeping.models import Generation as Row
from sleeping.saved.folder import Folder
from sleeping.saved.generation import Generation
from sleeping.saved.site import begin

from ..bakery.content import page
from .conftest import how

ERRORS = {
    "a folder that may not be written": PermissionError(13, "Permission denied"),
    "a bucket that refuses": ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "GetObject"),
    "a bucket that is busy": ClientError({"Error": {"Code": "SlowDown", "Message": "Reduce your rate"}}, "PutObject"),
    "a bucket that does not answer": ConnectTimeoutError(endpoint_url="https://s3.eu-west-3.amazonaws.com/"),
}


@pytest.fixture
def storage(bakery, monkeypatch):
    """`fails_with` is raised by whatever is asked of it, after as many seconds of the bakery's clock as it `takes`."""

    class Failing:
        fails_with = None
        takes = 0.0
        asked = 0

    failing = Failing()

    def around(original):
        def called(self, *arguments):
            failing.asked += 1
            bakery.now += failing.takes
            if failing.fails_with:
                raise failing.fails_with
            return original(self, *arguments)

        return called

    for name in ("_open", "_save", "listdir", "delete"):
        monkeypatch.setattr(Folder, name, around(getattr(Folder, name)))
    return failing


def said(caplog):
    return [
        record.getMessage() for record in caplog.records if record.name == "sleeping" and record.levelname == "ERROR"
    ]


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_pages_are_made_while_it_fails_and_the_log_says_so_once(bakery, storage, caplog, error):
    storage.fails_with = error
    for came in ("fwd=miss; detail=storage", "hit", "hit"):
        for path in ("/", "/bread/", "/blog/?page=2"):
            answer = bakery.ask(path)
            assert (answer.status_code, how(answer)) == (200, came)  # the process's own memory is not away
    assert storage.asked == 1
    (line,) = said(caplog)
    assert str(error) in line
    assert "A page is made instead" in line
    assert f"it is asked again in {REST:.0f} s" in line


def test_it_is_asked_again_after_a_while_and_pages_are_saved_again(bakery, storage, caplog):
    storage.fails_with = OSError("gone")
    bakery.ask("/bread/")
    storage.fails_with = None
    assert bakery.how("/") == "fwd=miss; detail=storage"
    bakery.now += REST
    assert bakery.how("/bread/") == "fwd=miss; stored"
    assert how(bakery.ask_asleep("/bread/")) == "hit"
    assert len(said(caplog)) == 1


def test_what_the_process_has_in_its_memory_is_shown_while_it_fails(bakery, storage):
    bakery.ask("/bread/")
    storage.fails_with = OSError("gone")
    assert how(bakery.ask_asleep("/bread/")) == "hit"


def test_one_that_takes_five_seconds_is_waited_for_once(bakery, storage, caplog):
    bakery.save()
    bakery.new_process()
    storage.takes = 5.0
    began = bakery.now
    assert bakery.ask("/bread/").status_code == 200
    storage_took = bakery.now - began
    assert storage_took == 5.0
    for path in ("/", "/blog/", "/bread/rye/"):
        assert bakery.ask(path).status_code == 200
    assert bakery.now - began == storage_took
    (line,) = said(caplog)
    assert "5.0 s" in line


def test_an_edit_shows_at_once_though_nobody_could_be_told(bakery, storage, caplog):
    bakery.save()
    storage.fails_with = OSError("gone")
    bread = page("/bread/")
    bread.title = "Better bread"
    bread.save_revision().publish()
    assert "Better bread" in bakery.ask("/bread/").text
    storage.fails_with = None
    assert "Better bread" in bakery.ask("/bread/").text
    bakery.now += REST
    assert "Better bread" in bakery.ask("/bread/").text
    assert "Better bread" in bakery.ask_asleep("/bread/").text


def test_the_others_hear_of_an_edit_once_the_storage_is_back_though_nobody_looks_at_a_page(bakery, storage):
    bakery.save()
    storage.fails_with = OSError("gone")
    bread = page("/bread/")
    bread.title = "Better bread"
    bread.save_revision().publish()
    storage.fails_with = None
    bakery.now += REST
    assert bakery.client().post("/basket/", {"bread": "rye"}).status_code == 302
    row = Row.objects.get()
    assert Generation.unpack((bakery.folder / "generation").read_bytes()) == Generation(row.number, row.barrier)


def test_the_command_says_what_failed_and_goes_on_when_it_is_back(bakery, storage, caplog, capsys):
    storage.fails_with = OSError("no space left on device")
    with pytest.raises(CommandError, match=r"the shared storage failed.*run it again"):
        call_command("save_pages")
    assert "no space left on device" in " ".join(said(caplog))
    storage.fails_with = None
    bakery.now += REST
    call_command("save_pages")
    assert "saved, for release this-one." in capsys.readouterr().out
    assert how(bakery.ask_asleep("/bread/")) == "hit"


def test_a_process_has_asked_for_what_it_needs_before_its_first_visitor_comes(bakery, storage):
    bakery.save()
    bakery.new_process()
    begin()
    storage.asked = 0
    assert how(bakery.ask_asleep("/bread/")) == "hit"
    assert storage.asked == 1  # the page itself


def test_what_was_half_written_is_no_copy(bakery):
    bakery.ask("/bread/")
    for path in bakery.folder.rglob("*"):
        if path.is_file() and path.name != "generation":
            path.write_bytes(path.read_bytes()[:50])
    bakery.new_process()
    assert bakery.how("/bread/") == "fwd=miss; stored"
    for path in bakery.folder.rglob("*"):
        if path.is_file():
            path.write_bytes(b"\0garbage")
    bakery.new_process()
    assert bakery.how("/bread/") == "fwd=miss; stored"
