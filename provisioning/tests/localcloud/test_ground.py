"""What the emulated services stand on."""

import threading

from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.ground import ground, lasting


def test_the_loop_that_wakes_a_database_does_not_wait_for_who_waits_for_it(cloud: LocalCloud) -> None:
    """CreateService holds the lock until that loop has opened its port."""
    begun = threading.Event()

    @lasting
    def resume() -> None:
        begun.set()

    with ground().lock:
        loop = threading.Thread(target=ground().begin, args=(resume,), daemon=True)
        loop.start()
        loop.join(5)
        assert not loop.is_alive()
        assert begun.wait(5)
