"""The live tree: each resource under what it waits for, with AWS's own word and its time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from .console import duration, line, tell
from .engine.events import ENDS, Blocked, Event, Failed, Finished, Kept, Output, Skipped, Started
from .engine.graph import Graph
from .engine.resource import Resource

STYLES = {Finished: "green", Failed: "bold red", Blocked: "bold red", Skipped: "yellow", Kept: "cyan"}
WORD, TIME = 22, 7  # letters that AWS's word and a time need at least
MARKS = {Finished: "✓", Failed: "✗", Blocked: "✗", Skipped: "-", Kept: "="}


class LiveTree:
    """Draws events as they come; passes each on."""

    def __init__(self, graph: Graph, console: Console) -> None:
        self.console = console
        self.rows = list(_branches(graph))
        self.last: dict[Resource, Event] = {}
        self.began: dict[Resource, float] = {}
        self.took: dict[Resource, float] = {}
        self.spinner = Spinner("dots", style="cyan")
        self.over = False

    def follow(self, events: Iterable[Event]) -> Iterator[Event]:
        # The screen is redrawn by rich's own thread, so that times go on while we wait for AWS.
        with Live(get_renderable=self._draw, console=self.console, refresh_per_second=8) as live:
            for event in events:
                if isinstance(event, Output):  # it scrolls away above the tree
                    live.console.print(line(event), style="dim", markup=False, highlight=False, soft_wrap=True)
                else:
                    self._note(event)
                    live.refresh()
                yield event
            self.over = True

    def _note(self, event: Event) -> None:
        now = self.console.get_time()
        if isinstance(event, Started):
            self.began[event.resource] = now
        if isinstance(event, ENDS) and event.resource in self.began:
            self.took[event.resource] = now - self.began[event.resource]
        self.last[event.resource] = event

    def _draw(self) -> Table:
        table = Table.grid(padding=(0, 2))
        # A name gives way before a word does, and the time never.
        names = max(self.console.width - WORD - TIME - 4, 12)
        table.add_column(no_wrap=True, overflow="ellipsis", max_width=names)
        table.add_column(no_wrap=True, overflow="ellipsis")
        table.add_column(justify="right", no_wrap=True, min_width=TIME)
        for prefix, resource in self._fitting():
            event = self.last.get(resource)
            table.add_row(self._name(prefix, resource, event), self._word(event), self._time(resource))
        if hidden := len(self.rows) - table.row_count:
            done = sum(isinstance(event, ENDS) for event in self.last.values())
            table.add_row(Text(f"  {done} of {len(self.rows)} done, {hidden} not shown", "dim"))
        return table

    def _fitting(self) -> list[tuple[str, Resource]]:
        """The rows that fit on the screen while things move: what is under way and what went wrong come first."""
        room = self.console.height - 3  # a line for what is hidden, and one for the prompt
        if self.over or len(self.rows) <= room:
            return self.rows
        urgency = {resource: self._urgency(self.last.get(resource)) for _, resource in self.rows}
        shown = sorted((resource for _, resource in self.rows), key=urgency.__getitem__)[: max(room, 1)]
        return [("", resource) for _, resource in self.rows if resource in shown]

    @staticmethod
    def _urgency(event: Event | None) -> int:
        if isinstance(event, (Failed, Blocked)):
            return 0
        if event is not None and not isinstance(event, ENDS):
            return 1
        return 2 if event is None else 3

    def _name(self, prefix: str, resource: Resource, event: Event | None) -> Text:
        if event is None:
            mark = Text("· ", "dim")
        elif isinstance(event, ENDS):
            mark = Text(f"{MARKS.get(type(event), '=')} ", STYLES.get(type(event), "dim"))
        else:
            frame = self.spinner.render(self.console.get_time())
            mark = Text.assemble(frame if isinstance(frame, Text) else Text("… "), " ")
        quiet = "dim" if event is None else ""
        return Text.assemble((prefix, "dim"), mark, (resource.kind, quiet or "bold"), (f" {resource.name}", quiet))

    def _word(self, event: Event | None) -> Text:
        if event is None:
            return Text("waits", "dim")
        told = "failed, see below" if isinstance(event, (Failed, Blocked)) else tell(event)
        if isinstance(event, Finished):
            told = told.split(" in ")[0]
        return Text(told, STYLES.get(type(event), "" if not isinstance(event, ENDS) else "dim"))

    def _time(self, resource: Resource) -> Text:
        if resource in self.took:
            return Text(_seconds(self.took[resource]), "dim")
        if resource in self.began:
            return Text(_seconds(self.console.get_time() - self.began[resource]))
        return Text("")


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 90 else duration(seconds)


def _branches(graph: Graph) -> Iterator[tuple[str, Resource]]:
    """Each resource with the branch to draw before it: under the one need that takes longest to come."""
    under: dict[Resource | None, list[Resource]] = {}
    ends: dict[Resource, int] = {}
    for each in graph:
        last = max(each.needs, key=ends.__getitem__, default=None)
        ends[each] = each.usual + (ends[last] if last else 0)
        under.setdefault(last, []).append(each)

    def branch(parent: Resource | None, prefix: str) -> Iterator[tuple[str, Resource]]:
        children = under.get(parent, [])
        for each in children:
            end = each is children[-1]
            yield prefix + ("" if parent is None else "└─ " if end else "├─ "), each
            yield from branch(each, prefix + ("" if parent is None else "   " if end else "│  "))

    return branch(None, "")
