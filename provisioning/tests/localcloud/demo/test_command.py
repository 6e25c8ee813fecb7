"""`manage.py demo` around what it plays: where it can't begin, how it ends, and that nothing stays."""

import io
import os
import signal

import pytest
from django.core.management import CommandError, call_command

from provisioning.localcloud.demo import terminal
from provisioning.localcloud.demo.site import Site, StepFailed
from provisioning.localcloud.management.commands import demo


class Cloud:
    """Starts nothing."""

    began = ended = 0
    environment = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}

    def __init__(self, port, speed, say):
        self.port = port

    def start(self):
        if self.port == 1:
            raise PermissionError
        type(self).began += 1

    def stop(self):
        type(self).ended += 1


@pytest.fixture
def exports(monkeypatch, tmp_path):
    """The file for a second terminal. What the command does to this process is undone."""
    monkeypatch.setattr(terminal, "LocalCloud", type("Fresh", (Cloud,), {}))
    monkeypatch.setattr(terminal, "PROJECT", tmp_path)
    monkeypatch.setattr(terminal, "EXPORTS", tmp_path / "exports.sh")
    monkeypatch.setattr(os, "environ", dict(os.environ))
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield terminal.EXPORTS
    for number, handler in handlers.items():
        signal.signal(number, handler)
    assert terminal.LocalCloud.began == terminal.LocalCloud.ended
    assert not terminal.EXPORTS.exists()


@pytest.fixture
def played(monkeypatch, exports):
    """`played(what)`: the command, with this for its scenes."""

    def play(scenes, **options):
        monkeypatch.setattr(demo, "play", lambda cloud, out: scenes())
        call_command("demo", stdout=io.StringIO(), **options)

    return play


def fails():
    raise StepFailed("The database did not fall asleep within 60 s")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_as_ctrl_c_does(played, number):
    with pytest.raises(CommandError) as raised:
        played(lambda: signal.raise_signal(number))
    assert (str(raised.value), raised.value.returncode) == ("Stopped before the end.", 130)


def test_what_does_not_hold_is_told_and_fails_it(played):
    with pytest.raises(CommandError) as raised:
        played(fails)
    assert (str(raised.value), raised.value.returncode) == ("The database did not fall asleep within 60 s", 1)


def test_where_the_port_is_taken_another_is_named(played):
    with pytest.raises(CommandError, match=r"Port 1: the demo's local AWS cannot listen there.*AWS_PORT=2\."):
        played(fails, port=1)


def test_who_stays_is_told_the_address_the_link_and_how_to_go_on(monkeypatch, exports):
    site = Site("http://127.0.0.1:8/", "http://127.0.0.1:8/admin/password_reset/confirm/MQ/x/")
    seen = []

    def until_ctrl_c():
        seen.append(exports.read_text())
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "provision", lambda out: site)
    monkeypatch.setattr(demo, "wait_for_a_person", until_ctrl_c)
    told = io.StringIO()
    call_command("demo", stay=True, stdout=told)
    assert "export AWS_ENDPOINT_URL=http://127.0.0.1:1\n" in seen[0]
    for each in (site.address, site.invitation, "  . exports.sh", "wake_db"):
        assert each in told.getvalue()
    assert told.getvalue().endswith("The local AWS is gone, and all on it.\n")
