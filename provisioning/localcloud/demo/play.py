"""The scenes of the demo, one after another. Each raises StepFailed or Unexpected where it does not hold."""

from __future__ import annotations

import secrets
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from rich.console import Console

from ...aws import Aws
from ...config import Config
from ...load.panel import show
from ...load.run import Load, Moment
from ...load.verdict import judge, seconds, summary
from ...load.watch import Watch
from ..cloud import LocalCloud
from ..remains import remains
from .browser import Opened, Unexpected, Waited
from .figures import Figures, Release
from .news import News
from .people import OVER_HTTP, People
from .project import change, copy_project
from .site import Site, StepFailed, provision

AT_ONCE = (25, 150, 201)
# Made anew for each visitor, with four queries, as the talk's home page was. The home page comes from its saved copy.
ASKING, READING = "search/", ""
ARRIVING = 3.0  # seconds in which the visitors of the release come to be there
TITLE, SLUG = "A page of the demo", "a-page-of-the-demo"
PATIENCE = 60.0  # seconds of ours, for a database to fall asleep or an edit to show


@dataclass(frozen=True)
class Pace:
    """How fast it is played."""

    load_seconds: float = 8.0
    resume_speed: float = 1.0
    """AWS's seconds in one of ours while the database resumes: by 1, it takes the 15 s that AWS documents."""
    at_once: tuple[int, ...] = AT_ONCE
    released_under: int = max(AT_ONCE)
    """How many visitors there are during the release."""
    reading: float = 0.0
    """Seconds that each of them reads before the next click."""
    slowest: float = 15.0
    """Seconds that 95 of 100 may wait, where all of it runs on one small machine."""


