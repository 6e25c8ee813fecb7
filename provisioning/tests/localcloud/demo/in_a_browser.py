"""The demo as `make demo` plays it, shorter, with a real Chromium for visitor and editor. A program of its own.

There is one local cloud in a process, and the session of the tests has one already.
"""

import io
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scale0site.settings.dev")

import django
from PIL import Image
from playwright.sync_api import TimeoutError as NotThere
from playwright.sync_api import sync_playwright
from rich.console import Console

from provisioning.localcloud.cloud import LocalCloud
from provisioning.localcloud.demo.browser import Opened, Unexpected, Waited
from provisioning.localcloud.demo.figures import table
from provisioning.localcloud.demo.people import People
from provisioning.localcloud.demo.play import Pace, Play
from provisioning.localcloud.demo.project import copy_project
from provisioning.localcloud.demo.terminal import point_at
from provisioning.tests.models.witness import watched
from sleeping.tests import browser

SPEED = 100.0
# During the release each of the 201 reads for some seconds: other tests want the processors, too.
PACE = Pace(load_seconds=1.0, resume_speed=4.0, reading=20.0, slowest=60.0)
PATIENCE = 40_000  # milliseconds
# Three images are built, and scripts are most of what an image build compresses.
QUICKER = """
from whitenoise.compress import Compressor
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "js", "css", "svg")
"""
# Who publishes a new page while Wagtail saves it by itself has made it twice, and is told that its slug is taken.
NOT_BY_ITSELF = "WAGTAIL_AUTOSAVE_INTERVAL = 0\n"

windows = []


class Person:
    """One window. What a person sees is what counts, not what came over the wire."""

    def __init__(self, chromium, address):
        self.address = address
        self._context = chromium.new_context(viewport={"width": 1400, "height": 1000})
        self._context.set_default_timeout(PATIENCE)
        self._context.route("https://releases.wagtail.org/**", lambda route: route.fulfill(status=204))
        self.page = self._context.new_page()
        windows.append(self.page)

    def open(self, path, shows):
        began = time.monotonic()
        answer = self.page.goto(self.address.rstrip("/") + path, wait_until="domcontentloaded")
        took = time.monotonic() - began
        if answer.status != 200 or shows not in self.page.content():
            raise Unexpected(f"{path}: {answer.status}, and not {shows}")
        return Opened(took, answer.headers.get("cache-status", ""))

    def get_in(self, path, shows):
        began = time.monotonic()
        answer = self.page.goto(self.address.rstrip("/") + path, wait_until="domcontentloaded")
        met = time.monotonic() - began
        if answer.status != 503:
            raise Unexpected(f"{path}: {answer.status}, and no waking page")
        self.page.get_by_role("heading", name="The site is waking up").wait_for()
        self.page.get_by_text(shows).first.wait_for()  # the waking page opens it by itself
        return Waited(met, time.monotonic() - began)

    def set_password(self, link, password):
        self.page.goto(link)
        self.page.locator("input[name=new_password1]").fill(password)
        self.page.locator("input[name=new_password2]").fill(password)
        self.page.locator("input[name=new_password2]").press("Enter")
        self.page.wait_for_url("**/complete/")

    def log_in(self, username, password):
        self.page.goto(f"{self.address}admin/login/")
        self.page.get_by_label("Username").fill(username)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url("**/admin/")

    def publish_page(self, title, slug):
        self._open_home("add_subpage/")
        self.page.get_by_role("link", name="Standard page", exact=True).click()
        browser.give_title(self.page, title)
        self._publish()

    def edit_page(self, slug, title):
        self._open_home()
        self.page.locator("td.title").get_by_role("link", name="A page of the demo").first.click()
        browser.give_title(self.page, title)
        self._publish()

    def upload_picture(self, title):
        file = io.BytesIO()
        Image.new("RGB", (320, 200), "#7a5cff").save(file, "PNG")
        self.page.goto(f"{self.address}admin/images/add/")
        self.page.locator("input[name=title]").fill(title)
        picture = {"name": "picture.png", "mimeType": "image/png", "buffer": file.getvalue()}
        self.page.locator("input[type=file]").set_input_files(picture)
        self.page.get_by_role("button", name="Upload").click()
        self.page.get_by_text(title).first.wait_for()

    def _open_home(self, below=""):
        """Its part of the explorer, which is listed under the root."""
        self.page.goto(f"{self.address}admin/pages/")
        home = self.page.locator("td.title a[href$='/edit/']").first.get_attribute("href")
        self.page.goto(self.address.rstrip("/") + home.replace("edit/", below))

    def _publish(self):
        self.page.get_by_role("button", name="More actions").last.click()
        self.page.get_by_role("button", name="Publish").click()
        self.page.get_by_role("link", name="View live").wait_for()
        self.page.goto("about:blank")  # the editor's pings would keep the database awake


def main():
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalCloud(speed=SPEED, say=lambda line: print(f"  {line}", flush=True)) as cloud,
        watched(cloud),
        sync_playwright() as playwright,
    ):
        point_at(cloud)
        django.setup()
        chromium = playwright.chromium.launch(
            executable_path=browser.find(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        source = copy_project(Path(folder), SPEED)
        for name, more in (("build", QUICKER), ("production", NOT_BY_ITSELF)):
            with (source / "scale0site" / "settings" / f"{name}.py").open("a") as settings:
                settings.write(more)
        people = People(lambda address: Person(chromium, address), lambda address: Person(chromium, address))
        try:
            figures = Play(cloud, source, people, sys.stdout, PACE).perform()
        except NotThere as error:
            shown = [f"{page.url}:\n{page.inner_text('body')}" for page in windows]
            raise Unexpected("\n\n".join([str(error), *shown])) from error
        Console(width=120).print(table(figures))
        chromium.close()


if __name__ == "__main__":
    main()
