"""What is never saved, and who is never shown what is."""

import pytest
from django.contrib.auth.models import Group, User
from django.core import signing
from wagtail.models import Page

from sleeping.saved.address import Address
from sleeping.saved.person import cookie
from sleeping.saved.rendering import render

from ..bakery import content
from .conftest import how

SESSION = "sessionid"


def files(bakery):
    return [path for path in bakery.folder.rglob("pages/*/*") if path.is_file()]


@pytest.mark.parametrize(
    "manner, why",
    [
        ("cookie", "cookie"),
        ("session", "cookie"),
        ("token", "csrf-token"),
        ("private", "cache-control"),
        ("shared", "cache-control"),
        ("expired", "cache-control"),
        ("language", "vary"),
        ("stream", "streamed"),
        ("zipped", "encoded"),
        ("error", "status-500"),
    ],
)
def test_an_answer_that_is_not_for_everybody_is_not_saved(bakery, manner, why):
    path = bakery.odd(manner)
    bakery.generation()
    for _ in range(2):
        assert bakery.how(path) == f"fwd=miss; detail={why}"
    assert not files(bakery)
    assert render(Address("http", "bakery.test", path)).why_not_saved == why


def test_a_page_that_declares_so_is_not_saved(bakery):
    assert bakery.how("/unsaved/") == "fwd=miss; detail=declared"
    assert not files(bakery)
    assert "http://bakery.test/unsaved/" not in bakery.save()


def test_what_is_not_saved_is_made_for_whoever_asks(bakery):
    path = bakery.odd("browser")
    for name in ("Firefox", "Chrome", "Firefox"):
        assert bakery.ask(path, **{"User-Agent": name}).text == f"You come by {name}"
    path = bakery.odd("language")
    for language in ("de", "fr", "de"):
        assert bakery.ask(path, **{"Accept-Language": language}).text.endswith(language)


def test_a_page_for_whoever_asks_sets_their_own_cookie(bakery):
    path = bakery.odd("session")
    ada, ben = bakery.client(), bakery.client()
    keys = {each.get(path).cookies[SESSION].value for each in (ada, ben)}
    assert len(keys) == 2
    assert how(ada.get(path)) == "fwd=bypass; detail=person"


def test_a_stream_is_passed_on(bakery):
    path = bakery.odd("stream")
    for _ in range(2):
        assert bakery.ask(path).getvalue() == b"a loaf and another"


# --- who is somebody ---


def test_whoever_signs_in_sees_their_own_page_and_leaves_none_behind(bakery):
    bakery.ask("/bread/")
    owner = bakery.client()
    assert how(owner.get("/bread/")) == "hit"
    owner.get("/admin/login/")
    signed_in = owner.post("/admin/login/", {"username": "owner", "password": "yeast", "next": "/bread/"})
    assert signed_in.status_code == 302
    assert {SESSION, cookie()} <= set(signed_in.cookies)
    assert signed_in.cookies[cookie()]["httponly"]
    own = owner.get("/bread/")
    assert how(own) == "fwd=bypass; detail=person"
    assert "Good morning, owner" in own.text
    assert "Good morning" not in bakery.ask("/bread/").text
    assert how(owner.get("/bread/rye/")) == "fwd=bypass; detail=person"
    assert "Good morning" not in bakery.ask("/bread/rye/").text
    owner.post("/admin/logout/", follow=True)  # to the page that says so
    out = owner.get("/bread/")
    assert how(out) == "hit"
    assert "Good morning" not in out.text


def test_a_session_without_an_account_is_somebodys(bakery):
    bakery.ask("/bread/")
    visitor = bakery.client()
    assert how(visitor.get("/bread/")) == "hit"
    visitor.post("/basket/", {"bread": "rye"})
    assert how(visitor.get("/bread/")) == "fwd=bypass; detail=person"
    assert "rye" in visitor.get("/basket/").text


def test_cookies_that_are_made_up_or_stale_count_as_nobodys(bakery, settings):
    bakery.ask("/bread/")
    owner = bakery.client()
    bakery.sign_in(owner)
    session = owner.cookies[SESSION].value
    owner.get("/admin/")
    mark = owner.cookies[cookie()].value

    def told(**cookies):
        visitor = bakery.client()
        visitor.cookies.load(cookies)
        with bakery.asleep():
            return how(visitor.get("/bread/"))

    of_another = signing.TimestampSigner(salt="another").sign("x")
    assert told(**{SESSION: "made-up"}) == "hit"
    assert told(**{SESSION: session}) == "hit"
    assert told(**{cookie(): mark}) == "hit"
    assert told(**{SESSION: "made-up", cookie(): mark}) == "hit"
    assert told(**{SESSION: session, cookie(): mark[:-1] + "?"}) == "hit"
    assert told(**{SESSION: session, cookie(): of_another}) == "hit"
    assert told(analytics="1.2.3", csrftoken="a" * 32) == "hit"
    settings.SESSION_COOKIE_AGE = -1
    assert told(**{SESSION: session, cookie(): mark}) == "hit"


def test_a_session_from_before_gets_its_mark_where_the_database_is_asked(bakery):
    owner = bakery.client()
    bakery.sign_in(owner)
    assert cookie() not in owner.cookies
    owner.get("/admin/")
    assert how(owner.get("/bread/")) == "fwd=bypass; detail=person"


def test_the_mark_goes_with_the_session(bakery):
    visitor = bakery.client()
    visitor.post("/basket/", {"bread": "rye"})
    del visitor.cookies[SESSION]
    answer = visitor.get("/basket/")
    assert not answer.cookies[cookie()].value