class Play:
    """`source` is a folder of the project, which it changes; `cloud` runs already, and boto3 finds it."""

    def __init__(self, cloud: LocalCloud, source: Path, people: People, stdout: Any, pace: Pace) -> None:
        self.cloud, self.source, self.people, self.stdout, self.pace = cloud, source, people, stdout, pace
        self.console = Console(file=stdout, highlight=False)

    def perform(self) -> Figures:
        with override_settings(BASE_DIR=self.source):
            self.scene("The site is made")
            self.begin(provision(self.stdout))
            self.scene("Somebody comes, and an editor sets to work")
            awake = self.visits()
            self.scene("Nobody comes: the database falls asleep")
            self.falls_asleep()
            self.scene("A visitor comes")
            saved = self.reads_asleep()
            self.scene("The editor comes back")
            editor = self.gets_in()
            self.scene("It sleeps again, and is woken before a demonstration")
            self.falls_asleep()
            woken = self.is_woken()
            self.scene("A page is edited")
            self.is_edited()
            asking = {}
            for visitors in self.pace.at_once:
                self.scene(f"{visitors} come at once, and each asks the database")
                asking[visitors] = self.stands(visitors, ASKING)
            self.scene(f"{max(self.pace.at_once)} come at once, and read")
            reading = self.stands(max(self.pace.at_once), READING)
            self.scene("A second release, while people are there")
            release = self.is_released()
            self.scene("All of it goes")
            self.goes()
        return Figures(awake, saved, editor, woken, asking, reading, release)

    def begin(self, site: Site) -> None:
        self.site = site
        self.config = Config.load(getattr(settings, "PROVISIONING", {}))
        self.watch = Watch(self.config, Aws(tags=self.config.tags))
        self.news = News(self.say)
        self.visitor = self.people.visitor(site.address)
        self.editor = self.people.editor(site.address)

    def visits(self) -> Opened:
        self.visitor.open("/", shows="<h1")
        self.visitor.open("/search/?query=sleep", shows="sleep")
        awake = self.visitor.open(f"/{ASKING}", shows="Search")
        self.say(f"the home page answers; one that asks the database, in {awake.seconds * 1000:.0f} ms")
        password = secrets.token_urlsafe(12)
        self.editor.set_password(self.site.invitation, password)
        self.editor.log_in("admin", password)
        self.say("the first superuser sets a password by the link, and logs in")
        self.editor.upload_picture("A picture of the demo")
        self.say("a picture is uploaded to the bucket and shown")
        self.editor.publish_page(TITLE, SLUG)
        self.shows(f"/{SLUG}/", TITLE, saved=True)
        self.say("a new page is published, and visitors see it")
        return awake

    def falls_asleep(self) -> None:
        """Its sessions end, its pause begins: CloudWatch and RDS's events tell."""
        began, told = time.monotonic(), None
        while True:
            self.news.tell()
            seen = self.watch.look(time.monotonic())
            if (now := (seen.connections, seen.capacity)) != told and None not in now:
                told = now
                self.say(f"CloudWatch: {seen.connections:g} connections, {seen.capacity:g} ACU")
            if seen.capacity == 0:
                break
            if time.monotonic() - began > PATIENCE:
                raise StepFailed(f"The database did not fall asleep within {PATIENCE:g} s")
            time.sleep(0.25)
        self.news.tell()
        took = time.monotonic() - began
        self.say(f"it sleeps after {took:.0f} s of ours, which are {took * self.cloud.speed:.0f} of AWS's")

    def reads_asleep(self) -> Opened:
        saved = self.visitor.open(f"/{SLUG}/", shows=TITLE)
        if not is_hit(saved):
            raise StepFailed(f"/{SLUG}/: not answered by a saved copy: {saved.cache_status or 'no Cache-Status'}")
        must_be_quick(saved.seconds, 1, "a saved page")
        self.must_sleep("a saved page was read")
        self.say(f"the page is there in {saved.seconds * 1000:.0f} ms, from its saved copy; the database sleeps on")
        return saved

    def gets_in(self) -> Waited:
        with self.cloud.at(self.pace.resume_speed):
            waited = self.editor.get_in("/admin/", shows=TITLE)
        must_be_quick(waited.waking_page, 5, "the waking page")
        self.news.tell()
        self.say(f"the waking page is there in {waited.waking_page:.1f} s, the admin after {waited.arrival:.1f} s")
        return waited

    def is_woken(self) -> float:
        with self.cloud.at(self.pace.resume_speed):
            began = time.monotonic()
            call_command("wake_db", stdout=self.stdout)
            took = time.monotonic() - began
        self.news.tell()
        return took

    def is_edited(self) -> None:
        self.editor.edit_page(SLUG, "A better title")
        began = time.monotonic()
        self.shows(f"/{SLUG}/", "A better title")
        self.say(f"edited and published; visitors see it {time.monotonic() - began:.1f} s later")

    def stands(self, visitors: int, path: str) -> Moment:
        load = Load(self.site.address + path, visitors, self.pace.load_seconds)
        show(load, self.watch, self.console, self.say)
        if load.stopped or load.whole is None:
            raise KeyboardInterrupt
        verdict = judge(load.whole, self.pace.slowest, self.watch.peak)
        self.console.print(f"{summary(load.whole)}\n{verdict.text}", markup=False)
        if not verdict.held:
            raise StepFailed(f"{visitors} at once on {load.url}: the site did not stand the load")
        return load.whole

    def is_released(self) -> Release:
        shows = change(self.source)
        self.arrive()
        load = self.readers(3600)
        visitors = threading.Thread(target=lambda: list(load.moments()), name="demo's visitors")
        visitors.start()
        try:
            call_command("push_image", yes=True, builder="codebuild", stdout=self.stdout)
            self.shows("/", shows)
        except SystemExit:
            raise KeyboardInterrupt from None
        finally:
            load.stop()
            visitors.join()
        if load.whole is None or load.whole.failed or not load.whole.requests:
            raise StepFailed(f"The release was not without failed requests: {load.whole and load.whole.failed}")
        self.say(f"visitors see the second release; {load.whole.requests:,} requests meanwhile, and none failed")
        return Release(load.visitors, load.whole)

    def readers(self, lasting: float) -> Load:
        return Load(self.site.address + ASKING, self.pace.released_under, lasting, pause=self.pace.reading)

    def arrive(self) -> None:
        """The visitors of the release; since the last scene the database may have fallen asleep."""
        load = self.readers(ARRIVING)
        for _ in load.moments():
            pass
        if load.stopped:
            raise KeyboardInterrupt

    def goes(self) -> None:
        call_command("teardown", yes=True, data=True, no_snapshot=True, stdout=self.stdout)
        if left := remains():
            raise StepFailed(f"The teardown left {', '.join(left)}")

    def shows(self, path: str, words: str, saved: bool = False) -> None:
        """An edit and a release show at once in the process that took it, in others when they look again."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                if is_hit(self.visitor.open(path, shows=words)) or not saved:
                    return
            except Unexpected:
                if time.monotonic() > end:
                    raise
            if time.monotonic() > end:
                raise StepFailed(f"{path}: is not saved after {PATIENCE:g} s")
            time.sleep(0.1)

    def must_sleep(self, after: str) -> None:
        time.sleep(1.1)  # CloudWatch's least
        if self.watch.look(time.monotonic()).capacity != 0:
            raise StepFailed(f"The database woke: {after}")

    def scene(self, title: str) -> None:
        self.console.print()
        self.console.rule(f"[bold]{title}", align="left", style="dim")

    def say(self, line: str) -> None:
        self.console.print(f"  {line}", markup=False, soft_wrap=True)


def play(cloud: LocalCloud, stdout: Any) -> Figures:
    """With a copy of this project, and visitors who come by plain HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        source = copy_project(Path(folder), cloud.speed)
        return Play(cloud, source, OVER_HTTP, stdout, Pace()).perform()


def must_be_quick(took: float, most: float, what: str) -> None:
    if took > most:
        raise StepFailed(f"It took {seconds(took)} until {what} was there; {seconds(most)} may be")


def is_hit(opened: Opened) -> bool:
    """Whether it came from a copy of now. One from before a change wakes the database: it is worth that."""
    return "hit" in opened.cache_status and "stale" not in opened.cache_status
