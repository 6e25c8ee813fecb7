"""What the demo builds its images from: this project, with the clock of the local AWS, and then a second release."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from ...images.ignore import Ignore, files
from ..cloud import PROJECT

# AWS's seconds, which pass faster: what the site counts on when it says that its database may sleep.
TIMES = {"PAUSE_SECONDS": 300, "IDLE_SESSION_SECONDS": 60, "EDITOR_IDLE_SECONDS": 300}
# Seconds of ours: to hash a password takes one or two of them on a busy machine, between two queries of a session;
# and no database pauses sooner after its last query than 3 s after such a session has ended.
LEAST = {"IDLE_SESSION_SECONDS": 6, "PAUSE_SECONDS": 9}
FOOTER = "This site sleeps while nobody is here, and wakes when somebody comes."
SECOND = "This is its second release."


def copy_project(folder: Path, speed: float) -> Path:
    """What gets into an image of this project, in a folder of its own, with the site's times in local seconds."""
    for path in files(PROJECT, Ignore.of(PROJECT)):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / path, folder / path, follow_symlinks=False)
    times = {name: max(math.ceil(seconds / speed), LEAST.get(name, 1)) for name, seconds in TIMES.items()}
    with (folder / "scale0site" / "settings" / "production.py").open("a") as settings:
        settings.write(f"\n# The demo's: {speed:g} of AWS's seconds pass in one of ours.\n")
        settings.write(f"SLEEPING = {{**SLEEPING, **{times}}}\n")
    return folder


def change(folder: Path) -> str:
    """Make the second release of it; what a visitor then reads."""
    template = folder / "scale0site" / "templates" / "base.html"
    text = template.read_text()
    if FOOTER not in text:
        raise ValueError(f'{template} has no "{FOOTER}": tell provisioning/localcloud/demo/project.py what it has.')
    template.write_text(text.replace(FOOTER, f"{FOOTER} {SECOND}"))
    return SECOND
