"""What a visitor who is nobody in particular sees."""

import contextlib
import re

import pytest
from django.core.management import call_command
from django.db import transaction
from django.template.loader import render_to_string
from django.test import override_settings
from wagtail.models import Page, PageViewRestriction

from home.models import StandardPage

ADDRESSES = [
    *("/", "/how-it-sleeps/", "/what-it-costs/", "/about-this-site/", "/contact/", "/search/?query=sleep", "/none/"),
]


@pytest.fixture(scope="module")
def _loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    """The starter content, for all tests here: each works in a transaction within this one. Where its pictures are."""
    media = tmp_path_factory.mktemp("media")
    with contextlib.ExitStack() as loaded:
        with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=media):
            loaded.enter_context(transaction.atomic())
            call_command("load_starter_content", verbosity=0)
        yield media
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            loaded.close()


@pytest.fixture
def starter(_loaded, home, settings):
    settings.MEDIA_ROOT = _loaded
    return home


@pytest.fixture
def html(client, starter):
    return lambda address: client.get(address).content.decode()


def test_the_home_page_introduces_the_pages_of_the_menu(html):
    home = html("/")
    assert "<h1>A website that sleeps</h1>" in home
    for title in ("How it sleeps", "What it costs", "About this site", "Contact"):
        assert re.search(rf"<h3><a href=[^>]+>{title}</a></h3>", home)


def test_a_page_shows_its_text_its_pictures_and_its_quotes(html):
    assert "dislikes being switched off" in html("/how-it-sleeps/")
    assert "<figcaption>Somebody is up: one light is enough.</figcaption>" in html("/how-it-sleeps/")
    assert "<blockquote><p>Pay for the light while you read by it.</p></blockquote>" in html("/what-it-costs/")


def test_the_menu_says_which_page_this_is(html):
    assert '<a href="/what-it-costs/" aria-current="page">' in html("/what-it-costs/")
    assert "aria-current" not in html("/")


def test_the_menu_leaves_out_drafts_private_pages_and_those_that_are_not_to_be_shown(html, starter):
    hidden = {
        "A draft": {"live": False, "show_in_menus": True},
        "A secret": {"show_in_menus": True},
        "An aside": {"show_in_menus": False},
    }
    pages = [starter.add_child(instance=StandardPage(title=title, **is_)) for title, is_ in hidden.items()]
    PageViewRestriction.objects.create(page=pages[1], restriction_type=PageViewRestriction.LOGIN)
    home = html("/")
    assert not [title for title in hidden if title in home]


def test_a_page_below_another_shows_the_way_back_and_marks_its_branch(client, starter):
    parent = Page.objects.get(slug="what-it-costs")
    child = parent.add_child(instance=StandardPage(title="Small print", show_in_menus=True))
    html = client.get(child.url).content.decode()
    assert '<li><a href="/">Home</a></li><li><a href="/what-it-costs/">What it costs</a></li>' in html
    assert '<a href="/what-it-costs/" aria-current="true">' in html
    assert "Small print" in client.get(parent.url).content.decode()


def test_a_page_with_nothing_but_a_title_is_still_a_page(client, home):
    page = home.add_child(instance=StandardPage(title="Bare"))
    assert "<h1>Bare</h1>" in client.get(page.url).content.decode()
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_picture_has_a_description_and_a_size(html, address):
    for image in re.findall(r"<img[^>]*>", html(address)):
        assert re.search(r"\balt=", image)
        assert re.search(r'\bwidth="\d+"', image)
        assert re.search(r'\bheight="\d+"', image)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_asks_another_host_for_anything(html, address):
    addresses = re.findall(r'(?:src|href|srcset|action)="([^"]*)"', html(address))
    assert addresses
    assert not [found for found in addresses if re.search(r"(^|\s)(\w+:)?//", found)]


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_page_needs_an_inline_script_or_style(html, address):
    assert not re.search(r"<script|<style|\sstyle=|\son\w+=", html(address))


def test_a_page_that_is_not_there_offers_the_search(client, starter):
    answer = client.get("/none/")
    assert answer.status_code == 404
    assert "Nothing lives at this address" in answer.content.decode()
    assert 'action="/search/"' in answer.content.decode()


def test_the_error_page_needs_neither_a_database_nor_a_style_sheet():
    html = render_to_string("500.html")
    assert "Something went wrong" in html
    assert "/static/" not in html


@pytest.mark.parametrize("address", ["/robots.txt", "/favicon.ico", "/apple-touch-icon.png"])
def test_what_browsers_and_robots_ask_for_unasked_is_answered_without_a_query(client, address):
    assert client.get(address).status_code == 200


def test_the_home_page_asks_once_for_the_pages_that_its_menu_and_its_cards_show(
    client, starter, django_assert_max_num_queries
):
    client.get("/")  # the site itself is remembered, and the pictures' sizes are made
    with django_assert_max_num_queries(40) as found:
        client.get("/")
    children = [query for query in found if "wagtailcore_page" in query["sql"] and '"depth" = 3' in query["sql"]]
    assert len(children) == 1, [query["sql"][:200] for query in found]
