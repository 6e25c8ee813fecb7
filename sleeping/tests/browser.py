"""The browser for the tests: finds a Chromium on this machine, or installs Debian's. `make browser` runs it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ON_MACOS = tuple(
    f"{folder}/{name}.app/Contents/MacOS/{name}"
    for folder in ("/Applications", str(Path.home() / "Applications"))
    for name in ("Google Chrome", "Chromium")
)
REMEDY = "Install Chromium or Google Chrome in your own way, or name one: CHROMIUM=/path/to/chrome make test"
APT = ("apt-get", "install", "--yes", "--no-install-recommends", "chromium")


def find() -> str | None:
    """The path of one: what CHROMIUM names, or the first that is there."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else [*NAMES, *ON_MACOS])), None)


def give_title(page: Any, title: str) -> None:
    """As slowly as a person: Wagtail makes a new page's slug a moment later, and refuses a page without."""
    from playwright.sync_api import expect

    field = title_field(page)
    field.fill(title)
    field.blur()
    expect(page.locator("input[name=slug]")).not_to_have_value("", timeout=30_000)


def title_field(page: Any) -> Any:
    """Of Wagtail's page editor, when its scripts are there: they do not see what was typed before."""
    page.locator("form#page-edit-form:not([data-controller~='w-init'])").wait_for()
    return page.get_by_role("textbox", name="Title*", exact=True)


def install() -> str:
    """By apt-get, as root or by sudo. Its path; or an exit that says what failed, and what to do."""
    as_root = () if os.geteuid() == 0 else ("sudo",)
    if not shutil.which(APT[0]) or not all(map(shutil.which, as_root)):
        sys.exit(f"Browser: none is here, and none could be installed. There is no apt-get, or no sudo. {REMEDY}")
    # Later than a day or so, what the first would fetch is no longer there.
    for command in (("apt-get", "update"), APT):
        if code := subprocess.run(
            [*as_root, *command], env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        ).returncode:
            sys.exit(f"Browser: could not be installed. `{' '.join(command)}` says: exit code {code}. {REMEDY}")
    path = find()
    # Ubuntu's package of that name stands for a snap, which no container can run.
    if path is None or subprocess.run([path, "--version"], capture_output=True).returncode:
        sys.exit(f"Browser: was installed, and does not start. `{path} --version` fails. {REMEDY}")
    return path


if __name__ == "__main__":
    print(f"Browser: {find() or install()}")
