"""What is answered from a copy, while nobody may come to a connection."""

import gzip
import re

import pytest
from django.core.management import call_command
from django.http import HttpResponse
from wagtail.models import Page

from sleeping.management.commands import save_pages
from sleeping.saved import site as saved_site

from ..bakery import content
from ..bakery.models import BreadPage
from .conftest import how

PAGES = ["/", "/bread/", "/bread/rye/", "/brötchen/", "/blog/", "/blog/post-1/", "/archive/"]
VIEWS = ["/sitemap.xml", "/rss/"]
ROUTES = ["/archive/tag/crust/", "/archive/2025/", "/archive/feed/", "/rss/crust/"]


def test_what_was_asked_for_once_is_there_while_the_database_sleeps(bakery):
    for path in [*PAGES, *VIEWS, *ROUTES, "/blog/?page=2", "/old/", "/old"]:
        first = bakery.ask(path)
        assert how(first) == "fwd=miss; stored", path
        again = bakery.ask_asleep(path)
        assert (how(again), again.status_code, again.content) == ("hit", first.status_code, first.content)


def test_a_new_process_finds_what_was_made_ahead(bakery):
    made = bakery.save()
    assert {address.removeprefix("http://bakery.test") for address, outcome in made.items() if outcome == "saved"} >= {
        *("/", "/bread/", "/bread/rye/", "/br%C3%B6tchen/", "/blog/", "/blog/?page=1", "/blog/?page=2"),
        *("/blog/post-1/", "/archive/", "/sitemap.xml", "/rss/", "/… (404)"),
    }
    bakery.new_process()
    with bakery.asleep():
        for path in [*PAGES, *VIEWS, "/blog/?page=2", "/no-such-page/"]:
            assert bakery.how(path).startswith("hit"), path


def test_the_command_says_what_it_did_and_what_is_left(bakery, capsys, monkeypatch):
    monkeypatch.setattr(save_pages, "MOST", 0.0)
    call_command("save_pages")
    assert re.search(r"^\d\d are left after 0 s: run it again", capsys.readouterr().out, re.MULTILINE)
    monkeypatch.undo()
    call_command("save_pages")
    assert re.search(r"^\d\d saved, for release this-one\.$", capsys.readouterr().out, re.MULTILINE)
    call_command("save_pages")
    assert capsys.readouterr().out == "Nothing has changed: all copies are there, for release this-one.\n"


def test_copies_are_made_after_the_answer_to_whoever_comes_while_the_database_is_awake(bakery):
    bakery.makes_ahead = True
    assert bakery.how("/unsaved/") == "fwd=miss; detail=declared"
    with bakery.asleep():
        assert bakery.how("/blog/?page=2") == "hit"


def test_each_page_of_a_list_has_its_own_copy(bakery):
    bakery.save()
    with bakery.asleep():
        first, second = bakery.ask("/blog/"), bakery.ask("/blog/?page=2")
    assert 'Posts: <a href="/blog/post-1/' in first.text
    assert 'Posts: <a href="/blog/post-6/' in second.text


@pytest.mark.parametrize(
    "query, same",
    [
        ("utm_source=paper&gclid=1", ""),
        ("page=2&fbclid=x&UTM_Medium=y", "page=2"),
        ("fbclid", ""),
    ],
)
def test_what_campaigns_add_is_left_out(bakery, query, same):
    first = bakery.ask(f"/blog/?{same}")
    again = bakery.ask_asleep(f"/blog/?{query}")
    assert (how(again), again.content) == ("hit", first.content)


@pytest.mark.parametrize(
    "query, why",
    [
        ("colour=red", "parameters"),
        ("page=2&colour=red", "parameters"),
        ("page=1&page=2", "parameters"),
        ("page=" + "9" * 61, "parameters"),
        ("page=<script>", "parameters"),
    ],
)
def test_what_nobody_declared_is_passed_on(bakery, query, why):
    bakery.ask("/blog/")
    assert bakery.how(f"/blog/?{query}") == f"fwd=bypass; detail={why}"
    assert bakery.how(f"/blog/?{query}") == f"fwd=bypass; detail={why}"


def test_a_parameter_that_only_another_page_declares_is_not_saved(bakery):
    assert bakery.how("/bread/?page=2") == "fwd=miss; detail=parameters"
    assert bakery.how("/bread/?page=2") == "fwd=miss; detail=parameters"


def test_an_undeclared_parameter_at_a_path_that_is_none_costs_no_connection(bakery):
    bakery.save()
    with bakery.asleep():
        assert bakery.how("/wp-login.php?redirect_to=x") == "hit; detail=not-found"


def test_whoever_makes_up_paths_below_a_page_that_routes_does_not_fill_the_storage(bakery, monkeypatch):
    monkeypatch.setattr(saved_site, "UNLISTED", 3)
    bakery.save()
    bakery.ask("/blog/")
    came = [bakery.how(f"/archive/tag/{number}/") for number in range(5)]
    assert came == ["fwd=miss; stored"] * 3 + ["fwd=miss; detail=variants"] * 2
    content.page("/bread/").save_revision().publish()
    assert [bakery.how("/bread/"), bakery.how("/archive/tag/9/")] == ["fwd=stale; stored", "fwd=miss; stored"]


def test_where_nothing_is_it_is_looked_for_once(bakery, monkeypatch):
    bakery.ask("/no-such-page/")
    looked, route = [], Page.route_for_request
    monkeypatch.setattr(Page, "route_for_request", lambda request, path: looked.append(path) or route(request, path))
    answer = bakery.ask("/nor-this/")
    assert (answer.status_code, how(answer)) == (404, "fwd=miss; detail=status-404")
    assert looked == ["nor-this/"]


