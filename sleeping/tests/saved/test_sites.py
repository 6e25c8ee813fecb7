"""Two sites in one project, and a site of two languages: each visitor sees their own, asleep as awake."""

import pytest
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.models import Locale, Page, Site

from ..bakery.content import page, things
from ..bakery.models import Footer
from .conftest import how

CAFE = "cafe.test"
LOCALE = "django.middleware.locale.LocaleMiddleware"
SESSIONS = "django.contrib.sessions.middleware.SessionMiddleware"


# --- two sites ---


def test_each_site_has_pages_of_its_own_at_the_same_path(bakery):
    bakery.save()
    bakery.new_process()
    for path, ours, theirs in (("/bread/", "<h1>Bread</h1>", "<h1>Bread in the cafe</h1>"), ("/", "Bakery", "Cafe")):
        assert ours in bakery.ask_asleep(path).text
        assert theirs in bakery.ask_asleep(path, CAFE).text
    sitemap = bakery.ask_asleep("/sitemap.xml", CAFE)
    assert (how(sitemap), "bakery.test" in sitemap.text, "cafe.test/cakes/" in sitemap.text) == ("hit", False, True)


def test_what_one_site_has_is_not_there_on_the_other(bakery):
    bakery.save()
    with bakery.asleep():
        assert bakery.how("/cakes/", CAFE) == "hit"
        assert bakery.how("/cakes/") == "hit; detail=not-found"
        assert bakery.how("/blog/", CAFE) == "hit; detail=not-found"
        assert bakery.ask("/cakes/").status_code == bakery.ask("/blog/", CAFE).status_code == 404


def test_a_site_that_gets_another_name_is_gone_from_the_former_one(bakery):
    bakery.save()
    Site.objects.filter(hostname=CAFE).update(hostname="tea.test")
    assert "cafe" not in bakery.ask("/bread/", CAFE).text  # that host is now nobody's, so the default site's
    assert bakery.how("/bread/", "tea.test") == "fwd=miss; stored"
    assert "Bread in the cafe" in bakery.ask_asleep("/bread/", "tea.test").text


def test_a_site_that_gets_another_first_page_shows_it(bakery):
    bakery.save()
    Site.objects.filter(hostname=CAFE).update(root_page=page("/bread/"))
    assert "<h1>Bread</h1>" in bakery.ask("/", CAFE).text
    assert "<h1>Rye</h1>" in bakery.ask("/rye/", CAFE).text
    assert bakery.ask("/cakes/", CAFE).status_code == 404


def test_what_a_site_sets_for_itself_shows_on_its_pages_alone(bakery):
    bakery.save()
    Footer.objects.filter(site=things().cafe).update(text="Closed for good")
    assert "Closed for good" in bakery.ask("/bread/", CAFE).text
    assert "Closed for good" not in bakery.ask("/bread/").text


def test_one_page_that_two_sites_show_links_to_the_site_that_it_is_shown_on(bakery):
    Site.objects.create(hostname="rye.test", root_page=page("/bread/"))
    made = bakery.save()
    assert made["http://rye.test/rye/"] == made["http://bakery.test/bread/rye/"] == "saved"
    assert bakery.ask_asleep("/rye/", "rye.test").status_code == 200


# --- two languages ---


@pytest.fixture(params=["urls_by_language", "urls_by_other_language"])
def bilingual(bakery, settings, request):
    """The bakery in English and French, of which the one or both have a prefix. The prefix of the English."""
    settings.ROOT_URLCONF = f"sleeping.tests.bakery.{request.param}"
    settings.LANGUAGE_CODE = "en-gb"
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [("en-gb", "English"), ("fr", "French")]
    settings.WAGTAIL_I18N_ENABLED = True
    behind = settings.MIDDLEWARE.index(SESSIONS) + 1
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:behind], LOCALE, *settings.MIDDLEWARE[behind:]]
    french = Locale.objects.get_or_create(language_code="fr")[0]
    home, bread, rye = (page(path) for path in ("/", "/bread/", "/bread/rye/"))
    for each, title in ((home, "Boulangerie"), (bread, "Pain"), (rye, "Seigle")):
        CopyPageForTranslationAction(each, french).execute()
        translated = each.get_translation(french)
        translated.title = title
        translated.save_revision().publish()
    bakery.new_process()
    return "/en-gb" if request.param == "urls_by_language" else ""


