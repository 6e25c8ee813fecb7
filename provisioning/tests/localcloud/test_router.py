"""The router before the instances of a service: requests and not only connections, and how many instances."""

import asyncio
import http.client
import json
import pickle
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from provisioning.localcloud.apprunner import http1
from provisioning.localcloud.apprunner import instances as module
from provisioning.localcloud.apprunner.autoscaling import Configuration
from provisioning.localcloud.apprunner.errors import DeploymentFailed
from provisioning.localcloud.apprunner.front import Front
from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.ports import free_port

from .conftest import wait_for


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        if self.path == "/wait":
            self.server.gate.wait(10)
        if self.path == "/die":
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        body = json.dumps({"by": self.server.name, **{name.lower(): value for name, value in self.headers.items()}})
        self.send_response(304 if self.path == "/304" else 200)
        if self.path == "/endless":  # neither a length nor chunks: it ends with the connection
            self.close_connection = True
        elif self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.path == "/chunks":
            self.wfile.write(b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: yes\r\n\r\n")
        elif self.command != "HEAD" and self.path != "/304":
            self.wfile.write(body.encode())

    do_HEAD = do_GET  # noqa: N815

    def do_POST(self) -> None:
        if self.path == "/refused":
            self.rfile.read(100_000)
            self.close_connection = True
            self.send_response(413)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        size = 0
        if "content-length" in self.headers:
            left = int(self.headers["content-length"])
            while left:
                piece = self.rfile.read(min(left, 65_536))
                left, size = left - len(piece), size + len(piece)
        else:
            while length := int(self.rfile.readline(), 16):
                size += len(self.rfile.read(length))
                self.rfile.readline()
            self.rfile.readline()
        body = str(size).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True

    def handle_error(self, *_: object) -> None: ...


class Program:
    """An instance's program, in this process."""

    starts = 1

    def __init__(self, name: str) -> None:
        self.id = self.name = name
        self.server: Any = Server(("127.0.0.1", 0), Answer)
        self.server.name, self.server.gate = name, threading.Event()
        self.port = self.server.server_address[1]
        self.frozen = self.stopped = False
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def freeze(self) -> None:
        self.frozen = True

    def thaw(self) -> None:
        self.frozen = False

    def stop(self) -> None:
        if not self.stopped:
            self.stopped = True
            self.server.gate.set()
            self.server.shutdown()
            self.server.server_close()


class Site:
    """A front, and programs behind it."""

    def __init__(self) -> None:
        self.front = Front()
        self.programs: list[Program] = []
        self.fails = False

    def program(self) -> Program:
        self.programs.append(Program(str(len(self.programs) + 1)))
        return self.programs[-1]

    def start(self) -> Any:
        if self.fails:
            raise DeploymentFailed("no luck")
        return self.program()

    def serve(self, count: int = 1, **sizes: int) -> None:
        made: Any = [self.program() for _ in range(count)]
        self.front.serve(made, Configuration("prefix", "name", 1, **sizes), self.start)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.front.port, timeout=30)

    def get(self, path: str = "/") -> tuple[int, str]:
        connection = self.connect()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def raw(self, sent: bytes) -> bytes:
        """All that comes back until the connection ends."""
        with socket.create_connection(("127.0.0.1", self.front.port), timeout=10) as plain:
            plain.sendall(sent)
            received = b""
            while piece := plain.recv(65_536):
                received += piece
        return received

    def in_hand(self) -> int:
        return self.front.instances.in_hand

    def open_gates(self) -> None:
        for program in self.programs:
            program.server.gate.set()


@pytest.fixture
def site(cloud: LocalCloud) -> Iterator[Site]:
    made = Site()
    yield made
    made.open_gates()
    made.front.close()
    for program in made.programs:
        program.stop()


@pytest.fixture
def visitors() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(30) as pool:
        yield pool


