"""A visitor and an editor of the site, over HTTP: what a person does in a browser, done by a script."""

from __future__ import annotations

import io
import time
from dataclasses import dataclass
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup
from PIL import Image

SECONDS = 30  # for one answer; the first renders pictures


PATIENCE = 90  # for a site to wake


class Unexpected(Exception):
    """The site answered something else than a person would want to see."""


@dataclass(frozen=True)
class Opened:
    """A page that was there."""

    seconds: float
    cache_status: str
    """What the site says of how it was answered (RFC 9211); empty where no copy is meant."""


@dataclass(frozen=True)
class Waited:
    """A page that had to be waited for; seconds from the click."""

    waking_page: float
    arrival: float


class Browser:
    """One person's browser, with its cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()

    def get(self, path: str, shows: str = "", status: int = 200) -> BeautifulSoup:
        """Open a page; raises Unexpected if it does not show the words."""
        return self._page(self.session.get(urljoin(self.address, path), timeout=SECONDS), shows, status)

    def open(self, path: str, shows: str) -> Opened:
        """Open a page as `get` does, and tell how that went."""
        began = time.monotonic()
        answer = self.session.get(urljoin(self.address, path), timeout=SECONDS)
        took = time.monotonic() - began
        self._page(answer, shows, 200)
        return Opened(took, answer.headers.get("Cache-Status", ""))

    def get_in(self, path: str, shows: str) -> Waited:
        """Open a page of a site that sleeps, and look as often as its waking page does until it is there."""
        began = time.monotonic()
        answer = self.session.get(urljoin(self.address, path), timeout=SECONDS)
        met = time.monotonic() - began
        if answer.headers.get("X-Sleeping") != "waking":
            raise Unexpected(f"{answer.url}: {answer.status_code}, and not a page that says that the site is waking")
        while answer.headers.get("X-Sleeping") == "waking" and time.monotonic() - began < PATIENCE:
            time.sleep(int(answer.headers["Retry-After"]))
            answer = self.session.get(urljoin(self.address, path), timeout=SECONDS)
        self._page(answer, shows, 200)
        return Waited(met, time.monotonic() - began)

    def send(self, path: str, form: dict[str, str], shows: str = "", files: dict | None = None) -> BeautifulSoup:
        """Fill in the form on that page and send it, its hidden token included."""
        url = urljoin(self.address, path)
        token = self.get(path).find("input", {"name": "csrfmiddlewaretoken"})
        if token is None:
            raise Unexpected(f"{path}: there is no form")
        answer = self.session.post(
            url,
            data={"csrfmiddlewaretoken": token["value"], **form},
            files=files,
            headers={"Referer": url},
            timeout=SECONDS,
        )
        return self._page(answer, shows, 200)

    def log_in(self, username: str, password: str) -> None:
        form = {"username": username, "password": password}
        self.send("/admin/login/", form, shows="Log out")

    def set_password(self, link: str, password: str) -> None:
        """Follow an invitation and do as it says."""
        form = self._page(self.session.get(link, timeout=SECONDS), "new_password1", 200)
        token = form.find("input", {"name": "csrfmiddlewaretoken"})
        answer = self.session.post(
            urljoin(link, "../set-password/"),
            data={"csrfmiddlewaretoken": token["value"], "new_password1": password, "new_password2": password},
            headers={"Referer": link},
            timeout=SECONDS,
        )
        self._page(answer, "", 200)

    def publish_page(self, title: str, slug: str) -> None:
        """Make a standard page below the home page and publish it."""
        form = {
            "title": title,
            "slug": slug,
            "body-count": "0",
            "comments-TOTAL_FORMS": "0",
            "comments-INITIAL_FORMS": "0",
            "action-publish": "action-publish",
        }
        self.send(f"/admin/pages/add/home/standardpage/{self._parent()}/", form)
        self.get(f"/{slug}/", shows=title)

    def edit_page(self, slug: str, title: str) -> None:
        """Give that page another title, and publish it."""
        pages = self.get(f"/admin/pages/{self._parent()}/").select("tr")
        edit = next((row.select_one("a[href$='/edit/']") for row in pages if f"/{slug}/" in str(row)), None)
        if edit is None:
            raise Unexpected(f"/admin/pages/: there is no page {slug} to edit")
        form = {"title": title, "slug": slug, "body-count": "0", "action-publish": "action-publish"}
        self.send(edit["href"], {**form, "comments-TOTAL_FORMS": "0", "comments-INITIAL_FORMS": "0"})

    def upload_picture(self, title: str) -> bytes:
        """Put a picture into the library and fetch what the library then shows of it."""
        file = io.BytesIO()
        Image.new("RGB", (320, 200), "#7a5cff").save(file, "PNG")
        page = self.send(
            "/admin/images/add/",
            {"title": title, "collection": "1"},
            files={"file": ("picture.png", file.getvalue(), "image/png")},
            shows=title,
        )
        shown = page.find("img", src=lambda src: bool(src) and "picture" in src)
        if shown is None:
            raise Unexpected("/admin/images/: the picture is not shown")
        answer = self.session.get(urljoin(self.address, shown["src"]), timeout=SECONDS)
        if answer.status_code != 200 or not answer.headers["Content-Type"].startswith("image/"):
            raise Unexpected(f"{shown['src']}: {answer.status_code} {answer.headers.get('Content-Type')}")
        return answer.content

    def _parent(self) -> str:
        """The home page's number."""
        add = self.get("/admin/pages/").select_one("a[href*='/add_subpage/']")
        if add is None:
            raise Unexpected("/admin/pages/: there is no home page to add a page below")
        return str(add["href"]).split("/")[3]  # /admin/pages/3/add_subpage/?next=…

    def _page(self, answer: requests.Response, shows: str, status: int) -> BeautifulSoup:
        if answer.status_code != status or shows not in answer.text:
            wanted = f"{status}" + (f' and "{shows}"' if shows else "")
            raise Unexpected(f"{answer.url}: {answer.status_code}, and not {wanted}")
        return BeautifulSoup(answer.text, "html.parser")
