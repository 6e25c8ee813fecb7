"""How a load looks on a terminal: a row for each figure, with its last minute as bars."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from .run import Load, Moment
from .verdict import seconds
from .watch import Seen, Watch

BARS = " ▁▂▃▄▅▆▇"  # not the full block: rows would touch
WIDTH = 60  # bars: the last minute
EVERY = 5  # seconds between two lines, where nothing is drawn
ROWS = ("requests/s", "p50", "p95", "p99", "errors", "instances", "connections", "capacity")


def show(load: Load, watch: Watch | None, console: Console, say: Callable[[str], None]) -> None:
    """Draw it where that can be drawn, or say a line now and then, until it is over."""
    title = f"{load.visitors} at once on {load.url} for {load.seconds:g} s"
    if console.is_terminal and not console.is_dumb_terminal:
        panel = Panel(title, watched=watch is not None)
        with Live(panel, console=console, refresh_per_second=4):
            for moment in load.moments():
                panel.note(moment, watch.look(moment.at) if watch else Seen())
        return
    say(title)
    for count, moment in enumerate(load.moments(), 1):
        seen = watch.look(moment.at) if watch else Seen()
        if count % EVERY == 0:
            say(line(moment, seen))


class Panel:
    """Takes a moment each second, and draws what it was told so far. A rich renderable."""

    def __init__(self, title: str, *, watched: bool) -> None:
        self.title = title
        self.rows = ROWS if watched else ROWS[:5]
        self.past: dict[str, deque[float]] = {row: deque(maxlen=WIDTH) for row in self.rows}
        self.now: dict[str, str] = {}
        self.requests = self.failed = 0

    def note(self, moment: Moment, seen: Seen) -> None:
        self.requests += moment.requests
        failed = moment.failed.total()
        self.failed += failed
        self._note("requests/s", moment.rate, f"{moment.rate:,.1f}")
        for row in ("p50", "p95", "p99"):
            self._note(row, getattr(moment, row), seconds(getattr(moment, row)))
        self._note("errors", failed, f"{self.failed:,}")
        if len(self.rows) > 5:
            self._note("instances", seen.instances, f"{seen.instances or 0:g}")
            self._note("connections", seen.connections, f"{seen.connections or 0:g}")
            self._note("capacity", seen.capacity, f"{seen.capacity or 0:g} ACU")

    def _note(self, row: str, value: float | None, shown: str) -> None:
        if value is None:  # CloudWatch has told nothing yet
            shown, value = "…", 0.0
        self.now[row] = shown
        self.past[row].append(value)

    def __rich__(self) -> Group:
        table = Table.grid(padding=(0, 2))
        table.add_column(no_wrap=True, min_width=11)
        table.add_column(no_wrap=True, justify="right", min_width=9)
        table.add_column(no_wrap=True, overflow="crop")
        for row in self.rows:
            style = "red" if row == "errors" and self.failed else "cyan"
            table.add_row(row, Text(self.now.get(row, "…"), "bold"), Text(bars(self.past[row]), style))
        return Group(Text(self.title, "bold"), table)


def bars(past: deque[float]) -> str:
    """As high as they were, the highest as high as there is room."""
    most = max(past, default=0.0)
    steps = len(BARS) - 1
    return "".join(BARS[max(round(value / most * steps), 1) if value else 0] if most else BARS[0] for value in past)


def line(moment: Moment, seen: Seen) -> str:
    """The same for a log: one line for one moment."""
    told = f"{moment.at:6.1f} s  {moment.rate:8,.1f} requests/s  p50 {seconds(moment.p50)}, p95 {seconds(moment.p95)}"
    told += f", p99 {seconds(moment.p99)}, {moment.failed.total():,} errors"
    named = {"instances": seen.instances, "connections": seen.connections, "ACU": seen.capacity}
    shown = [f"{value:g} {name}" for name, value in named.items() if value is not None]
    return ", ".join([told, *shown])