def test_a_former_copy_is_better_than_an_error(bakery, monkeypatch, settings):
    """While the database is said to be awake and a page cannot be made."""
    bakery.ask("/bread/")
    content.page("/bread/").save_revision().publish()
    monkeypatch.setattr(BreadPage, "serve", lambda *_: HttpResponse("The oven is cold", status=500))
    answer = bakery.ask("/bread/")
    assert (answer.status_code, how(answer)) == (200, "hit; fwd=stale")


def test_head_is_answered_like_get_without_its_body(bakery):
    full = bakery.ask("/bread/")
    head = bakery.ask_asleep("/bread/", method="head")
    assert how(head) == "hit"
    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(full.content))
    assert head.headers["ETag"] == full.headers["ETag"]


def test_head_that_comes_first_saves_the_whole_page(bakery):
    assert how(bakery.ask("/bread/", method="head")) == "fwd=miss; stored"
    assert "<h1>Bread</h1>" in bakery.ask_asleep("/bread/").text


def test_a_browser_that_has_the_page_is_told_so(bakery):
    etag = bakery.ask("/bread/").headers["ETag"]
    again = bakery.ask_asleep("/bread/", **{"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")
    assert how(again) == "hit"
    assert again.headers["ETag"] == etag
    assert {"Cache-Control", "Vary"} <= set(again.headers)
    page = content.page("/bread/")
    page.title = "Better bread"
    page.save_revision().publish()
    assert bakery.ask("/bread/", **{"If-None-Match": etag}).status_code == 200


def test_the_compressed_page_and_the_plain_one_are_the_same(bakery):
    plain = bakery.ask("/bread/")
    assert "Content-Encoding" not in plain.headers
    for accepted in ("gzip", "br, gzip;q=0.5", "x-gzip"):
        zipped = bakery.ask_asleep("/bread/", **{"Accept-Encoding": accepted})
        assert zipped.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(zipped.content) == plain.content
        assert zipped.headers["ETag"] == plain.headers["ETag"]
    for accepted in ("gzip;q=0", "br", ""):
        assert bakery.ask_asleep("/bread/", **{"Accept-Encoding": accepted}).content == plain.content
    assert {"cookie", "accept-encoding"} <= {each.strip().lower() for each in plain.headers["Vary"].split(",")}


def test_a_browser_shows_a_page_for_some_seconds_without_asking_again(bakery):
    assert bakery.ask("/bread/").headers["Cache-Control"] == "max-age=5"
    assert bakery.ask_asleep("/bread/").headers["Cache-Control"] == "max-age=5"


def test_a_page_that_says_for_how_long_it_is_good_is_shown_for_so_long(bakery):
    path = bakery.odd("seconds")
    bakery.ask(path)
    bakery.now += 59
    assert how(bakery.ask_asleep(path)) == "hit"
    bakery.now += 1
    assert bakery.how(path) == "fwd=stale; stored"


def test_a_browser_keeps_a_page_no_longer_than_the_page_says(bakery):
    path = bakery.odd("second")
    assert bakery.ask(path).headers["Cache-Control"] == "max-age=2"
    bakery.now += 1
    assert bakery.ask_asleep(path).headers["Cache-Control"] == "max-age=1"


def test_a_form_has_each_visitors_own_token(bakery):
    path = bakery.odd("form")
    assert bakery.how(path) == "fwd=miss; stored"
    ada, ben = bakery.client(), bakery.client()
    with bakery.asleep():
        shown = [each.get(path) for each in (ada, ben)]
    assert [how(each) for each in shown] == ["hit", "hit"]
    tokens = [each.text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0] for each in shown]
    assert all(tokens)
    assert tokens[0] != tokens[1]
    assert shown[0].cookies["csrftoken"].value != shown[1].cookies["csrftoken"].value
    assert all("private" in each.headers["Cache-Control"] and "ETag" not in each.headers for each in shown)
    strict = bakery.client()
    strict.handler.enforce_csrf_checks = True
    with bakery.asleep():
        text = strict.get(path).text
    token = text.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    assert "rye" in strict.post(path, {"order": "rye", "csrfmiddlewaretoken": token}).text
    assert strict.post(path, {"order": "rye", "csrfmiddlewaretoken": tokens[0]}).status_code == 403


def test_a_page_that_leads_elsewhere_and_one_that_is_gone_are_saved(bakery):
    for manner, status in (("elsewhere", 302), ("gone", 410)):
        path = bakery.odd(manner)
        bakery.ask(path)
        again = bakery.ask_asleep(path)
        assert (how(again), again.status_code) == ("hit", status)
    again = bakery.ask_asleep("/elsewhere/")
    assert (how(again), again.headers["Location"]) == ("hit; fwd=stale", "/bread/")


def test_the_log_names_what_came_of_it(bakery, caplog):
    caplog.set_level("INFO", "sleeping.requests")
    bakery.ask("/bread/")
    bakery.ask_asleep("/bread/")
    first, again = (line for line in caplog.records if line.name == "sleeping.requests")
    assert (first.saved, again.saved, again.queries) == ("fwd=miss; stored", "hit", 0)


def test_copies_of_other_releases_are_none_of_ours(bakery, settings):
    bakery.ask("/bread/")
    settings.SLEEPING = {**settings.SLEEPING, "RELEASE": "another"}
    bakery.new_process()
    assert bakery.how("/bread/") == "fwd=miss; stored"


def test_http_and_https_are_two(bakery, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    bakery.ask("/bread/")
    assert how(bakery.ask("/bread/", **{"X-Forwarded-Proto": "https"})) == "fwd=miss; stored"
    assert how(bakery.ask_asleep("/bread/", **{"X-Forwarded-Proto": "https"})) == "hit"
