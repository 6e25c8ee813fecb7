"""What the operations function does with one call: a command, run once, and a record of it."""

import json
import threading
import time

import pytest

from provisioning import operations
from provisioning.stack.operation import read_record
from provisioning.tests.engine.world import refusal

KEY = "operations/test/one.json"
TWO = "operations/test/two.json"
PROGRAM = """
import os, sys, time
command, *rest = sys.argv[1:]
if command == "say": print(*rest)
if command == "fail": print("it broke", file=sys.stderr); sys.exit(3)
if command == "ask": input("name: ")
if command == "variable": print(os.environ[rest[0]])
if command == "secret": print(len(os.environ["SECRET_KEY"]))
if command == "slowly":
    for n in range(3): print("line", n); time.sleep(0.15)
if command == "bytes":
    for part in (b"\\xc3", b"\\xa9\\n"): os.write(1, part); time.sleep(0.2)
if command == "forever": print("begun"); time.sleep(60)
"""


class Context:
    def __init__(self, seconds=60.0):
        self.seconds = seconds

    def get_remaining_time_in_millis(self):
        return int(self.seconds * 1000)


@pytest.fixture
def bucket(standing, monkeypatch, tmp_path):
    env = standing
    bucket = env.the("Bucket")
    env.apply(bucket)
    for key in (KEY, TWO):
        env.client("s3").delete_object(Bucket=bucket.name, Key=key)
    (tmp_path / "manage.py").write_text(PROGRAM)
    monkeypatch.setattr(operations, "TREE", tmp_path)
    monkeypatch.setattr(operations, "EVERY", 0.1)
    monkeypatch.setenv("OPERATIONS_BUCKET", bucket.name)
    return env.aws, bucket.name


def call(*command, seconds=60.0, key=KEY, **more):
    return operations.handler({"command": list(command), "record": key, **more}, Context(seconds))


def test_the_output_and_the_exit_code_are_recorded(bucket, capfd):
    assert call("say", "hello", "there") == {"exit": 0}
    told = read_record(*bucket, KEY)
    assert (told["command"], told["exit"], told["output"]) == (["say", "hello", "there"], 0, "hello there\n")
    assert told["ended"] >= told["started"]
    assert "hello there" in capfd.readouterr().out  # the log has it too


def test_a_failure_is_recorded_with_what_was_said(bucket):
    assert call("fail") == {"exit": 3}
    assert "it broke" in read_record(*bucket, KEY)["output"]


def test_a_call_that_is_delivered_twice_runs_once(bucket):
    call("say", "first")
    assert call("say", "second") == {"exit": None}
    assert read_record(*bucket, KEY)["output"] == "first\n"


def test_nobody_is_asked_anything(bucket):
    assert call("ask")["exit"] == 1
    assert "EOFError" in read_record(*bucket, KEY)["output"]


def test_it_gets_the_variables_of_the_call_and_a_key_of_its_own(bucket):
    call("variable", "NAME", environment={"NAME": "value"})
    assert read_record(*bucket, KEY)["output"] == "value\n"
    call("secret", key=TWO)
    assert int(read_record(*bucket, TWO)["output"]) >= 50


def test_the_record_grows_while_it_runs(bucket):
    running = threading.Thread(target=call, args=("slowly",))
    running.start()
    seen = set()
    while running.is_alive():
        if told := read_record(*bucket, KEY):
            seen.add((told["exit"], told["output"].count("line")))
        time.sleep(0.01)
    assert any(code is None and lines > 0 for code, lines in seen)
    assert read_record(*bucket, KEY)["output"] == "line 0\nline 1\nline 2\n"


def test_what_takes_longer_than_lambda_lets_it_is_ended_and_says_so(bucket):
    assert call("forever", seconds=operations.SPARE + 0.5) == {"exit": operations.STOPPED}
    told = read_record(*bucket, KEY)
    assert told["output"].startswith("begun\n")
    assert "after 15 minutes" in told["output"]


def test_a_long_output_keeps_its_end(bucket, monkeypatch):
    monkeypatch.setattr(operations, "MOST", 10)
    monkeypatch.setattr(operations, "TAIL", 9)
    call("say", "0123456789", "in-between", "the-end!")
    assert read_record(*bucket, KEY)["output"] == "0123456789\n[12 letters left out]\nthe-end!\n"


def test_a_put_that_is_repeated_for_a_lost_answer_is_our_own(bucket, monkeypatch):
    put = operations.Record._put

    def put_twice(record, code, **conditions):
        put(record, code, **conditions)
        put(record, code, **conditions)

    with monkeypatch.context() as patch:
        patch.setattr(operations.Record, "_put", put_twice)
        assert call("say", "hello") == {"exit": 0}
    assert read_record(*bucket, KEY)["output"] == "hello\n"


def test_a_record_that_cannot_be_written_for_a_while_stops_nothing(bucket, monkeypatch, capfd):
    put = operations.Record._put

    def put_unless_under_way(record, code, **conditions):
        if code is None and not conditions:
            raise refusal("SlowDown")
        put(record, code, **conditions)

    monkeypatch.setattr(operations.Record, "_put", put_unless_under_way)
    assert call("slowly") == {"exit": 0}
    assert read_record(*bucket, KEY)["output"] == "line 0\nline 1\nline 2\n"
    assert "not written now" in capfd.readouterr().out


def test_whatever_goes_wrong_nothing_is_left_running(bucket, monkeypatch):
    started = []
    popen = operations.subprocess.Popen
    monkeypatch.setattr(operations.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[0])
    monkeypatch.setattr(operations.Record, "add", lambda record, text: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        call("forever")
    assert started[0].poll() is not None


def test_letters_that_are_cut_by_the_pipe_are_put_together(bucket):
    call("bytes")
    assert read_record(*bucket, KEY)["output"] == "é\n"


def test_a_record_is_json_that_others_can_read(bucket):
    call("say", "é")
    aws, name = bucket
    found = aws.client("s3").get_object(Bucket=name, Key=KEY)
    assert found["ContentType"] == "application/json"
    assert json.loads(found["Body"].read())["output"] == "é\n"
