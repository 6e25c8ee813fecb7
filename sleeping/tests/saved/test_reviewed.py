"""What a second pair of eyes found."""

import socket
from urllib.parse import unquote_to_bytes

import pytest
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.http import HttpResponse
from django.template import engines
from django.urls import set_script_prefix
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, Site

from sleeping.conf import conf
from sleeping.models import Generation
from sleeping.saved.changes import is_hard
from sleeping.saved.making import KEPT_RELEASES
from sleeping.saved.release import digest
from sleeping.saved.site import Site as Saved

from ..bakery import content
from ..bakery.models import OddPage
from .conftest import how

# As `wagtail start` writes it, with ours in front.
STANDARD = [
    "sleeping.middleware.SavedPagesMiddleware",
    "sleeping.middleware.WakingMiddleware",
    "sleeping.middleware.SavingMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]


class Greeting:
    """Whoever the server in front says it is: Apache's names are no headers."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        names = filter(None, map(request.META.get, ("REMOTE_USER", "SSL_CLIENT_S_DN_CN")))
        response.content += "".join(f"<p>Good morning, {name}</p>" for name in names).encode()
        return response


# --- who is somebody ---


@pytest.mark.parametrize("variable", ["REMOTE_USER", "SSL_CLIENT_S_DN_CN"])
def test_whom_the_server_in_front_knows_leaves_no_page_behind(bakery, settings, variable):
    settings.MIDDLEWARE = [*STANDARD, f"{__name__}.Greeting"]
    for _ in range(2):
        bakery.client().get("/bread/", **{variable: "ada"})
    assert "Good morning" not in bakery.ask("/bread/").text


def test_whom_the_server_in_front_signed_in_sees_their_own_page(bakery, settings):
    settings.MIDDLEWARE = [*STANDARD, f"{__name__}.Greeting"]
    bakery.ask("/bread/")
    own = bakery.client().get("/bread/", REMOTE_USER="ada")
    assert "Good morning, ada" in own.text
    assert how(own) == "fwd=bypass; detail=authorization"


# --- which site ---


def test_a_site_of_the_same_name_at_another_port_leaves_no_page_behind(bakery):
    Site.objects.create(hostname="bakery.test", port=8080, root_page=Page.objects.get(slug="cafe"))
    for _ in range(2):
        shown = bakery.client().get("/bread/", SERVER_PORT="8080")  # whose Host names no port
        assert "in the cafe" in shown.text
        assert how(shown) == "fwd=miss; detail=host"
    assert "in the cafe" not in bakery.ask("/bread/").text


# --- what is there ---


@pytest.mark.parametrize("path", ["/bread", "/blog/post-1", "/archive/tag/crust", "/search", "/admin"])
def test_an_address_without_its_last_slash_leads_to_the_one_with_it(bakery, settings, path):
    settings.MIDDLEWARE = STANDARD
    bakery.save()
    answer = bakery.ask(path)
    assert (answer.status_code, answer.headers.get("Location")) == (301, f"{path}/")


@pytest.mark.parametrize(
    "path", ["//[/", "//[x", "//evil.test/", "/;/", "/%00/", "/%FF/", "/a%3Fb/", f"/{'a/' * 2000}"]
)
def test_an_odd_address_is_one_where_nothing_is(bakery, path):
    bakery.save()
    raw = unquote_to_bytes(path).decode("latin-1")
    assert bakery.client().generic("GET", "/", PATH_INFO=raw).status_code == 404


@pytest.mark.parametrize("has_translations", [False, True])
def test_a_language_without_a_tree_of_its_own_shows_the_sites(bakery, settings, has_translations):
    settings.WAGTAIL_I18N_ENABLED = has_translations
    settings.MIDDLEWARE = [*STANDARD[:4], "django.middleware.locale.LocaleMiddleware", *STANDARD[4:]]
    settings.ROOT_URLCONF = "sleeping.tests.bakery.urls_by_language"
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [("en", "English"), ("de", "German")]
    bakery.save()
    for language in ("en", "de"):
        assert bakery.ask(f"/{language}/bread/").status_code == 200


@pytest.mark.parametrize("is_told", [True, False], ids=["FORCE_SCRIPT_NAME", "by the server alone"])
def test_a_site_below_a_path_has_its_pages_there(bakery, settings, is_told):
    if is_told:
        settings.FORCE_SCRIPT_NAME = "/shop"
        set_script_prefix("/shop/")  # as django.setup() does
    Redirect.add_redirect("/shop/former", "/shop/bread/")
    bakery.save()
    visitor = bakery.client()
    try:
        assert how(visitor.get("/nothing/", SCRIPT_NAME="/shop")) == "hit; detail=not-found"
        assert visitor.get("/former/", SCRIPT_NAME="/shop").status_code == 301
        for path in ("/bread/", "/brötchen/", "/blog/?page=2", "/sitemap.xml"):
            shown = visitor.get(path, SCRIPT_NAME="/shop")
            assert (shown.status_code, how(shown)) == (200, "hit" if is_told else "fwd=miss; stored")
    finally:
        set_script_prefix("/")


# --- what is removed ---


def test_what_somebody_else_keeps_beside_the_copies_stays(bakery):
    for number in range(KEPT_RELEASES + 1):
        (bakery.folder / f"release-{number}").mkdir(parents=True)
        (bakery.folder / f"release-{number}" / "made").write_text(str(number))
    invoice = bakery.folder / "invoices/2025/1.pdf"
    invoice.parent.mkdir(parents=True)
    invoice.write_text("Flour")
    call_command("save_pages")
    assert invoice.exists()
    left = {each.relative_to(bakery.folder).parts[0] for each in bakery.folder.rglob("*") if each.is_file()}
    assert left == {"generation", "this-one", "invoices", "release-3", "release-2"}


def test_a_release_does_not_remove_itself_by_a_clock_that_is_slow(bakery):
    for number in range(KEPT_RELEASES):
        (bakery.folder / f"release-{number}").mkdir(parents=True)
        (bakery.folder / f"release-{number}" / "made").write_text(str(bakery.now + 60))
    call_command("save_pages")
    assert (bakery.folder / "this-one" / "index").exists()


# --- what counts as a change ---


def test_a_database_that_is_new_shows_nothing_of_the_one_before(bakery):
    bakery.ask("/bread/")
    Generation.objects.all().delete()  # as `flush` does
    bakery.now += 1
    bakery.generation()
    assert bakery.how("/bread/") == "fwd=stale; stored"
    assert bakery.generation().barrier == bakery.generation().number


def test_all_tables_emptied_at_once_is_a_change():
    assert is_hard('TRUNCATE "auth_permission", "wagtailcore_page", "wagtailcore_site";')


def test_what_was_changed_beside_django_shows_once_everything_is_saved_anew(bakery, monkeypatch):
    bakery.save()
    with monkeypatch.context() as patch:
        patch.setattr("sleeping.saved.changes.is_on", lambda: False)
        Page.objects.filter(url_path="/bakery/bread/").update(title="Better bread")
    assert "Better bread" not in bakery.ask("/bread/").text
    call_command("save_pages", "--anew")
    assert "Better bread" in bakery.ask_asleep("/bread/").text


# --- what waits for one visitor ---


class Thanks:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method == "POST":
            messages.success(request, "Thank you, Ada")
            return HttpResponse(status=302, headers={"Location": "/bread/"})
        response = self.get_response(request)
        response.content += "".join(f"<p>{each}</p>" for each in messages.get_messages(request)).encode()
        return response


def test_a_message_is_shown_once_to_whom_it_is_for(bakery, settings):
    settings.MIDDLEWARE = [*STANDARD, f"{__name__}.Thanks"]
    bakery.ask("/bread/")
    visitor = bakery.client()
    visitor.post("/bread/", {"order": "rye"})
    shown = visitor.get("/bread/")
    assert "Thank you, Ada" in shown.text
    assert how(shown) == "fwd=bypass; detail=messages"
    assert how(visitor.get("/bread/")) == "hit"
    assert "Thank you" not in bakery.ask("/bread/").text


def test_a_message_that_was_made_up_is_none(bakery):
    bakery.ask("/bread/")
    visitor = bakery.client()
    visitor.cookies.load({"messages": "W1siX19qc29uX21lc3NhZ2UiLDAsMjUsIlRoYW5rIHlvdSJdXQ:1xUmxs:made-up"})
    assert how(visitor.get("/bread/")) == "hit"


def test_a_token_within_a_script_is_the_visitors_own(bakery, monkeypatch):
    def serve(page, request, response):
        template = engines["django"].from_string('<script>token = "{{ csrf_token|escapejs }}"</script>')
        return HttpResponse(template.render({}, request))

    monkeypatch.setattr(OddPage, "_gone", serve)
    path = bakery.odd("gone")
    bakery.ask(path)
    visitor = bakery.client()
    token = visitor.get(path).text.split('"')[1]
    visitor.handler.enforce_csrf_checks = True
    assert visitor.post(path, {"csrfmiddlewaretoken": token}).status_code == 200


# --- files ---


def test_a_picture_that_is_removed_is_made_again(bakery):
    rendition = content.things().picture.get_rendition("width-9")
    before = bakery.generation()
    rendition.delete()
    after = bakery.generation()
    assert (after.number > before.number, after.barrier) == (True, before.barrier)


def test_copies_that_one_user_makes_another_may_read(bakery):
    bakery.ask("/bread/")
    assert {each.stat().st_mode & 0o777 for each in bakery.folder.rglob("*") if each.is_file()} == {0o644}


def test_a_socket_and_a_broken_link_are_no_code(tmp_path):
    (tmp_path / "code.py").write_text("x = 1")
    before = digest(tmp_path)
    (tmp_path / "link").symlink_to("nowhere")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "gunicorn.sock"))
        assert digest(tmp_path) == before


def test_a_name_in_place_of_a_list_is_refused(settings):
    settings.SLEEPING = {"PREFIXES": "/shop/"}
    with pytest.raises(ImproperlyConfigured, match=r"PREFIXES.*must be a list"):
        conf()


# --- more than one clock, more than one database ---


def test_a_clock_that_is_put_back_does_not_keep_what_was_told_before(bakery):
    other = Saved(bakery.site.store._storage, "this-one", lambda: bakery.now)
    bakery.ask("/bread/")
    first = other.generation()
    bakery.now -= 3600
    page = content.page("/bread/")
    page.save_revision().publish()
    assert other.generation() != first


class Replica:
    def db_for_read(self, model, **hints):
        return "replica" if model._meta.app_label == "sleeping" else None


def test_a_change_is_looked_for_where_it_was_made(bakery, settings):
    settings.DATABASE_ROUTERS = [f"{__name__}.Replica"]
    first = bakery.generation()
    content.page("/bread/").save_revision().publish()
    assert bakery.generation().number > first.number
