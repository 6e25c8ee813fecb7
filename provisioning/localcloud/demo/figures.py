"""The talk's figures, and beside them those of a demo."""

from __future__ import annotations

import os
from dataclasses import dataclass

from rich.table import Table

from ...load.run import Moment
from ...load.verdict import seconds
from .browser import Opened, Waited

CAPTION = (
    "Left: the talk of 2023, on AWS. Right: this machine, with {cores} cores for the site, its database, the visitors "
    "and an emulated AWS, which takes for a resume the 15 s that AWS documents. They show that it holds, and not how "
    "fast AWS is."
)


@dataclass(frozen=True)
class Release:
    """A deployment under load."""

    visitors: int
    whole: Moment
    """What the visitors met meanwhile."""


@dataclass
class Figures:
    """What a demo measured, as far as it has come."""

    awake: Opened
    saved: Opened
    """While the database slept."""
    editor: Waited
    woken: float
    """Seconds that wake_db took."""
    asking: dict[int, Moment]
    """By the number of visitors, each request with a question to the database."""
    reading: Moment
    """As many as the most of those, on a saved page."""
    release: Release


def table(figures: Figures) -> Table:
    drawn = Table(title="The talk's figures, and these", title_style="bold", title_justify="left", expand=False)
    drawn.caption, drawn.caption_justify = CAPTION.format(cores=os.cpu_count()), "left"
    drawn.add_column("")
    drawn.add_column("the talk", justify="right")
    drawn.add_column("here", justify="right", style="bold")
    for row in rows(figures):
        drawn.add_row(*row)
    return drawn


def rows(figures: Figures) -> list[tuple[str, str, str]]:
    most = max(figures.asking)
    told = [
        ("a visit while awake", "0.227 s", seconds(figures.awake.seconds)),
        ("first visit after a pause", "30.249 s", f"{seconds(figures.saved.seconds)}, and the database slept on"),
        ("an editor after a pause", "30.249 s", f"told so in {seconds(figures.editor.waking_page)}"),
        ("", "", f"in after {seconds(figures.editor.arrival)}"),
        ("wake_db", "none", seconds(figures.woken)),
    ]
    for visitors, moment in figures.asking.items():
        talk = "65.8 requests/s, p95 3.17 s" if visitors == 150 else ""
        told.append((f"{visitors} at once, each asks the database", talk, load(moment)))
    told.append((f"{most} at once, on a saved page", "", load(figures.reading)))
    told.append(("errors in all of these loads", "up to 1,150 5xx a minute", errors(figures)))
    released = figures.release
    told.append(
        (
            f"a release under {released.visitors} at once",
            "",
            f"{released.whole.failed.total():,} of {released.whole.requests:,} failed",
        )
    )
    return told


def load(moment: Moment) -> str:
    return f"{moment.rate:,.1f} requests/s, p95 {seconds(moment.p95)}"


def errors(figures: Figures) -> str:
    wholes = [*figures.asking.values(), figures.reading]
    failed = sum(each.failed.total() for each in wholes)
    return f"{failed:,} of {sum(each.requests for each in wholes):,}"
