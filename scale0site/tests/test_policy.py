"""Which answer goes out with which policy."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from wagtail.documents import get_document_model
from wagtail.models import Site

from home.models import StandardPage
from scale0site.settings import policy
from scale0site.urls import urlpatterns as ours
from sleeping.answers import Why, answer

STRICT = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'", policy.STYLE_OF_500],
    "font-src": ["'self'"],
    "img-src": ["'self'"],
    "connect-src": ["'self'"],
    "object-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
}
FRAMED = STRICT | {"frame-ancestors": ["'self'"]}


def broken(request):
    raise ValueError("the cause")


urlpatterns = [
    path("waking/", lambda request: answer(request, Why.WAKING, 1)),
    path("broken/", broken),
    path("its-own/", lambda _: HttpResponse(headers={"Content-Security-Policy": "default-src 'none'"})),
    path("admin/gone/", lambda _: HttpResponse(status=500)),
    *ours,
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture(autouse=True)
def as_in_production(settings, tmp_path):
    settings.DEBUG = False
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def visitor(client):
    client.raise_request_exception = False
    return client


@pytest.fixture
def editor(visitor):
    visitor.force_login(get_user_model().objects.create_superuser("anna", password="x"))
    return visitor


@pytest.fixture
def page():
    home = Site.objects.get(is_default_site=True).root_page
    return home.add_child(instance=StandardPage(title="A page"))


def directives(response):
    """What the header says."""
    parts = [part.split() for part in response.headers["Content-Security-Policy"].split("; ")]
    assert len({part[0] for part in parts}) == len(parts)
    return {name: sources for name, *sources in parts}


@pytest.mark.parametrize(
    "address, status",
    [
        ("/", 200),
        ("/search/?query=moon", 200),
        ("/a-page/", 200),
        ("/a-page", 301),
        ("/nothing/", 404),
        ("/broken/", 500),
        ("/admin/", 302),
        ("/admin/login/", 200),
        ("/admin/password_reset/", 200),
        ("/django-admin/login/", 200),
        ("/admin/nothing/", 302),
        ("/healthz", 200),
        ("/static/css/missing.css", 404),
        ("/robots.txt", 200),
        ("/documents/1/missing.pdf", 404),
    ],
)
def test_what_anybody_may_see_has_the_strict_policy(visitor, page, address, status):
    response = visitor.get(address)
    assert response.status_code == status
    if address == "/healthz":  # it is answered before all that, to whoever starts and stops instances
        return
    assert directives(response) == STRICT
    assert response.headers["Permissions-Policy"].startswith("camera=(), ")
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_that_anybody_may_see_is_unsafe():
    assert "unsafe" not in str(policy.public("https://a-bucket.example.org"))


def test_both_policies_name_the_bucket_where_pictures_are():
    for each in (policy.public, policy.admin):
        found = each("https://a-bucket.example.org")
        assert [name for name, sources in found.items() if "https://a-bucket.example.org" in sources] == ["img-src"]


def test_the_admin_has_its_own_once_somebody_is_logged_in(editor):
    for address in ("/admin/", "/django-admin/", "/admin/images/"):
        assert directives(editor.get(address)) == policy.admin()


def test_in_the_admin_too_no_program_is_made_of_text(editor):
    found = directives(editor.get("/admin/"))
    assert "unsafe-eval" not in str(found)
    assert found["script-src-attr"] == ["'unsafe-hashes'", policy.RETURN]
    assert "https:" not in found["img-src"]


def test_an_editor_on_a_public_page_has_the_public_policy(editor, page):
    response = editor.get("/a-page/")
    assert b"wagtail-userbar" in response.content
    assert directives(response) == STRICT


def test_what_is_no_page_or_tells_of_an_error_has_the_strict_one_in_the_admin_too(editor):
    assert directives(editor.get("/admin/nothing/")) == STRICT
    assert directives(editor.get("/admin/sprite/")) == STRICT
    assert directives(editor.get("/admin/jsi18n/")) == STRICT


def test_a_preview_is_a_public_page_that_the_editor_may_frame(editor, page):
    address = f"/admin/pages/{page.pk}/edit/preview/"
    typed = {"title": "A new title", "slug": "a-page", "body-count": "0", "comments-TOTAL_FORMS": "0"}
    assert editor.post(address, typed | {"comments-INITIAL_FORMS": "0"}).json()["is_valid"]
    response = editor.get(f"{address}?in_preview_panel=true")
    assert b"<h1>A new title</h1>" in response.content
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert directives(response) == FRAMED


def test_a_draft_is_a_public_page_in_a_window_of_its_own(editor, page):
    response = editor.get(f"/admin/pages/{page.pk}/view_draft/")
    assert b"<h1>A page</h1>" in response.content
    assert response.headers["X-Frame-Options"] == "DENY"
    assert directives(response) == STRICT


def test_a_preview_that_cannot_be_shown_is_a_page_of_the_admin_in_the_same_frame(editor, page):
    response = editor.get(f"/admin/pages/{page.pk}/edit/preview/")
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert directives(response) == policy.admin() | {"frame-ancestors": ["'self'"]}


def test_the_waking_page_may_stand_in_the_preview_panel(visitor):
    response = visitor.get("/waking/")
    assert response.status_code == 503
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert directives(response) == FRAMED


def test_an_error_in_the_admin_does_not_ask_who_it_is(visitor, monkeypatch):
    """The database may be what is gone."""

    def gone(request):
        raise OperationalError("gone")

    monkeypatch.setattr("django.contrib.auth.middleware.get_user", gone)
    response = visitor.get("/admin/gone/")
    assert response.status_code == 500
    assert directives(response) == STRICT


def test_a_policy_of_its_own_is_left_alone(visitor):
    assert directives(visitor.get("/its-own/")) == {"default-src": ["'none'"]}


def test_a_document_may_load_and_run_nothing(visitor):
    document = get_document_model().objects.create(title="A", file=ContentFile(b"<script>1</script>", "a.txt"))
    assert directives(visitor.get(document.url)) == {"default-src": ["'none'"]}


def test_the_policy_knows_the_style_of_the_page_that_stands_alone():
    text = (Path(__file__).parent.parent / "templates/500.html").read_text()
    (style,) = re.findall("<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" == policy.STYLE_OF_500


def test_no_template_of_ours_has_what_the_policy_forbids(settings):
    for template in settings.BASE_DIR.glob("*/templates/**/*.html"):
        text = template.read_text()
        found = re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)|<base[^>]*href", text)
        assert found == (["<style"] if template.name == "500.html" else []), template


def test_a_form_that_csrf_refuses_is_answered_with_a_page_of_ours(django_assert_num_queries):
    """Django's own has a <style>, which the policy would stop."""
    with django_assert_num_queries(0):
        response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "anna"})
    assert response.status_code == 403
    assert b"This was not sent" in response.content and b"<style" not in response.content
    assert directives(response) == STRICT
