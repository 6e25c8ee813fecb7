import io

from rich.console import Console

from provisioning.engine.events import Failed, Finished, Skipped, Started, Waiting
from provisioning.engine.graph import Graph
from provisioning.engine.plan import Action
from provisioning.livetree import LiveTree

from .engine.world import Thing

A = Thing(name="a")
B = Thing(name="b", on=(A,))
C = Thing(name="c", on=(B,))
D = Thing(name="d", on=(A,))
EVENTS = [
    Started(A, 0, Action.CREATE),
    Finished(A, 1, Action.CREATE, 1),
    Started(B, 1, Action.CREATE),
    Waiting(B, 2, "OPERATION_IN_PROGRESS"),
]


def drawn(*events, width=80, encoding="utf-8"):
    """The last picture, as lines."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=file, force_terminal=True, width=width, color_system=None)
    tree = LiveTree(Graph(C, D), console)
    assert list(tree.follow(events)) == list(events)
    with console.capture() as captured:
        console.print(tree._draw())
    return [line.rstrip() for line in captured.get().splitlines()]


def test_each_is_drawn_under_what_it_waits_for():
    assert [line.removesuffix("waits").rstrip() for line in drawn()] == [
        "· Thing a",
        "├─ · Thing b",
        "│  └─ · Thing c",
        "└─ · Thing d",
    ]


def test_awss_own_word_and_the_time_are_shown():
    lines = drawn(*EVENTS)
    assert lines[0].startswith("✓ Thing a")
    assert "created" in lines[0]
    assert lines[0].endswith(" s")
    assert "OPERATION_IN_PROGRESS" in lines[1]
    assert "waits" in lines[2]


def test_what_failed_and_what_is_skipped_for_it_are_marked():
    lines = drawn(*EVENTS, Failed(B, 3, "Thing b: could not be created."), Skipped(C, 3, B))
    assert "✗ Thing b" in lines[1]
    assert "failed, see below" in lines[1]
    assert "skipped, because of Thing b" in lines[2]


def test_it_fits_a_narrow_terminal():
    assert max(map(len, drawn(*EVENTS, width=40))) <= 40


def many():
    things = [Thing(name=f"t{n}") for n in range(20)]
    events = [*(Started(each, 0, Action.CREATE) for each in things[:12])]
    events += [Finished(each, 1, Action.CREATE, 1) for each in things[:9]]
    return things, [*events, Failed(things[9], 1, "Thing t9: no")]


def test_on_a_low_terminal_what_moves_and_what_failed_is_shown_and_the_rest_is_counted():
    things, events = many()
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=10, color_system=None)
    tree = LiveTree(Graph(*things), console)
    for event in events:
        tree._note(event)
    with console.capture() as captured:
        console.print(tree._draw())
    lines = captured.get().splitlines()
    assert len(lines) < 10
    assert [line.split()[2] for line in lines[:3]] == ["t9", "t10", "t11"]
    assert lines[-1].split() == ["10", "of", "20", "done,", "13", "not", "shown"]


def test_in_the_end_all_of_it_is_shown():
    things, events = many()
    console = Console(file=io.StringIO(), force_terminal=True, width=80, height=10, color_system=None)
    tree = LiveTree(Graph(*things), console)
    list(tree.follow(events))
    assert tree._draw().row_count == 20
