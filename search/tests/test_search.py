"""The search page: it finds what is there, and nothing that is asked of it breaks it."""

from urllib.parse import quote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from wagtail.models import PageViewRestriction

from home.models import StandardPage
from search.views import words_of

HOSTILE = [
    "",
    " ",
    "\t\n",
    '"',
    '""',
    '"moon',
    "'",
    "\0",
    "moon\0light",
    "\\",
    "%",
    "%s",
    "%(x)s",
    "*",
    "moon*",
    "-moon",
    "AND",
    "OR",
    "NOT",
    "NEAR(moon)",
    "moon AND",
    "title:moon",
    "moon & | ! <-> :*",
    "(((",
    "{}[]^~",
    "'; DROP TABLE wagtailcore_page; --",
    "<script>alert(1)</script>",
    "🌙",
    "🌙 moon",
    "²",
    "हिन्दी",
    "月",
    "مرحبا",
    "e\u0301",
    "\u200b",
    "\ufffd",
    "a" * 5_000,
    "a " * 5_000,
    "_",
    "moon_light",
]
PAGES = ["abc", "0", "-1", "99999", "9" * 5_000, "1.5", "", "\0", "\uff11", "1e3", "∞", "'"]


@pytest.fixture
def moon(home):
    return home.add_child(
        instance=StandardPage(
            title="Moonlight", lead="On the quiet lake", body=[("text", "<p>Herons fish there.</p>")]
        )
    )


@pytest.mark.parametrize("query", ["moonlight", "MOONLIGHT", "moon", "quiet lake", "heron fish", '"herons"', "lake!"])
def test_a_page_is_found_by_any_word_in_it_or_the_beginning_of_one(client, moon, query):
    assert [page.title for page in client.get("/search/", {"query": query}).context["results"]] == ["Moonlight"]


def test_all_the_words_must_be_there(client, moon):
    assert "No page has “heron desert”." in client.get("/search/", {"query": "heron desert"}).content.decode()


def test_an_accent_may_be_written_either_way(client, home):
    home.add_child(instance=StandardPage(title="Caf\u00e9"))
    for query in ("caf\u00e9", "cafe\u0301"):
        assert len(client.get("/search/", {"query": query}).context["results"]) == 1


def test_drafts_private_pages_and_the_root_of_the_tree_are_not_found(client, home):
    home.add_child(instance=StandardPage(title="Root vegetables", live=False))
    secret = home.add_child(instance=StandardPage(title="Root cellar"))
    PageViewRestriction.objects.create(page=secret, restriction_type=PageViewRestriction.LOGIN)
    assert not client.get("/search/", {"query": "root"}).context["results"]


def test_many_results_come_in_pages_that_keep_the_question(client, home):
    for number in range(11):
        home.add_child(instance=StandardPage(title=f"Star {number}"))
    first = client.get("/search/", {"query": "star"}).content.decode()
    assert "11 pages with “star”" in first
    assert 'href="?query=star&amp;page=2"' in first
    assert 'href="?query=star&amp;page=1"' in client.get("/search/?query=star&page=2").content.decode()


def test_a_question_without_a_word_is_told_so(client, home):
    assert "There is no word in “🌙 ???” to look for." in client.get("/search/?query=🌙 ???").content.decode()


def test_what_was_asked_is_shown_as_text_and_not_as_html(client, home):
    html = client.get("/search/", {"query": "<b>moon"}).content.decode()
    assert "<b>moon" not in html
    assert "&lt;b&gt;moon" in html


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: quote(query[:20]) or "nothing")
def test_no_question_breaks_it(client, moon, query):
    assert client.get("/search/", {"query": query}).status_code == 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: quote(page[:20]) or "nothing")
def test_no_page_number_breaks_it(client, moon, page):
    assert client.get("/search/", {"query": "moon", "page": page}).status_code == 200


def test_bytes_that_are_no_text_do_not_break_it(client, moon):
    assert client.get("/search/", QUERY_STRING="query=%ff%fe%00%ed%a0%80&page=%ff").status_code == 200


def test_only_reading_is_allowed(client, db):
    assert client.post("/search/", {"query": "moon"}).status_code == 405


@given(st.text(max_size=300))
@settings(database=None, deadline=None)
def test_words_hold_nothing_that_a_search_engine_takes_as_syntax(query):
    for word in words_of(query):
        assert word
        assert not set(word) & set("\0\"'\\%*&|!():<>-^~{}[]_ \t\n")


class AnythingAtAll(TestCase):
    @example("\U0001f319 \U00010400", "1")
    @given(st.text(max_size=150), st.text(max_size=10))
    @settings(database=None, deadline=None, max_examples=150)
    def test_no_text_breaks_it(self, query, page):
        assert self.client.get("/search/", {"query": query, "page": page}).status_code == 200
