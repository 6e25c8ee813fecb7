"""A visitor and an editor of the site, over HTTP: what a person does in a browser, done by a script."""

from __future__ import annotations

import io
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup
from PIL import Image

SECONDS = 30  # for one answer; the first renders pictures


class Unexpected(Exception):
    """The site answered something else than a person would want to see."""


class Browser:
    """One person's browser, with its cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.session = requests.Session()

    def get(self, path: str, shows: str = "", status: int = 200) -> BeautifulSoup:
        """Open a page; raises Unexpected if it does not show the words."""
        return self._page(self.session.get(urljoin(self.address, path), timeout=SECONDS), shows, status)

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
        add = self.get("/admin/pages/").select_one("a[href*='/add_subpage/']")
        if add is None:
            raise Unexpected("/admin/pages/: there is no home page to add a page below")
        parent = add["href"].split("/")[3]  # /admin/pages/3/add_subpage/?next=…
        form = {
            "title": title,
            "slug": slug,
            "body-count": "0",
            "comments-TOTAL_FORMS": "0",
            "comments-INITIAL_FORMS": "0",
            "action-publish": "action-publish",
        }
        self.send(f"/admin/pages/add/home/standardpage/{parent}/", form)
        self.get(f"/{slug}/", shows=title)

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

    def _page(self, answer: requests.Response, shows: str, status: int) -> BeautifulSoup:
        if answer.status_code != status or shows not in answer.text:
            wanted = f"{status}" + (f' and "{shows}"' if shows else "")
            raise Unexpected(f"{answer.url}: {answer.status_code}, and not {wanted}")
        return BeautifulSoup(answer.text, "html.parser")