# --- restrictions ---


def test_a_page_under_a_restriction_is_never_saved(bakery):
    made = bakery.save()
    for kind in ("login", "password", "groups"):
        for path in (f"/by-{kind}/", f"/by-{kind}/below/"):
            shown = bakery.ask(path)
            assert how(shown) == "fwd=miss; detail=restricted"
            assert "<h1>Below" not in shown.text
        assert not {path for path in made if f"by-{kind}" in path}


def test_whoever_gave_the_password_sees_the_page_and_nobody_else(bakery):
    visitor = bakery.client()
    form = visitor.get("/by-password/")
    assert "<h1>By password" not in form.text
    action = form.text.partition('action="')[2].partition('"')[0]
    sent = visitor.post(action, {"password": "flour", "return_url": "/by-password/"})
    assert sent.status_code == 302
    seen = visitor.get("/by-password/below/")
    assert "<h1>Below password</h1>" in seen.text
    assert how(seen) == "fwd=bypass; detail=person"
    assert "<h1>Below" not in bakery.ask("/by-password/below/").text


def test_whoever_is_in_the_group_sees_the_page_and_nobody_else(bakery):
    ben = User.objects.create_user("ben")
    ben.groups.add(Group.objects.get(name="Bakers"))
    client = bakery.client()
    bakery.sign_in(client, "ben")
    client.get("/basket/")
    for _ in range(2):
        assert "<h1>Below groups</h1>" in client.get("/by-groups/below/").text
        assert bakery.ask("/by-groups/below/").status_code == 302


def test_a_route_of_a_restricted_page_is_not_saved(bakery):
    from wagtail.models import PageViewRestriction

    bakery.ask("/archive/2025/")
    PageViewRestriction.objects.create(page=content.page("/archive/"), restriction_type="login")
    for path in ("/archive/2025/", "/archive/feed/"):
        assert bakery.how(path).endswith("detail=restricted")


# --- requests that are no visitor's ---


def test_a_preview_is_neither_saved_nor_answered_from_a_copy(bakery):
    bakery.ask("/bread/")
    before = sorted(files(bakery))
    page = content.page("/bread/")
    page.title = "Bread with nuts"
    page.save_revision()
    response = page.make_preview_request()
    assert "Bread with nuts" in response.text
    owner = bakery.client()
    bakery.sign_in(owner)
    shown = owner.get(f"/admin/pages/{page.pk}/revisions/{page.latest_revision_id}/view/")
    assert "Bread with nuts" in shown.text
    assert sorted(files(bakery)) == before
    assert "Bread with nuts" not in bakery.ask_asleep("/bread/").text


def test_a_draft_that_was_never_published_is_previewed_and_not_saved(bakery):
    page = Page.objects.get(slug="draft").specific
    page.save_revision()
    assert "<h1>Draft</h1>" in page.make_preview_request().text
    assert bakery.ask("/draft/").status_code == 404
    assert not files(bakery)


def test_what_is_sent_is_passed_on(bakery):
    path = bakery.odd("form")
    bakery.ask(path)
    sent = bakery.client().post(path, {"order": "rye"})
    assert "Thank you for rye" in sent.text
    assert how(sent) == "fwd=bypass; detail=method"
    assert "Thank you" not in bakery.ask_asleep(path).text
    for method in ("options", "put", "delete"):
        assert how(bakery.ask("/bread/", method=method)) == "fwd=bypass; detail=method"


def test_the_admin_is_neither_saved_nor_answered_from_a_copy(bakery):
    for path in ("/admin/", "/admin/login/", "/search/?query=Bread", "/basket/"):
        assert bakery.how(path) == "fwd=bypass; detail=view", path
    assert not files(bakery)


def test_credentials_in_a_header_are_passed_on(bakery):
    bakery.ask("/bread/")
    assert bakery.how("/bread/", Authorization="Basic x") == "fwd=bypass; detail=authorization"


@pytest.mark.parametrize("host", ["www.bakery.test", "bakery.test:8080", "else.test", "bakery.test.test"])
def test_a_host_that_is_not_the_sites_saves_nothing(bakery, host):
    for path in ("/bread/", "/sitemap.xml", "/rss/", "/old/"):
        assert bakery.how(path, host=host) == "fwd=miss; detail=host"
    assert not files(bakery)


def test_a_host_that_is_nobodys_is_refused(bakery):
    bakery.ask("/bread/")
    assert bakery.ask("/bread/", host="evil.example").status_code == 400
    assert bakery.ask("/bread/", host="bakery.test", **{"X-Forwarded-Host": "evil.test"}).status_code == 200


def test_a_forwarded_host_is_one_of_its_own(bakery, settings):
    settings.USE_X_FORWARDED_HOST = True
    assert bakery.how("/bread/", **{"X-Forwarded-Host": "else.test"}) == "fwd=miss; detail=host"
    assert bakery.how("/bread/") == "fwd=miss; stored"
    assert "cafe" in bakery.ask("/bread/", **{"X-Forwarded-Host": "cafe.test"}).text


def test_documents_that_not_everybody_may_have_are_not_saved(bakery):
    ledger, leaflet = content.things().ledger, content.things().leaflet
    for _ in range(2):
        assert bakery.ask(ledger.url).status_code == 302  # to the login
        assert how(bakery.ask(ledger.url)).startswith("fwd=")
    assert b"".join(bakery.ask(leaflet.url).streaming_content) == b"Prices"
    assert not files(bakery)
