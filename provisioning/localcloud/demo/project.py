"""What the demo builds its images from: this project, with the clock of the local AWS, and then a second release."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

from ...images.ignore import Ignore, files
from ..cloud import PROJECT

# AWS's seconds, and so divided: what the site counts on when it says that its database may sleep.
TIMES = {"PAUSE_SECONDS": 300, "IDLE_SESSION_SECONDS": 60, "EDITOR_IDLE_SECONDS": 300}
FOOTER = "This site sleeps while nobody is here, and wakes when somebody comes."
SECOND = "This is its second release."


def copy_project(folder: Path, speed: float) -> Path:
    """What gets into an image of this project, in a folder of its own, with the site's times in local seconds."""
    for path in files(PROJECT, Ignore.of(PROJECT)):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / path, folder / path, follow_symlinks=False)
    times = {name: max(math.ceil(seconds / speed), 1) for name, seconds in TIMES.items()}
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