def test_a_kept_connection_is_followed_request_by_request(site: Site) -> None:
    """RFC 9112: how long a body is, and when a connection stays."""
    site.serve()
    connection = site.connect()
    for path, method in (("/", "GET"), ("/", "HEAD"), ("/304", "GET"), ("/chunks", "GET"), ("/endless", "GET")):
        connection.request(method, path)
        answer = connection.getresponse()
        assert answer.status == (304 if path == "/304" else 200)
        body = answer.read()
        assert bool(body) == (method == "GET" and path != "/304")
        if path == "/chunks":
            assert body == b"abcde"
        same = connection.sock
        assert same is not None, f"{method} {path}"
    connection.request("POST", "/", body=b"x" * 3_000_000)
    assert connection.getresponse().read() == b"3000000"
    connection.request("POST", "/", body=iter([b"ab", b"cde"]), encode_chunked=True)
    assert connection.getresponse().read() == b"5"
    assert connection.sock is same
    connection.close()


def test_two_requests_sent_at_once_are_answered_one_after_the_other(site: Site) -> None:
    """RFC 9112, Pipelining."""
    site.serve()
    got = site.raw(b"GET / HTTP/1.1\r\nHost: a\r\n\r\nHEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert got.count(b"HTTP/1.1 200 OK") == 2


def test_an_instance_is_told_who_asks_and_nothing_of_the_clients_connection(site: Site) -> None:
    """AWS documents for its load balancers, and the site relies on it: X-Forwarded-For is appended to."""
    site.serve()
    connection = site.connect()
    connection.request(
        "GET", "/", headers={"X-Forwarded-For": "203.0.113.9", "Connection": "keep-alive, X-Hop", "X-Hop": "1"}
    )
    seen = json.loads(connection.getresponse().read())
    connection.close()
    assert seen["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert (seen["connection"], "x-hop" in seen) == ("close", False)


def test_a_client_that_waits_for_100_continue_is_told_to_go_on(site: Site) -> None:
    """RFC 9110, Expect."""
    site.serve()
    with socket.create_connection(("127.0.0.1", site.front.port), timeout=10) as client:
        client.sendall(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
        assert client.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"abc")
        assert client.recv(65_536).endswith(b"\r\n\r\n3")


def test_a_client_of_http_1_0_is_answered_and_let_go(site: Site) -> None:
    """RFC 9112: it knows no chunks."""
    site.serve()
    got = site.raw(b"GET /endless HTTP/1.0\r\n\r\n")
    assert b"chunked" not in got
    assert got.endswith(b"}")


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: " + b"1" * 5_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(site: Site, sent: bytes) -> None:
    """RFC 9112, Request Smuggling. That App Runner is as strict is believed."""
    site.serve()
    assert site.raw(sent).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("body", [b"x\r\n", b"3\r\nabc\r\n-1\r\n", b"5" * 70_000])
def test_a_body_that_is_none_is_not_the_instances_fault(site: Site, body: bytes) -> None:
    """RFC 9112: 400 for what is no chunk. That App Runner is as strict is believed."""
    site.serve()
    sent = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    assert site.raw(sent).startswith(b"HTTP/1.1 400 ")
    wait_for(lambda: dict(site.front.instances.tally.classes), {4: 1})
    assert site.in_hand() == 0


class Nowhere:
    def write(self, piece: bytes) -> None:
        pass

    async def drain(self) -> None:
        pass


@pytest.mark.parametrize("size", [b"-1", b"+1", b"0x1", b"1_0", b""])
def test_a_chunk_whose_size_only_python_takes_for_one_is_none(size: bytes) -> None:
    """RFC 9112: a chunk's size is hexadecimal digits."""

    async def read() -> None:
        reader = asyncio.StreamReader()
        reader.feed_data(size + b"\r\nx\r\n0\r\n\r\n")
        reader.feed_eof()
        await http1.pass_chunks(reader, Nowhere())  # type: ignore[arg-type]

    with pytest.raises(http1.Malformed):
        asyncio.run(read())


def test_a_websocket_is_refused(site: Site) -> None:
    """apprunner-roadmap#13: App Runner has none. That it is 403, as Envoy answers without them: believed."""
    site.serve()
    got = site.raw(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: upgrade, close\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 403 ")


def test_an_answer_before_the_end_of_an_upload_arrives(site: Site) -> None:
    """RFC 9112 lets a server answer so; that App Runner passes it on is believed."""
    site.serve()
    with socket.create_connection(("127.0.0.1", site.front.port), timeout=10) as client:
        client.sendall(b"POST /refused HTTP/1.1\r\nContent-Length: 9000000\r\n\r\n" + b"x" * 100_000)
        assert client.recv(65_536).startswith(b"HTTP/1.1 413 ")


def test_an_instance_that_hangs_up_is_a_503_in_envoys_words(site: Site) -> None:
    """apprunner-roadmap#92: the text."""
    site.serve()
    text = "upstream connect error or disconnect/reset before headers. reset reason: connection termination"
    assert site.get("/die") == (503, text)
    assert site.get()[0] == 200


def test_a_request_that_takes_too_long_is_ended(site: Site) -> None:
    """App Runner's guide: "a total of 120 seconds request timeout limit"; that it is 504 is believed."""
    assert site.front.limit == 120
    site.serve()
    site.front.limit = 0.2
    assert site.get("/wait") == (504, "upstream request timeout")
    wait_for(site.in_hand, 0)


def test_nothing_more_is_done_for_a_client_who_has_left(site: Site) -> None:
    """Believed: it is Envoy's usual way."""
    site.serve()
    for sent in (b"GET /wait HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc"):
        with socket.create_connection(("127.0.0.1", site.front.port), timeout=10) as client:
            client.sendall(sent)
            wait_for(site.in_hand, 1)
        wait_for(site.in_hand, 0, within=5)
    assert site.front.instances.tally.requests == 0
    assert site.get()[0] == 200


def test_nobody_is_found_where_nothing_runs(site: Site) -> None:
    """Believed: 503."""
    assert site.get()[0] == 503
    site.serve()
    assert site.get()[0] == 200
    site.front.rest()
    assert site.get()[0] == 503


def test_more_instances_are_started_as_requests_pass_max_concurrency_and_the_rest_is_429(
    site: Site, visitors: ThreadPoolExecutor
) -> None:
    """botocore's model: "If the number of concurrent requests exceeds this limit, App Runner scales up your
    service." apprunner-roadmap#224, #227: "Error 429 Too Many Requests"."""
    site.serve(max_concurrency=2, max_size=3)
    waiting = [visitors.submit(site.get, "/wait") for _ in range(2)]
    wait_for(site.in_hand, 2)
    assert site.front.size == 1
    waiting += [visitors.submit(site.get, "/wait") for _ in range(4)]
    wait_for(site.in_hand, 6)
    assert [each.in_hand for each in site.front.instances.all] == [2, 2, 2]
    assert site.get() == (429, "")
    site.open_gates()
    assert [each.result()[0] for each in waiting] == [200] * 6
    assert site.front.instances.tally.concurrency == 6


def test_a_request_goes_to_the_instance_with_the_fewest_in_hand(site: Site, visitors: ThreadPoolExecutor) -> None:
    """Believed: AWS tells nothing of it."""
    site.serve(2, max_concurrency=10, min_size=2)
    waiting = [visitors.submit(site.get, "/wait") for _ in range(6)]
    wait_for(site.in_hand, 6)
    assert [each.in_hand for each in site.front.instances.all] == [3, 3]
    site.open_gates()
    assert [each.result()[0] for each in waiting] == [200] * 6


def test_an_inactive_instance_is_woken_only_when_the_active_ones_are_full(
    site: Site, visitors: ThreadPoolExecutor
) -> None:
    """Seen in reports: with MinSize 2, one is active as long as MaxConcurrency is not passed. (Classmethod, 2025.)"""
    site.serve(2, max_concurrency=1, min_size=2)
    for program in site.programs:
        program.freeze()
    assert site.get()[0] == 200
    assert site.front.instances.active == 1
    waiting = [visitors.submit(site.get, "/wait") for _ in range(2)]
    wait_for(site.in_hand, 2)
    assert site.front.instances.active == 2
    site.open_gates()
    assert [each.result()[0] for each in waiting] == [200, 200]


def test_idle_instances_lose_the_cpu_and_those_above_min_size_go(
    site: Site, visitors: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS documents MinSize, and that it scales down. When, it does not: believed."""
    monkeypatch.setattr(module, "LEAST_QUIET", 0.1)
    monkeypatch.setattr(module, "LEAST_SURPLUS", 0.3)
    site.serve(max_concurrency=1, max_size=3)
    waiting = [visitors.submit(site.get, "/wait") for _ in range(3)]
    wait_for(site.in_hand, 3)
    site.open_gates()
    assert [each.result()[0] for each in waiting] == [200] * 3
    wait_for(lambda: site.front.size, 1)
    wait_for(lambda: [each.stopped for each in site.programs], [False, True, True])
    wait_for(lambda: site.front.instances.active, 0)
    assert site.get()[0] == 200


def test_one_that_can_not_be_started_is_tried_again(
    site: Site, visitors: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Believed."""
    monkeypatch.setattr(module, "AGAIN", 0.1)
    site.serve(max_concurrency=1, max_size=2)
    site.fails = True
    waiting = [visitors.submit(site.get, "/wait") for _ in range(2)]
    wait_for(site.in_hand, 1)
    time.sleep(0.2)
    assert site.front.size == 1
    site.fails = False
    wait_for(site.in_hand, 2)
    site.open_gates()
    assert [each.result()[0] for each in waiting] == [200, 200]


def test_a_new_version_takes_over_while_the_former_ends_what_it_has(site: Site, visitors: ThreadPoolExecutor) -> None:
    """AWS documents that traffic goes to the new one; that the former ends what it has is believed."""
    site.serve(max_concurrency=1, max_size=1)
    slow = visitors.submit(site.get, "/wait")
    wait_for(site.in_hand, 1)
    site.serve(max_concurrency=1, max_size=1)
    assert json.loads(site.get()[1])["by"] == "2"
    former = site.programs[0]
    assert not former.stopped
    former.server.gate.set()
    assert json.loads(slow.result()[1])["by"] == "1"
    wait_for(lambda: former.stopped)


def test_no_request_fails_while_versions_come_and_go(site: Site, visitors: ThreadPoolExecutor) -> None:
    """AWS documents that traffic goes to a healthy version; that no request fails is believed."""
    site.serve(2, max_concurrency=20, min_size=2)
    end = time.monotonic() + 1.5

    def visit() -> list[int]:
        connection, statuses = site.connect(), []
        while time.monotonic() < end:
            connection.request("GET", "/")
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        connection.close()
        return statuses

    visits = [visitors.submit(visit) for _ in range(20)]
    while time.monotonic() < end - 0.3:
        time.sleep(0.2)
        site.serve(2, max_concurrency=20, min_size=2)
    answered = [status for each in visits for status in each.result()]
    assert len(answered) > 100
    assert set(answered) == {200}


def test_an_instance_that_has_died_costs_no_request_while_there_is_another(site: Site) -> None:
    """Believed: App Runner tries another one."""
    site.serve(2, min_size=2)
    site.programs[0].port = free_port()
    assert [site.get()[0] for _ in range(4)] == [200] * 4


def test_after_a_stop_of_the_cloud_the_address_is_what_it_was(site: Site) -> None:
    """Ours."""
    remembered = pickle.dumps(site.front)
    site.front.close()
    wait_for(lambda: site.front._server.sockets, ())
    again = pickle.loads(remembered)
    again.revive()
    assert again.port == site.front.port
    site.front = again
    site.serve()
    assert site.get()[0] == 200


def test_two_hundred_clients_keep_their_connections(site: Site) -> None:
    """Ours: the demo's visitors are as many."""
    site.serve(max_concurrency=200)
    connections = [site.connect() for _ in range(200)]

    def ask(work: Callable[[http.client.HTTPConnection], Any]) -> list[Any]:
        return [work(each) for each in connections]

    for _ in range(2):
        ask(lambda each: each.request("GET", "/"))
        assert {answer.status for answer in ask(lambda each: read(each))} == {200}
    ask(lambda each: each.close())


def read(connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
    answer = connection.getresponse()
    answer.read()
    return answer
