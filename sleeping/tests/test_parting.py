"""How a worker parts from its clients."""

import selectors
import threading

import pytest

from sleeping.parting import Deadlines, Partings

SAID = b"x" * 100_000


class Parting:
    def __init__(self):
        self.poller = selectors.DefaultSelector()
        self.gone = 0
        self.partings = Partings(self.poller, self.count)

    def count(self):
        self.gone += 1

    def turn(self):
        """As the worker's own loop does."""
        for key, _ in self.poller.select(10):
            key.data(key.fileobj)


@pytest.fixture
def parting():
    parting = Parting()
    yield parting
    parting.poller.close()


def test_a_client_that_closes_is_parted_from(parting, pair):
    client, server = pair
    parting.partings.begin(server)
    assert client.recv(1) == b""
    assert (parting.gone, len(parting.partings)) == (0, 1)
    client.close()
    parting.turn()
    assert (parting.gone, len(parting.partings), server.fileno()) == (1, 0, -1)


def test_who_still_speaks_hears_the_last_words(parting, pair):
    client, server = pair
    server.sendall(b"no")
    speaking = threading.Thread(target=client.sendall, args=(SAID,))
    speaking.start()
    parting.partings.begin(server)
    while speaking.is_alive():
        parting.turn()
    assert (client.recv(4096), client.recv(4096)) == (b"no", b"")
    client.close()
    while not parting.gone:
        parting.turn()


def test_who_does_not_close_is_not_waited_for_long(parting, pair, monkeypatch):
    parting.partings.begin(pair[1])
    parting.partings.end_overdue()
    assert parting.gone == 0
    monkeypatch.setattr("sleeping.parting.time.monotonic", lambda: float("inf"))
    parting.partings.end_overdue()
    assert (parting.gone, pair[1].fileno()) == (1, -1)


def test_who_has_gone_before_is_parted_from_at_once(parting, pair):
    pair[1].close()
    parting.partings.begin(pair[1])
    assert (parting.gone, len(parting.partings)) == (1, 0)


def test_a_deadline_ends_what_waits_beyond_it_and_nothing_else(pair):
    client, server = pair
    deadlines = Deadlines()
    with deadlines.keep(server, 60):
        deadlines.enforce()
        client.sendall(b"a")
        assert server.recv(1) == b"a"
    with deadlines.keep(server, 0):
        deadlines.enforce()
        assert server.recv(1) == b""
    with deadlines.keep(client, 0):
        pass
    deadlines.enforce()
    assert client.fileno() != -1
