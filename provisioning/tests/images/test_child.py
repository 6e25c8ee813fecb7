"""A child writes as much as it likes, and goes when we go."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from provisioning.images.child import Child

PROJECT = Path(__file__).parents[3]
HANGS = "import os, pathlib, time; pathlib.Path('pid').write_text(str(os.getpid())); time.sleep(600)"
STUBBORN = "import signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); " + HANGS


@pytest.fixture
def start(tmp_path):
    made = []
    (tmp_path / "room").mkdir()

    def start(program):
        made.append(Child((sys.executable, "-c", program), {"WORD": "hello"}, tmp_path, tmp_path / "room"))
        return made[-1]

    yield start
    for each in made:
        each.end()


def until(true):
    for _ in range(1000):
        if true():
            return True
        time.sleep(0.01)
    return False


def pid_in(folder):
    file = folder / "pid"
    assert until(lambda: file.exists() and file.read_text())
    return int(file.read_text())


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout


def test_more_than_a_pipe_holds_does_not_stop_it(start):
    child = start("print('x' * 1_000_000)")
    assert until(lambda: child.code == 0)
    assert len(child.output) == 1_000_001


def test_a_line_shows_when_it_is_whole(start, tmp_path):
    child = start(f"import sys; print('one\\ntw', end='', flush=True); {HANGS}")
    pid_in(tmp_path)
    assert child.output == "one\n"


def test_it_has_what_it_was_given_and_ours(start, tmp_path):
    child = start("import os; print(os.environ['WORD'], os.getcwd(), bool(os.environ['PATH']))")
    assert until(lambda: child.code == 0)
    assert child.output == f"hello {tmp_path} True\n"


@pytest.mark.parametrize("program", [HANGS, STUBBORN], ids=["polite", "stubborn"])
def test_it_ends_when_it_is_told(start, tmp_path, monkeypatch, program):
    monkeypatch.setattr("provisioning.images.child.PATIENCE", 0.2)
    child = start(program)
    pid = pid_in(tmp_path)
    child.end()
    child.end()
    assert not alive(pid)
    assert child.code != 0


@pytest.mark.parametrize("end", ["os.kill(os.getpid(), 9)", "os.kill(os.getpid(), 15)", "raise KeyboardInterrupt"])
def test_it_goes_with_us_and_so_does_the_room_with_its_login(tmp_path, end):
    room = tmp_path / "room"
    room.mkdir()
    program = f"""
import os, pathlib, sys, time
from provisioning.images.child import Child
child = Child((sys.executable, "-c", {HANGS!r}), {{}}, pathlib.Path({str(tmp_path)!r}), pathlib.Path({str(room)!r}))
told = pathlib.Path({str(tmp_path / "pid")!r})
while not (told.exists() and told.read_text()):  # it is there before its number is in it
    time.sleep(0.01)
{end}
"""
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True)
    pid = pid_in(tmp_path)
    assert until(lambda: not alive(pid))
    if "KeyboardInterrupt" not in end:  # then Python itself removes it, as a TemporaryDirectory
        assert until(lambda: not room.exists())
