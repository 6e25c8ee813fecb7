"""load_starter_content: pages and pictures where they are missing, and nothing of a person's overwritten."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from wagtail.images import get_image_model
from wagtail.models import Page, Site

from home.models import StandardPage
from home.starter.content import PAGES, PICTURES


def load() -> list[str]:
    out = StringIO()
    call_command("load_starter_content", stdout=out)
    return out.getvalue().splitlines()


def test_a_new_site_gets_its_pages_and_says_so_one_line_each(home):
    assert load() == [
        "A website that sleeps: filled, at /",
        "How it sleeps: created, at /how-it-sleeps/",
        "What it costs: created, at /what-it-costs/",
        "About this site: created, at /about-this-site/",
        "Contact: created, at /contact/",
    ]
    home.refresh_from_db()
    assert [page.title for page in home.get_children().live().in_menu()] == [page.title for page in PAGES]


def test_a_second_run_changes_nothing(home):
    load()
    before = list(Page.objects.values("pk", "latest_revision", "numchild", "last_published_at"))
    assert all("left alone" in line for line in load())
    assert list(Page.objects.values("pk", "latest_revision", "numchild", "last_published_at")) == before
    assert get_image_model().objects.count() == 4


def test_a_picture_is_kept_once_however_many_pages_show_it(home):
    load()
    Page.objects.get(slug="how-it-sleeps").delete()
    load()
    assert get_image_model().objects.count() == 4


def test_an_edited_page_stays_as_it_was_left(home):
    load()
    page = StandardPage.objects.get(slug="what-it-costs")
    page.title, page.body = "Our prices", [("text", "<p>Ours.</p>")]
    page.save_revision().publish()
    assert "Our prices: left alone, it exists" in load()
    page.refresh_from_db()
    assert page.title == "Our prices"
    assert "Ours." in str(page.body)


def test_a_home_page_that_somebody_edited_is_not_filled(home):
    home.title = "Bakery"
    home.save_revision().publish()
    assert load()[0] == "Bakery: left alone, it is yours"
    home.refresh_from_db()
    assert home.title == "Bakery"
    assert not home.body


def test_a_home_page_with_a_draft_that_nobody_published_is_not_filled(home):
    home.title = "Bakery, soon"
    home.save_revision()
    assert "left alone" in load()[0]


def test_a_page_that_was_moved_is_not_made_again(home):
    load()
    Page.objects.get(slug="what-it-costs").move(Page.objects.get(slug="about-this-site"), pos="last-child")
    load()
    assert Page.objects.filter(slug="what-it-costs").count() == 1


def test_a_page_that_was_deleted_comes_back(home):
    load()
    Page.objects.get(slug="about-this-site").delete()
    assert "About this site: created, at /about-this-site/" in load()


def test_a_failure_half_way_leaves_no_page_behind(home, monkeypatch):
    monkeypatch.setattr("home.starter.content.PICTURES", PICTURES / "nowhere")
    with pytest.raises(FileNotFoundError):
        load()
    assert not home.get_children().exists()


def test_a_site_without_a_home_page_is_told_what_to_do(home):
    Site.objects.update(root_page=Page.objects.get(depth=1))
    with pytest.raises(CommandError, match=r"“Root”, which is no HomePage. Give it a home page in the admin"):
        load()


def test_every_picture_is_small_enough_for_the_repository():
    sizes = {path.name: path.stat().st_size for path in PICTURES.iterdir()}
    assert len(sizes) == 4
    assert max(sizes.values()) < 150_000
