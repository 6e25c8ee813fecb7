"""What ran begins again: databases, services, and the work that the stop cut off."""

import threading
from collections.abc import Callable

from ..ground import ground
from .records import Records, all_backends

PATIENCE = 20.0  # seconds; what takes longer goes on beside


def revive(records: Records) -> None:
    """Returns when all of it answers.

    A backend that has something to run has a method `revive`: it does at once what is quick, as to take its ports,
    and returns what takes time.
    """
    ended = [run(work) for *_, backend in all_backends() if hasattr(backend, "revive") for work in backend.revive()]
    for work, arguments in records.under_way:
        ground().begin(work, *arguments)
    for each in ended:
        each.wait(PATIENCE)


def run(work: Callable[[], None]) -> threading.Event:
    ended = threading.Event()

    def run_again() -> None:
        try:
            work()
        finally:
            ended.set()

    ground().begin(run_again)
    return ended
