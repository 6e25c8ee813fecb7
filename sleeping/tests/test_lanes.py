"""Who serves, who turns away, and what those hear who are turned away unheard."""

import re
import socket
import threading
from dataclasses import dataclass

import pytest

from sleeping.board import Board
from sleeping.lanes import HEARD, Lanes, refusal, refuse
from sleeping.turnstile import turned_away


@dataclass
class Connection:
    sock: socket.socket


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def lanes(board):
    lanes = Lanes(1, 2, "/healthz", board, board.take())
    yield lanes
    lanes.shutdown()


def answer_of(client):
    return b"".join(iter(lambda: client.recv(4096), b""))


def test_only_who_is_beyond_the_capacity_meets_the_turnstile(lanes, pair):
    gate = threading.Event()
    conn = Connection(pair[1])
    inside = [lanes.submit(lambda _: (gate.wait(10), turned_away())[1], conn) for _ in range(2)]
    beyond = lanes.submit(lambda _: turned_away(), conn)
    assert beyond.result(10)
    gate.set()
    assert [each.result(10) for each in inside] == [False, False]


def test_what_other_workers_have_in_hand_counts_too(lanes, pair, board):
    board.write(board.take(), 2)
    assert lanes.submit(lambda _: turned_away(), Connection(pair[1])).result(10)


@pytest.mark.parametrize("method", [b"GET", b"HEAD"])
def test_a_health_check_is_known_by_its_head_and_left_unread(lanes, pair, method):
    client, server = pair
    client.sendall(method + b" /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    heard = lanes.submit(lambda conn: (turned_away(), conn.sock.recv(12)), Connection(server))
    assert heard.result(10) == (True, (method + b" /healthz")[:12])


@pytest.mark.parametrize(
    "said",
    [
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n",
        b"POST /healthz HTTP/1.1\r\nContent-Length: 9\r\n\r\n",
        b"GET /healthzz HTTP/1.1\r\n\r\n",
        b"GET",
        b"",
    ],
)
def test_what_is_no_whole_health_check_waits_its_turn(lanes, pair, said):
    client, server = pair
    client.sendall(said)
    assert lanes.submit(lambda _: turned_away(), Connection(server)).result(10) is False


def test_who_has_said_all_does_not_wait_at_the_turnstile_for_one_who_has_not(lanes, board, pair):
    board.write(board.take(), 2)
    client, server = pair
    gate = threading.Event()
    mine, theirs = socket.socketpair()
    with mine, theirs:
        slow = lanes.submit(lambda _: gate.wait(10), Connection(mine))
        client.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert lanes.submit(lambda _: turned_away(), Connection(server)).result(10)
        assert not slow.done()
        gate.set()
        assert slow.result(10)


def test_who_takes_too_long_at_the_turnstile_is_cut_off(lanes, board, pair, monkeypatch):
    monkeypatch.setattr("sleeping.lanes.LONGEST", 0.0)
    board.write(board.take(), 2)
    began = threading.Event()
    slow = lanes.submit(lambda conn: (began.set(), conn.sock.recv(1))[1], Connection(pair[1]))
    assert began.wait(10)
    lanes.deadlines.enforce()
    assert slow.result(10) == b""


def test_where_too_many_wait_at_the_turnstile_the_first_of_them_are_turned_away_unheard(lanes, board, pair):
    board.write(board.take(), 2)
    gate, client = threading.Event(), pair[0]
    first = lanes.submit(lambda _: gate.wait(10), Connection(pair[1]))
    unheard = lanes.submit(lambda _: "heard", Connection(pair[1]))
    others = [socket.socketpair() for _ in range(HEARD)]
    waiting = [lanes.submit(lambda _: "heard", Connection(mine)) for mine, _ in others]
    gate.set()
    assert first.result(10) is True
    assert unheard.result(10) is False
    pair[1].close()
    assert answer_of(client) == refusal()
    assert [each.result(10) for each in waiting] == ["heard"] * HEARD
    for ends in others:
        for end in ends:
            end.close()


def test_a_refusal_says_how_long_it_is_and_when_to_come_again(settings):
    settings.SLEEPING = {"RETRY_SECONDS": 7}
    head, _, body = refusal().partition(b"\r\n\r\n")
    assert re.search(rb"Content-Length: (\d+)", head)[1] == str(len(body)).encode()
    assert b"\r\nRetry-After: 7\r\n" in head


def test_a_refusal_is_for_nobody_who_has_gone(pair):
    pair[1].close()
    refuse(pair[1])


def test_one_replacement_keeps_others_off_for_as_long_as_it_is_told(board):
    assert board.may_leave(60)
    assert not board.may_leave(60)
    assert board.may_leave(0)


def test_a_place_is_given_again_when_its_worker_is_gone(board):
    place = board.take()
    assert board.take() != place
    board.write(place, 7)
    board.leave(place)
    assert (board.in_hand, board.take()) == (0, place)
