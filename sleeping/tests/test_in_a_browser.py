"""A real browser before a real gunicorn, whose real PostgreSQL sleeps. Skipped where there is no browser."""

import contextlib
import re

import psycopg2
import pytest
from django.contrib.auth.hashers import make_password

from . import browser

PATIENCE = 60_000  # milliseconds: the machine may be busy
NEVER = 600.0  # seconds to resume: a test wakes it itself, however long the browser takes
AWAKE = re.compile("^The site is awake")  # a mere text would be found in "as soon as the site is awake", too
NAME, PASSWORD = "editor", "a-password-of-the-tests"

USER = """
    INSERT INTO auth_user
        (username, password, is_superuser, is_staff, is_active, first_name, last_name, email, date_joined)
    VALUES (%s, %s, true, true, true, '', '', '', now())
"""


@pytest.fixture
def front(sleeping_front):
    return sleeping_front(resume=NEVER)


@pytest.fixture
def site(chromium, served, front, database):
    """Its address. It is served, and has answered nobody yet."""
    with contextlib.closing(psycopg2.connect(database)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(USER, [NAME, make_password(PASSWORD)])
    return served(front.url(database), WEB_WORKERS="1", SLEEPING_RESTART_SECONDS="1").address


@pytest.fixture
def editor(site, visit):
    """An editor with the home page open, before a database that is awake."""
    page = visit(f"{site}/admin/login/?next=/admin/pages/3/edit/")
    log_in(page)
    page.get_by_role("textbox", name="Title*", exact=True).wait_for(timeout=PATIENCE)
    return page


def log_in(page):
    page.get_by_label("Username").fill(NAME)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def drafts(database):
    """Their titles."""
    with contextlib.closing(psycopg2.connect(database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT content ->> 'title' FROM wagtailcore_revision ORDER BY id")
        return [title for (title,) in cursor.fetchall()]


def is_waking(page):
    page.get_by_role("heading", name="The site is waking up").wait_for(timeout=PATIENCE)


def hears_that_it_is_awake(page):
    page.get_by_role("status").filter(has_text=AWAKE).wait_for(timeout=PATIENCE)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_visitor_meets_the_waking_page_and_arrives_by_itself(site, front, visit, javascript):
    front.sleep()
    page = visit(f"{site}/search/?query=moon#query", java_script_enabled=javascript)
    is_waking(page)
    assert front.wakings == 1
    front.wake()
    page.get_by_role("heading", name="Search").wait_for(timeout=PATIENCE)
    # Without a script nobody could tell what came after the #.
    assert page.url == f"{site}/search/?query=moon" + ("#query" if javascript else "")
    assert page.get_by_label("Search this site").input_value() == "moon"
    assert front.wakings == 1


def test_the_waking_page_is_dressed_while_the_database_sleeps(site, front, visit):
    """Its style and its script come by their hashed names, and neither needs the database."""
    front.sleep()
    page = visit(site)
    files = page.locator("link[rel=stylesheet], script[src]")
    assert files.count() == 2
    assert page.evaluate("document.styleSheets[0].cssRules.length") > 10
    page.locator("#seconds", has_text="3").wait_for(timeout=PATIENCE)


def test_who_logs_in_while_it_sleeps_is_asked_for_the_password_again(site, front, visit):
    page = visit(f"{site}/admin/login/?next=/admin/account/")
    front.sleep()
    log_in(page)
    is_waking(page)
    assert PASSWORD not in page.content()
    front.wake()
    hears_that_it_is_awake(page)
    page.get_by_label("Type it again: password").fill(PASSWORD)
    page.get_by_role("button", name="Send again").click()
    page.wait_for_url(f"{site}/admin/account/", timeout=PATIENCE)
    assert page.get_by_label("Type it again").count() == 0


def test_what_an_editor_wrote_while_it_slept_arrives_whole_by_a_click(editor, front, database):
    title = "A night é 🌙 <b> & \"quoted\" 'twice'"
    front.sleep()
    browser.title_field(editor).fill(title)
    editor.get_by_role("button", name="Save draft").click()
    is_waking(editor)
    editor.get_by_role("heading", name="What you wrote is kept here").wait_for(timeout=PATIENCE)
    assert drafts(database) == []
    front.wake()
    hears_that_it_is_awake(editor)
    assert drafts(database) == []  # nothing is sent unasked
    editor.get_by_role("button", name="Send again").click()
    field = browser.title_field(editor)
    field.wait_for(timeout=PATIENCE)
    assert field.input_value() == title
    assert drafts(database) == [title]


def test_an_open_editor_stays_usable_while_its_pings_are_not_heard(editor, front):
    front.sleep()
    complaints = []
    editor.on("pageerror", lambda error: complaints.append(error))
    editor.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    for _ in range(2):
        with editor.expect_response(lambda answer: "/ping/" in answer.url, timeout=PATIENCE) as pinged:
            editor.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # as on coming back to the tab
        assert pinged.value.status == 503
        assert pinged.value.headers["content-type"] == "application/json"
    assert complaints == []
    assert editor.get_by_role("dialog").count() == 0
    browser.title_field(editor).fill("Still here")
    with editor.expect_response(lambda answer: answer.request.method == "POST" and answer.ok, timeout=PATIENCE):
        front.wake()
        browser.title_field(editor).fill("Still here, and heard")
