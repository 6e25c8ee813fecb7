"""What visitors meet who only read: while the database sleeps, and while it does not. The copies lie in an S3."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .figures import Figure
from .front import Front
from .pair import OURS, STOCK, Pair
from .serving import CROWD, EACH, by_turns, visits, warm
from .site import manage
from .waking import RESUME, seconds_of_stock

SCANNER = Path(__file__).with_name("scanner.txt").read_text().split()
VISITS = 1000
LOOK = 0.02  # seconds
LONGEST = 30.0  # seconds for a page to be seen

PUBLISH = """
from home.models import HomePage
page = HomePage.objects.get()
page.title = {title!r}
page.save_revision().publish()
"""


def measure(pair: Pair, rounds: int) -> list[Figure]:
    return [*_throughput(pair, rounds), *_crowd(pair, rounds), *_asleep(pair, rounds), *_published(pair, rounds)]


def _throughput(pair: Pair, rounds: int) -> list[Figure]:
    at_once = 4 * pair.lanes
    ratios: list[float] = []
    rates: list[float] = []
    with pair.saved() as ours, pair.stock() as stock:
        servers = {OURS: ours, STOCK: stock}
        enough = {name: warm(server, at_once) for name, server in servers.items()}
        for number in range(1, rounds + 1):
            found = by_turns(pair, servers, enough, at_once)
            ratios.append(found[OURS] / found[STOCK])
            rates.append(found[OURS])
            pair.say(
                f"saved, round {number} of {rounds}, {at_once} at once: ours {found[OURS]:.0f} pages/s, "
                f"stock {found[STOCK]:.0f}"
            )
    about = (
        f"saved home pages/s, {at_once} at once, ours ÷ stock gunicorn of the same class and counts, CONN_MAX_AGE 0"
    )
    return [
        Figure("saved_throughput_ratio", ratios, about),
        Figure("saved_pages_a_second", rates, "ours; of this machine only"),
    ]


def _crowd(pair: Pair, rounds: int) -> list[Figure]:
    found: list[float] = []
    with pair.saved() as ours, pair.stock() as stock:
        for server in (ours, stock):
            visits(server, 2 * CROWD, CROWD)
        for number in range(1, rounds + 1):
            theirs = visits(stock, EACH * CROWD, CROWD)
            mine = visits(ours, 4 * EACH * CROWD, CROWD)
            found.append(mine.latency(99) / theirs.latency(50))
            pair.say(
                f"saved, {CROWD} at once, round {number} of {rounds}: ours 99 % in {mine.latency(99):.3f} s ({mine}), "
                f"stock 50 % in {theirs.latency(50):.3f} s ({theirs})"
            )
    about = f"{CROWD} at once: the time in which 99 % of ours have a saved page ÷ half of stock's have theirs"
    return [Figure("saved_p99_of_stock_p50", found, about)]


def _asleep(pair: Pair, rounds: int) -> list[Figure]:
    warm_: list[float] = []
    fresh: list[float] = []
    scanned: list[float] = []
    visited: list[float] = []
    for number in range(1, rounds + 1):
        with Front(to=pair.postgres.port, resume=RESUME) as front:
            url = front.url(pair.urls[OURS])
            with pair.saved(url, SLEEPING_PAUSE_SECONDS="1") as server:
                visits(server, 16 * pair.lanes, 2 * pair.lanes)
                front.sleep()
                time.sleep(5)  # as long after the last visitor as no process believes what it read before
                warm_.append(visits(server, 1, 1).latency(100))
                before = front.attempts
                answers = [server.status(path) for path in SCANNER]
                scanned.append(front.attempts - before)
                before = front.attempts
                load_ = visits(server, VISITS, 20)
                visited.append(front.attempts - before)
            with pair.saved(url) as server:
                fresh.append(visits(server, 1, 1).latency(100))
        pair.say(
            f"saved, asleep, round {number} of {rounds}: first page {warm_[-1] * 1000:.1f} ms, of a new "
            f"process {fresh[-1] * 1000:.1f} ms; {len(SCANNER)} paths of a scanner: {scanned[-1]:.0f} connections, "
            f"answers {sorted(set(answers))}; {VISITS} visits: {visited[-1]:.0f} connections ({load_})"
        )
    stock = seconds_of_stock(pair)
    pair.say(f"saved, asleep, stock: the first answer after {stock:.1f} s")
    return [
        Figure(
            "first_page_asleep_ratio",
            [stock / each for each in warm_],
            f"first page after the database fell asleep, resume of {RESUME:g} s: stock ÷ ours",
        ),
        Figure("first_page_asleep_ms", [1000 * each for each in warm_], "ours"),
        Figure("first_page_of_new_process_ratio", [stock / each for each in fresh], "the same of one just started"),
        Figure("connections_by_scanner", scanned, f"{len(SCANNER)} paths that are not there, while it sleeps"),
        Figure(f"connections_by_{VISITS}_visits", visited, "of the home page, while it sleeps"),
    ]


def _published(pair: Pair, rounds: int) -> list[Figure]:
    """By a third process: both instances learn of it by the bucket alone."""
    found: list[float] = []
    with pair.saved() as one, pair.saved() as another, ThreadPoolExecutor() as beside:
        for number in range(1, rounds + 1):
            title = f"Changed {time.time():.0f}"
            for server in (one, another):
                visits(server, 8 * pair.lanes, pair.lanes)
            environment = pair.environment | {"DATABASE_URL": pair.urls[OURS]}
            manage("shell", "-c", PUBLISH.format(title=title), **environment)
            began = time.monotonic()
            seen = [beside.submit(_seen, server, title, began) for server in (one, another)]
            found.append(max(each.result() for each in seen))
            pair.say(f"saved, published, round {number} of {rounds}: on both instances after {found[-1]:.2f} s")
    about = "from the end of the command that published until both of two instances show it, at the latest"
    return [Figure("seconds_to_visible_elsewhere", found, about)]


def _seen(server, title: str, began: float) -> float:
    while time.monotonic() - began < LONGEST:
        if server.status("/") == 200 and title in server.text:
            return time.monotonic() - began
        time.sleep(LOOK)
    raise RuntimeError(f"{server.address} does not show {title!r} after {LONGEST:g} s")
