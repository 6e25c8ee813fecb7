"""Saved pages of the whole site, in gunicorn on PostgreSQL: asleep, stopped, and with many editors at once."""

import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import psycopg2
import pytest
import requests

from provisioning.localcloud.processes import python_environment
from scale0site.bench.site import BASE, MADE_UP, NAME, manage, saving

HOST = {"Host": NAME}
ASLEEP = {"SLEEPING_PATIENCE_SECONDS": "1", "SLEEPING_RESTART_SECONDS": "1", "WEB_WORKERS": "1", "SITE_HOSTS": NAME}
ASSETS = {"img": ("src", "srcset"), "script": ("src",), "link": ("href",), "source": ("srcset",)}
WORDS = {"name": "Ada Lovelace", "e_mail": "ada@example.org", "message": "Is the mill open?\n“Tomorrow”, perhaps."}


class Assets(HTMLParser):
    """What a browser fetches with a page."""

    def __init__(self, html):
        super().__init__()
        self.found = set()
        self.fields = {}
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        told = dict(attributes)
        for name in ASSETS.get(tag, ()):
            if told.get("rel") not in ("canonical", "alternate"):
                self.found.update(each.split()[0] for each in told.get(name, "").split(", ") if each)
        if tag == "input":
            self.fields[told.get("name")] = told.get("value", "")


@pytest.fixture(scope="module")
def _starter(postgres, _template, _static, bucket, tmp_path_factory):
    """The folder with the saved pages of the starter site, whose database is the template "starter"."""
    url = postgres.create_database("starter", _template)
    production = MADE_UP | bucket | {"SITE_HOSTS": NAME, "DATABASE_URL": url, "BENCH_STATIC": str(_static)}
    manage("load_starter_content", **production)
    folder = tmp_path_factory.mktemp("starter") / "saved"
    saving(url, _static, {"BENCH_SAVED": str(folder)} | bucket)
    return folder


@pytest.fixture
def saved(postgres, _starter, bucket, tmp_path):
    """The starter site, all of which is saved: the URL of its database, and the environment of its server."""
    url = postgres.create_database("ours", "starter")
    yield url, ASLEEP | bucket | {"BENCH_SAVED": str(shutil.copytree(_starter, tmp_path / "saved"))}
    if not postgres.running:
        postgres.start()
    postgres.drop_database("ours")


def get(site, address, **headers):
    return requests.get(urljoin(site.address, address), headers=HOST | headers, allow_redirects=False, timeout=30)


def test_a_page_and_all_that_a_browser_fetches_with_it_are_there_while_postgresql_is_stopped(served, saved, postgres):
    """In a process that has never seen a database."""
    database, environment = saved
    postgres.stop()
    site = served(database, **environment)
    sitemap = get(site, "/sitemap.xml")
    assert sitemap.headers["Cache-Status"] == "saved-pages; hit"
    pages = [urlsplit(found).path for found in re.findall("<loc>(.*?)</loc>", sitemap.text)]
    assert len(pages) >= 5
    assets = {"/favicon.ico", "/robots.txt", "/healthz"}
    for path in pages:
        answer = get(site, path)
        assert (answer.status_code, answer.headers["Cache-Status"]) == (200, "saved-pages; hit"), path
        assets |= Assets(answer.text).found
        assert get(site, path, **{"If-None-Match": answer.headers.get("ETag", "none")}).status_code in (200, 304)
    kinds = {urlsplit(each).path.split("/")[1] for each in assets}
    assert {"static", "media"} <= kinds
    for asset in assets:
        answer = get(site, asset)
        if asset.startswith("/media/"):
            answer = requests.get(answer.headers["Location"], timeout=30)  # in the bucket
        assert answer.status_code == 200, asset
    assert get(site, "/wp-login.php").headers["Cache-Status"] == "saved-pages; hit; detail=not-found"
    assert not [line for line in site.lines if '"level": "ERROR"' in line or '"level": "WARNING"' in line]


def test_a_saved_form_is_sent_to_a_sleeping_site_and_arrives(served, saved, sleeping_front):
    database, environment = saved
    front = sleeping_front(resume=1.5, manner="close")
    site = served(front.url(database), **environment)
    front.sleep()
    visitor = requests.Session()
    visitor.headers.update(HOST)
    page = visitor.get(f"{site.address}/contact/", timeout=30)
    assert page.headers["Cache-Status"] == "saved-pages; hit"
    assert "private" in page.headers["Cache-Control"]
    other = requests.get(f"{site.address}/contact/", headers=HOST, timeout=30)
    tokens = [Assets(each.text).fields["csrfmiddlewaretoken"] for each in (page, other)]
    assert len(set(tokens)) == 2
    assert front.sessions == 0

    def send(**fields):
        return visitor.post(f"{site.address}/contact/", data=fields, timeout=30)

    answer = send(csrfmiddlewaretoken=tokens[0], **WORDS)
    assert (answer.status_code, answer.headers["X-Sleeping"]) == (503, "waking")
    end = time.monotonic() + 30
    while answer.status_code == 503 and time.monotonic() < end:
        time.sleep(0.1)
        answer = send(**Assets(answer.text).fields)
    assert "Thank you. Your message has arrived." in answer.text
    assert send(csrfmiddlewaretoken=tokens[1], **WORDS).status_code == 403
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT form_data FROM wagtailforms_formsubmission")
        assert cursor.fetchall() == [(WORDS,)]
    connection.close()


EDITORS = """
from concurrent.futures import ThreadPoolExecutor
from django.db import connection, transaction
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page

def edit(number, pk):
    try:
        for turn in range(25):
            with transaction.atomic():
                Page.objects.filter(pk=pk).update(title=f"By {NAME}, {turn}")
                if turn % 5 == number:
                    Redirect.add_redirect(f"/{NAME}/{number}/{turn}/", "/")
    finally:
        connection.close()

pages = list(Page.objects.filter(depth=3).order_by("pk").values_list("pk", flat=True)[:4])
with ThreadPoolExecutor() as pool:
    list(pool.map(edit, range(len(pages)), pages))
"""

LEFT = """
from sleeping.models import Change, Generation
from sleeping.saved.site import here
row, told = Generation.objects.get(), here().generation()
print(Change.objects.count(), (row.number, row.barrier) == (told.number, told.barrier))
"""


def test_editors_who_publish_at_once_leave_nothing_uncounted_and_the_last_word_is_shown(served, saved, _static):
    """Two processes of four threads each, on the same four pages. (Wagtail's own index of the search deadlocks so.)"""
    database, environment = saved
    ours = python_environment(MADE_UP | environment | {"DATABASE_URL": database, "BENCH_STATIC": str(_static)})

    def shell(script):
        command = [sys.executable, "manage.py", "shell", "--no-imports", "-v", "0", "-c", script]
        ran = subprocess.run(command, cwd=BASE, env=ours, capture_output=True, text=True, timeout=120)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout.split()

    site = served(database, **environment)
    with ThreadPoolExecutor() as pool:
        list(pool.map(shell, [f"NAME = {name!r}\n{EDITORS}" for name in ("Ada", "Ben")]))
    assert shell(LEFT) == ["0", "True"]
    time.sleep(3)  # SLEEPING["MEMORY_SECONDS"]
    with psycopg2.connect(database) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT url_path, title FROM wagtailcore_page WHERE depth = 3 ORDER BY id LIMIT 4")
        for path, title in cursor.fetchall():
            assert f"<title>{title}" in get(site, "/" + path.split("/", 2)[2]).text
    connection.close()
