"""A real browser under both policies, before the site in gunicorn. Skipped where there is no browser.

Its uploads are in an S3 of another origin. Nobody meets the policy but the browser: it tells of all that it stops.
"""

import contextlib
import io

import psycopg2
import pytest
from django.contrib.auth.hashers import make_password
from PIL import Image

from scale0site.settings import policy
from sleeping.tests import browser
from sleeping.tests.test_in_a_browser import NAME, PASSWORD, PATIENCE, USER, log_in

LISTEN = """
addEventListener("securitypolicyviolation", (event) =>
  console.error("stopped", event.effectiveDirective, event.blockedURI, event.sourceFile, event.lineNumber));
"""


class Watched:
    """Windows of one browser, and what went wrong in them."""

    def __init__(self, chromium, site):
        self.address = site.address
        self._site = site
        self.wrong = []
        self.pictures = []
        self._context = chromium.new_context(viewport={"width": 1500, "height": 1000})
        self._context.set_default_timeout(PATIENCE)
        self._context.add_init_script(LISTEN)
        # The admin asks Wagtail's own site for a newer release. No test needs the internet.
        self._context.route("https://releases.wagtail.org/**", lambda route: route.fulfill(status=204))
        self._context.on("console", self._hear)
        self._context.on("weberror", lambda error: self.wrong.append(str(error.error)))
        self._context.on("response", self._see)
        self._context.on("requestfailed", self._miss)
        self.page = self._context.new_page()

    def _hear(self, message):
        if message.text.startswith("stopped") or "Security Policy" in message.text:
            self.wrong.append(message.text)

    def _see(self, response):
        if response.request.resource_type == "image":
            self.pictures.append(response.url)
        if response.status >= 500:
            self.wrong.extend(line for line in self._site.lines if '"level": "ERROR"' in line)
        if response.status >= 400:
            self.wrong.append(f"{response.status} {response.url}")

    def _miss(self, request):
        if request.failure != "net::ERR_ABORTED":  # by going on to another page
            self.wrong.append(f"{request.failure} {request.url}")

    def go(self, path):
        self.page.goto(self.address + path, wait_until="load")

    def shown(self):
        """How wide the pictures of the page are, by the browser's own account."""
        self.page.wait_for_function("[...document.images].every((image) => image.complete)")
        return self.page.evaluate("[...document.images].map((image) => image.naturalWidth)")

    def close(self):
        self._context.close()


@pytest.fixture
def site(served, database, bucket, tmp_path):
    """In gunicorn, answering: a bench.site.Server."""
    with contextlib.closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(USER, [NAME, make_password(PASSWORD)])
    saved = str(tmp_path / "saved")
    return served(database, WEB_WORKERS="1", BENCH_SAVED=saved, BENCH_AUTOSAVE="0", **bucket)


@pytest.fixture
def watched(chromium, site):
    with contextlib.ExitStack() as open_ones:

        def new():
            return open_ones.enter_context(contextlib.closing(Watched(chromium, site)))

        yield new


def picture():
    file = io.BytesIO()
    Image.new("RGB", (1600, 900), "teal").save(file, "PNG")
    return {"name": "teal.png", "mimeType": "image/png", "buffer": file.getvalue()}


def test_an_editor_and_a_visitor_meet_no_policy(watched, bucket):
    """Logging in, uploads, the page's editor with its choosers and panels, publishing, and what visitors see then."""
    editor = watched()
    page = editor.page

    editor.go("/admin/login/?next=/admin/images/multiple/add/")
    log_in(page)
    page.locator("input[type=file]").first.set_input_files(picture())
    page.get_by_role("button", name="Update").wait_for()
    editor.go("/admin/images/1/")  # where its focal point is chosen
    page.locator(".jcrop-holder").wait_for()

    editor.go("/admin/pages/add/home/standardpage/3/")
    browser.give_title(page, "By night")
    page.get_by_role("button", name="Choose an image").click()
    page.get_by_role("link", name="teal").first.click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("button", name="Insert a block").first.click()
    page.get_by_role("option", name="Text").click()
    page.locator("[contenteditable]").last.click()
    page.keyboard.type("Some words")
    page.get_by_role("button", name="Toggle preview").click()
    preview = page.frame_locator("iframe[title=Preview]").last
    preview.get_by_role("heading", name="By night").wait_for()
    page.get_by_role("button", name="More actions").last.click()
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("link", name="View live").wait_for()

    editor.go("/by-night/")
    page.locator("wagtail-userbar").get_by_role("button", name="View Wagtail quick actions").click()
    page.locator("wagtail-userbar").get_by_role("menuitem", name="Edit this page").wait_for()
    assert all(editor.shown())
    for path in ("/admin/", "/admin/pages/3/", "/admin/users/", "/django-admin/auth/user/1/change/"):
        editor.go(path)
    assert editor.wrong == []

    visitor = watched()
    for path in ("/", "/by-night/", "/by-night/", "/search/?query=night"):
        visitor.go(path)
        assert visitor.page.evaluate("document.fonts.ready.then((fonts) => fonts.size)") == 2
        if "night/" in path:
            assert all(visitor.shown()) and visitor.shown()
    assert any(address.startswith(bucket["AWS_ENDPOINT_URL"]) for address in visitor.pictures)
    assert visitor.wrong == []

    visitor.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>')")
    visitor.page.evaluate("document.body.append(Object.assign(document.createElement('script'), {text: 'let i'}))")
    visitor.page.wait_for_timeout(50)
    stopped = {line.split()[1] for line in visitor.wrong if line.startswith("stopped")}
    assert stopped == {"script-src-attr", "script-src-elem"}  # so the others would have been told of, too


def test_the_page_that_stands_alone_is_dressed(chromium):
    """In front of a site of which nothing else can be had."""
    from django.template.loader import get_template

    allowed = "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.public().items())
    with contextlib.closing(chromium.new_context()) as context:
        page = context.new_page()
        page.route(
            "**",
            lambda route: route.fulfill(
                status=500,
                body=get_template("500.html").render(),
                headers={"Content-Type": "text/html", "Content-Security-Policy": allowed},
            ),
        )
        page.goto("http://127.0.0.1/")
        assert page.evaluate("getComputedStyle(document.body).display") == "grid"