def test_each_language_has_its_pages(bakery, bilingual):
    made = bakery.save()
    bakery.new_process()
    for path, text in (
        (f"{bilingual}/bread/rye/", "<h1>Rye</h1>"),
        ("/fr/bread/rye/", "<h1>Seigle</h1>"),
        ("/fr/", "<h1>Boulangerie</h1>"),
    ):
        assert made[f"http://bakery.test{path}"] == "saved"
        for speaks in ("", "fr", "en-gb"):
            answer = bakery.ask_asleep(path, **{"Accept-Language": speaks})
            assert (how(answer), text in answer.text) == ("hit", True), path


def test_a_visitor_without_a_language_in_the_path_is_led_to_theirs_while_it_sleeps(bakery, bilingual):
    bakery.save()
    for speaks, first in (("fr", "/fr/"), ("en-gb", "/en-gb/"), ("xx", "/en-gb/")):
        answer = bakery.ask_asleep("/", **{"Accept-Language": speaks})
        if bilingual:
            assert (answer.status_code, answer.headers["Location"]) == (302, first)
            assert "accept-language" in answer.headers["Vary"].lower()
        else:
            assert "<h1>Bakery</h1>" in answer.text  # each path without a prefix is the first language's


def test_a_page_that_only_one_language_has_is_not_there_in_the_other(bakery, bilingual):
    bakery.save()
    with bakery.asleep():
        assert bakery.ask(f"{bilingual}/blog/").status_code == 200
        assert bakery.how("/fr/blog/") == "hit; detail=not-found"


def test_while_the_first_page_of_a_language_is_not_live_wagtail_shows_the_other_languages(bakery, bilingual):
    Page.objects.get(title="Boulangerie").unpublish()
    bakery.save()
    bakery.new_process()
    assert bakery.how("/fr/blog/") == "fwd=miss; stored"
    assert "<h1>Blog</h1>" in bakery.ask_asleep("/fr/blog/").text
    assert "<h1>Bread</h1>" in bakery.ask("/fr/bread/").text


def test_a_language_without_pages_shows_those_of_the_first(bakery, bilingual, settings):
    settings.LANGUAGES = settings.WAGTAIL_CONTENT_LANGUAGES = [*settings.LANGUAGES, ("de", "German")]
    bakery.new_process()
    bakery.save()
    assert "<h1>Bread</h1>" in bakery.ask("/de/bread/").text
    with bakery.asleep():
        assert bakery.how("/fr/blog/") == "hit; detail=not-found"


def test_a_translation_shows_an_edit_and_the_other_language_stays(bakery, bilingual):
    bakery.save()
    pain = Page.objects.get(title="Pain").specific
    pain.title = "Pains"
    pain.save_revision().publish()
    assert "<h1>Pains</h1>" in bakery.ask("/fr/bread/").text
    assert "<h1>Bread</h1>" in bakery.ask(f"{bilingual}/bread/").text


def test_a_page_that_goes_by_what_a_visitor_speaks_is_not_saved(bakery, bilingual):
    path = bilingual + bakery.odd("speech")
    for speaks in ("fr", "en-gb", "fr"):
        answer = bakery.ask(path, **{"Accept-Language": speaks})
        assert (how(answer), f"<title>{speaks}" in answer.text) == ("fwd=miss; detail=vary", True)


def test_what_a_page_is_made_in_is_the_language_of_its_path(bakery, bilingual):
    """Whoever comes first, and whatever the thread did before."""
    path = bilingual + bakery.odd("active")
    for speaks in ("fr", "en-gb"):
        assert "<title>en-gb" in bakery.ask(path, **{"Accept-Language": speaks}).text
    assert "<title>en-gb" in bakery.ask_asleep(path, **{"Accept-Language": "fr"}).text
