"""Pages per second, awake; and errors under more load than the ancestor bore."""

from .figures import Figure
from .load import Load, load
from .pair import OURS, SAME, STOCK, Pair
from .server import Server

# Of a round, by turns, so that whatever else this machine does meets all of them.
SLICES, SECONDS = 6, 1.5
CROWD = 201
EACH = 10  # requests of each of the crowd; the ancestor answers about 30 a second


def throughput(pair: Pair, rounds: int) -> list[Figure]:
    """Ours, stock with our page and stock with its own, by turns."""
    at_once = 4 * pair.lanes
    rates: dict[str, list[float]] = {OURS: [], SAME: [], STOCK: []}
    with pair.ours() as ours, pair.same() as same, pair.stock() as stock:
        servers = {OURS: ours, SAME: same, STOCK: stock}
        enough = {name: warm(server, at_once) for name, server in servers.items()}
        for number in range(rounds):
            for name, rate in by_turns(pair, servers, enough, at_once).items():
                rates[name].append(rate)
            ours_, same_, stock_ = (values[-1] for values in rates.values())
            pair.say(
                f"throughput, round {number + 1} of {rounds}, {at_once} at once: ours {ours_:.0f} pages/s, stock with "
                f"our page {same_:.0f}, stock with its own {stock_:.0f}"
            )
        pages = ", ".join(f"{name} {pair.page(name, server)}" for name, server in servers.items())
    return [
        Figure(
            "rendered_throughput_ratio",
            [mine / theirs for mine, theirs in zip(rates[OURS], rates[STOCK], strict=True)],
            f"home pages/s, {at_once} at once, ours ÷ stock gunicorn of the same class and counts, CONN_MAX_AGE 0, "
            f"each as a fresh migrate makes it ({pages})",
        ),
        Figure(
            "rendered_throughput_same_page_ratio",
            [mine / theirs for mine, theirs in zip(rates[OURS], rates[SAME], strict=True)],
            "the same, the stock project with our apps and templates: both render our home page",
        ),
        Figure("pages_a_second", rates[OURS], "ours; of this machine only"),
    ]


def by_turns(pair: Pair, servers: dict[str, Server], enough: dict[str, int], at_once: int) -> dict[str, float]:
    """Good answers a second of each."""
    found: dict[str, list[Load]] = {name: [] for name in servers}
    for number in range(SLICES):
        turn = number % len(servers)
        for name in list(servers)[turn:] + list(servers)[:turn]:
            found[name].append(visits(servers[name], enough[name], at_once))
            if found[name][-1].errors:
                pair.say(f"throughput, {name}: {found[name][-1]}")
    return {
        name: sum(each.good for each in loads) / sum(each.seconds for each in loads) for name, loads in found.items()
    }


def warm(server: Server, at_once: int) -> int:
    """How many requests take it about SECONDS."""
    visits(server, 4 * at_once, at_once)
    return max(at_once, int(visits(server, 10 * at_once, at_once).rate * SECONDS))


def visits(server: Server, requests: int, at_once: int) -> Load:
    """Of the home page."""
    return load(server.address + "/", requests, at_once, host=server.known_as)


def crowd(pair: Pair, rounds: int) -> list[Figure]:
    """Ours with what it declares; the ancestor's way of serving."""
    ours: list[float] = []
    stock: list[float] = []
    for number in range(1, rounds + 1):
        with pair.ours() as server:
            found = load(server.address + "/", 4 * EACH * CROWD, CROWD)
            peak = pair.postgres.connections()
        ours.append(found.errors_percent)
        pair.say(
            f"{CROWD} at once, round {number} of {rounds}, ours: {found}; median {found.latency(50):.2f} s, "
            f"99 % in {found.latency(99):.2f} s; {peak} connections"
        )
        with pair.ancestor() as server:
            found = load(server.address + "/", EACH * CROWD, CROWD)
        stock.append(found.errors_percent)
        pair.say(
            f"{CROWD} at once, round {number} of {rounds}, runserver: {found}; median {found.latency(50):.2f} s, "
            f"99 % in {found.latency(99):.2f} s"
        )
    return [
        Figure(f"errors_at_{CROWD}_percent", ours, f"{CROWD} visitors at once, ours: all that is no 2xx"),
        Figure(f"stock_errors_at_{CROWD}_percent", stock, "the same, `runserver` with DEBUG as the ancestor ran"),
    ]
