"""A worker that hangs is told from one whose instance had no CPU."""

import inspect

import pytest
from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.workers.workertmp import WorkerTmp

from sleeping import pulse
from sleeping.gunicorn import Worker
from sleeping.pulse import Pulse

TIMEOUT = 30.0  # seconds, as in gunicorn.conf.py


class Clock:
    now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr("gunicorn.workers.workertmp.time", made)
    monkeypatch.setattr(pulse, "time", made)
    monkeypatch.setattr(Pulse, "_looked", made.now)
    monkeypatch.setattr(Pulse, "_woke", 0.0)
    return made


@pytest.fixture
def worker():
    made = Pulse(Config())
    yield made
    made.close()


def look(clock, worker, seconds):
    """Every second, as the arbiter does; whether it would be killed in that time."""
    killed = False
    for _ in range(seconds):
        clock.now += 1
        killed = killed or clock.now - worker.last_update() > TIMEOUT
    return killed


def test_a_worker_that_shows_no_life_is_killed_in_time(clock, worker):
    worker.notify()
    assert not look(clock, worker, 30)
    assert look(clock, worker, 1)


def test_after_a_long_stop_of_the_whole_instance_nobody_is_killed(clock, worker):
    worker.notify()
    look(clock, worker, 3)
    clock.now += 3600  # neither the worker nor the arbiter
    assert not look(clock, worker, 5)
    worker.notify()
    assert not look(clock, worker, 25)


def test_a_worker_that_hangs_after_it_is_killed(clock, worker):
    worker.notify()
    clock.now += 3600
    assert look(clock, worker, 35)


def test_gunicorn_still_asks_as_this_relies_on():
    assert "time.monotonic() - worker.tmp.last_update() <= self.timeout" in inspect.getsource(Arbiter.murder_workers)
    assert "time.monotonic()" in inspect.getsource(WorkerTmp.notify)
    assert "self.tmp = Pulse.of(self)" in inspect.getsource(Worker.__init__)
