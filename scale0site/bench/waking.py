"""What visitors meet while the database sleeps."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import get_args

from .figures import Figure
from .front import Front, Manner
from .load import Load, load
from .pair import OURS, STOCK, Pair
from .server import Server

RESUME = 15.0  # seconds: AWS's own word for a resume
LATER = 0.5  # seconds after the first request come the others
OTHERS = 20


@dataclass(frozen=True)
class Waking:
    first: Load
    others: Load
    health: Load
    static: Load
    arrived: float
    """Seconds from the first request to the first page."""


def measure(pair: Pair, rounds: int) -> list[Figure]:
    found = [_round(pair, "hang", f"round {each} of {rounds}") for each in range(1, rounds + 1)]
    for manner in [each for each in get_args(Manner) if each != "hang"]:
        _round(pair, manner, "once")
    stock = seconds_of_stock(pair)
    pair.say(f"waking, stock: the first answer after {stock:.1f} s")
    return [
        Figure(
            "waking_page_of_resume",
            [each.first.latency(100) / RESUME for each in found],
            f"first answer while asleep ÷ resume of {RESUME:g} s; connections hang meanwhile",
        ),
        Figure(
            "waking_page_others_of_resume",
            [each.others.latency(50) / RESUME for each in found],
            f"the same of {OTHERS} at once, {LATER} s later: their median",
        ),
        Figure("waking_page_slowest_other_of_resume", [each.others.latency(100) / RESUME for each in found]),
        Figure("waking_health_check_ms", [1000 * each.health.latency(50) for each in found], "while it wakes"),
        Figure("waking_static_file_ms", [1000 * each.static.latency(50) for each in found], "while it wakes"),
        Figure("first_page_of_resume", [each.arrived / RESUME for each in found], "first 200 ÷ resume"),
        Figure("stock_waking_of_resume", [stock / RESUME], "stock gunicorn's first answer ÷ resume"),
    ]


def _round(pair: Pair, manner: Manner, which: str) -> Waking:
    with (
        Front(to=pair.postgres.port, resume=RESUME, manner=manner) as front,
        # As after minutes without a visitor: the site no longer takes it for awake.
        pair.ours(front.url(pair.urls[OURS]), SLEEPING_PAUSE_SECONDS="1") as server,
        ThreadPoolExecutor() as beside,
    ):
        load(server.address + "/", 16 * pair.lanes, 2 * pair.lanes)
        front.sleep()
        time.sleep(1.5)
        began = time.monotonic()
        first = beside.submit(load, server.address + "/", 1, 1)
        time.sleep(LATER)
        others = load(server.address + "/", OTHERS, OTHERS)
        health = load(server.address + "/healthz", OTHERS, 1)
        static = load(server.address + "/robots.txt", OTHERS, 1)
        found = Waking(first.result(), others, health, static, _first_page(server) - began)
    pair.say(
        f"waking, {manner}, {which}: first {found.first.latency(100):.2f} s ({found.first}), others "
        f"{others.latency(50) * 1000:.0f} ms, slowest {others.latency(100) * 1000:.0f} ms ({others}), "
        f"health {health.latency(50) * 1000:.1f} ms, static {static.latency(50) * 1000:.1f} ms, "
        f"page after {found.arrived:.1f} s"
    )
    return found


def _first_page(server: Server) -> float:
    """When it came."""
    while server.status("/") != 200:
        time.sleep(0.25)
    return time.monotonic()


def seconds_of_stock(pair: Pair) -> float:
    """Seconds."""
    with Front(to=pair.postgres.port, resume=RESUME) as front, pair.stock(front.url(pair.urls[STOCK])) as server:
        front.sleep()
        began = time.monotonic()
        server.status("/")
        return time.monotonic() - began
