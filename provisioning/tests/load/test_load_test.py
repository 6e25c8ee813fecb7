"""`manage.py load_test` on a small server, with Locust's visitors."""

import json
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from provisioning.engine.problem import Problem
from provisioning.load.run import NOBODY, Load
from provisioning.load.verdict import judge

PROJECT = Path(__file__).parents[3]
PATIENCE = 60  # seconds


class Server(ThreadingHTTPServer):
    request_queue_size = 100
    daemon_threads = True


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked = 0

    def do_GET(self):
        type(self).asked += 1
        if self.path.startswith("/never"):
            time.sleep(PATIENCE)
        status = 503 if self.path.startswith("/busy") else 200
        if self.path.startswith("/in") and self.headers["Cookie"] != "ticket=7":
            status = 403
        body = f"asked for {self.path}".encode()
        self.send_response(status)
        if status == 503:
            self.send_header("X-Sleeping", "busy")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def address():
    with Server(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def begin(*options):
    command = [sys.executable, "manage.py", "load_test", *options]
    return subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def load_test(*options):
    process = begin(*options)
    said, complained = process.communicate(timeout=PATIENCE)
    return process.returncode, said, complained


def test_a_site_that_answers_stands_it(address):
    asked = Site.asked
    code, said, complained = load_test(f"{address}/in/?a=1", "-c", "5", "-z", "2s", "--json", "-H", "Cookie: ticket=7")
    assert (code, complained) == (0, "")
    *moments, whole, verdict = [json.loads(each) for each in said.splitlines()]
    assert {each["event"] for each in moments} == {"moment"}
    assert set(whole["answers"]) == {"200"}
    assert 2 <= whole["at"] < PATIENCE
    assert 0 < whole["p50"] <= whole["p95"] <= whole["p99"] <= whole["slowest"]
    assert whole["answers"]["200"] == Site.asked - asked  # each request is counted, and there are no others
    assert verdict["held"]


def test_a_site_that_turns_away_does_not(address):
    code, said, _ = load_test(f"{address}/busy/", "-c", "2", "-z", "1s")
    assert code == 1
    assert "× 503 busy." in said
    assert "raise MAX_INSTANCES" in said
    assert said.endswith("It did not stand the load.\n")


def test_ctrl_c_ends_it_with_a_verdict_on_what_was_seen(address):
    process = begin(f"{address}/", "-c", "2", "-z", "5m")
    heard = [process.stdout.readline()]
    while "requests/s" not in heard[-1]:
        heard.append(process.stdout.readline())
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Errors: none in" in said


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["example.org"], '"example.org" is no address of a site. It should start with http:// or https://.'),
        (["http://[::1"], '"http://[::1" is no address of a site. Invalid IPv6 URL.'),
        (["http://127.0.0.1:99999/"], '"http://127.0.0.1:99999/" is no address of a site. Port out of range 0-65535.'),
        (["http://127.0.0.1/", "-c", "0"], "--concurrency is 0. It may be from 1 to 2000 visitors."),
        (["http://127.0.0.1/", "-z", "soon"], "--duration is soon. It is a time such as 30s, 5m or 1h."),
        (
            ["http://127.0.0.1/", "-H", "Cookie"],
            '--header is "Cookie". It is a name and a value, such as "Cookie: a=b".',
        ),
        (["http://127.0.0.1/", "--p95", "0"], "--p95 is 0. It is a number of seconds above 0."),
    ],
)
def test_what_can_not_be_is_refused(options, says, capsys):
    from django.core.management import CommandError, call_command

    with pytest.raises(CommandError) as refusal:
        call_command("load_test", *options)
    assert str(refusal.value).startswith(says)


def test_ctrl_c_before_anybody_came_ends_it_all_the_same(address):
    load = Load(f"{address}/", 2, 60)
    moments = load.moments()
    threading.Timer(0.2, load.stop).start()  # Locust takes longer than that to be there
    assert list(moments) == []
    assert load.whole == NOBODY
    assert judge(load.whole).errors.text == "Errors: nobody was answered."


def test_an_address_may_have_no_path(address):
    load = Load(f"{address}?b=1", 1, 1)
    assert list(load.moments())
    assert set(load.whole.answers) == {"200"}


def test_what_can_not_be_asked_for_is_told(address):
    with pytest.raises(Problem, match=r"The visitors' program said .*'//a': protocol-relative"):
        list(Load(f"{address}//a", 1, 1).moments())


def test_more_visitors_may_come_than_a_program_may_usually_have_open_files(address):
    command = f"ulimit -Sn 40; exec {sys.executable} manage.py load_test {address}/ -c 60 -z 1s"
    ended = subprocess.run(["sh", "-c", command], cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE)
    assert "Errors: none in" in ended.stdout
