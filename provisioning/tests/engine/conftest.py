import pytest

from .world import FakeClock, World


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def world(clock):
    return World(clock)
