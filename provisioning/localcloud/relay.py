"""One event loop, in a thread, for all the ports that a local cloud listens on, and what they share."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from .ground import ground
from .times import Stopped

PATIENCE = 30.0  # seconds for the loop to do what a thread asks of it: it is busy, or it has ended

Answer = TypeVar("Answer")

_loop: asyncio.AbstractEventLoop | None = None


def loop() -> asyncio.AbstractEventLoop:
    global _loop
    if _loop is None:
        new = asyncio.new_event_loop()
        thread = threading.Thread(target=new.run_forever, name="localcloud fronts", daemon=True)
        thread.start()

        def close() -> None:
            global _loop
            _loop = None
            asyncio.run_coroutine_threadsafe(cancel_all(), new).result()
            new.call_soon_threadsafe(new.stop)
            thread.join()
            new.close()

        ground().closing.append(close)
        _loop = new
    return _loop


async def cancel_all() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def on(its_loop: asyncio.AbstractEventLoop, work: Callable[[], Answer]) -> Answer:
    """Does it in the loop's thread, from another one, which waits; raises Stopped when the loop has ended."""

    async def run() -> Answer:
        return work()

    running = run()
    try:
        return asyncio.run_coroutine_threadsafe(running, its_loop).result(PATIENCE)
    except (RuntimeError, TimeoutError, asyncio.CancelledError):
        if its_loop is _loop:
            raise
        running.close()
        raise Stopped from None
