"""The talk's demo from its first scene to its last, with a real browser: the whole project in one run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.budget import THREADS, WORKERS
from provisioning.config import Config
from provisioning.localcloud.exports import MISLEADING
from sleeping.tests import browser

PROJECT = Path(__file__).parents[4]
PATIENCE = 400  # seconds


@pytest.fixture(scope="module")
def played():
    if browser.find() is None:
        pytest.skip("There is no Chromium on this machine: `make browser` installs one.")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_") and k not in MISLEADING}
    environment["DJANGO_SETTINGS_MODULE"] = "scale0site.settings.dev"
    return subprocess.run(
        [sys.executable, "-m", f"{__package__}.in_a_browser"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


def test_every_scene_holds_and_nothing_is_left(played):
    assert played.returncode == 0, played.stdout[-4000:] + played.stderr[-4000:]
    scenes = re.findall(r"^(\S.*?) ─+$", played.stdout, re.MULTILINE)
    assert scenes == [
        "The site is made",
        "Somebody comes, and an editor sets to work",
        "Nobody comes: the database falls asleep",
        "A visitor comes",
        "The editor comes back",
        "It sleeps again, and is woken before a demonstration",
        "A page is edited",
        "25 come at once, and each asks the database",
        "150 come at once, and each asks the database",
        "201 come at once, and each asks the database",
        "201 come at once, and read",
        "A second release, while people are there",
        "All of it goes",
    ]
    assert "AWS has nothing of it left." in played.stdout


def test_rds_and_cloudwatch_tell_of_the_sleep(played):
    asleep, _, awake = played.stdout.partition("The editor comes back")
    assert "RDS, scale0-dev: The DB cluster is being paused." in asleep
    assert "0 connections, 0 ACU" in asleep
    assert "RDS, scale0-dev: The DB cluster is resumed." in awake


def test_no_load_takes_more_connections_than_all_instances_may(played):
    words = " ".join(played.stdout.split())
    taken = [int(count) for count in re.findall(r"(\d+) of [\d,]+ connections were taken at most", words)]
    assert len(taken) == 4
    assert 0 < max(taken) <= Config().max_instances * WORKERS * THREADS


def test_it_ends_with_the_talks_figures_beside_its_own(played):
    end = played.stdout[played.stdout.index("The talk's figures, and these") :]
    for theirs in ("30.249 s", "0.227 s", "65.8 requests/s, p95 3.17 s", "up to 1,150 5xx a minute"):
        assert theirs in end
    assert re.search(r"errors in all of these loads .* 0 of [\d,]+", end)
    assert "an emulated AWS" in " ".join(end.split())
