"""How a load looks while it runs."""

import io

from rich.console import Console

from provisioning.load.panel import ROWS, Panel, bars, line, show
from provisioning.load.run import Moment
from provisioning.load.watch import Seen

from .moments import moment


class Played:
    """A load whose seconds are known already."""

    url, visitors, seconds = "https://a.example/", 150, 10.0

    def moments(self):
        for count in range(1, 11):
            yield Moment(float(count), 60.0 + count, 0.25, 0.5, 1.0, 1.5, moment(_200=60, _500=count // 10).answers)


class Told:
    """CloudWatch, in the second half."""

    def look(self, at):
        return Seen(instances=3, connections=24, capacity=1.5) if at > 5 else Seen()


def test_on_a_terminal_every_figure_is_drawn_as_it_runs():
    file, said = io.StringIO(), []
    show(Played(), Told(), Console(file=file, force_terminal=True, width=100, color_system=None), said.append)
    drawn = file.getvalue()
    assert said == []
    assert "150 at once on https://a.example/ for 10 s" in drawn
    last = {row: each for each in drawn.splitlines() for row in ROWS if each.lstrip().startswith(row)}
    assert list(last) == list(ROWS)
    told = ("70.0", "250 ms", "500 ms", "1.00 s", "1", "3", "24", "1.5 ACU")
    for (row, shown), figure in zip(last.items(), told, strict=True):
        assert shown.removeprefix(row).split()[: len(figure.split())] == figure.split()
        assert any(bar in shown for bar in "▁▂▃▄▅▆▇")


def test_elsewhere_there_is_a_line_now_and_then():
    said = []
    show(Played(), Told(), Console(file=io.StringIO(), width=100), said.append)
    assert said[0] == "150 at once on https://a.example/ for 10 s"
    assert [each[:8].strip() for each in said[1:]] == ["5.0 s", "10.0 s"]
    assert "connections" not in said[1]
    assert said[2].endswith("1 errors, 3 instances, 24 connections, 1.5 ACU")


def test_a_log_has_a_line_with_what_is_known():
    told = line(moment(_200=120, _500=3), Seen(instances=2))
    assert told == "  10.0 s      12.3 requests/s  p50 250 ms, p95 500 ms, p99 1.00 s, 3 errors, 2 instances"


def test_bars_are_as_high_as_the_highest():
    assert bars([0, 1, 4, 8]) == " ▁▄▇"
    assert bars([0, 0]) == "  "


def test_the_panel_adds_errors_up_and_leaves_out_what_nobody_watches():
    panel = Panel("a load", watched=False)
    for _ in range(3):
        panel.note(moment(_200=8, _500=2), Seen())
    assert panel.now["errors"] == "6"
    assert "instances" not in panel.now


def test_the_panel_waits_for_what_cloudwatch_has_not_told_yet():
    panel = Panel("a load", watched=True)
    panel.note(moment(_200=8), Seen(instances=1))
    assert (panel.now["instances"], panel.now["connections"]) == ("1", "…")
