"""Which changes start a new generation, which take something away at once, and which are none."""

import datetime

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from taggit.models import Tag
from wagtail.actions.copy_for_translation import CopyPageForTranslationAction
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Comment,
    GroupPagePermission,
    Locale,
    Page,
    PageViewRestriction,
    Site,
)
from wagtail.models.media import UploadedFile

from sleeping.models import Generation as Row
from sleeping.saved import changes, counting
from sleeping.saved.generation import Generation

from ..bakery.content import page, things
from ..bakery.models import Baker, BlogPage, BlogTag, BreadPage, Enquiry, Footer, Price, Step
from .conftest import how

# --- pages ---


def publish(draft=False):
    bread = page("/bread/")
    bread.title = "Better bread"
    revision = bread.save_revision()
    if not draft:
        revision.publish()


def publish_a_draft():
    page("/draft/").save_revision().publish()


def publish_what_is_due():
    bread = page("/bread/")
    bread.title = "Bread at last"
    bread.save_revision(approved_go_live_at=timezone.now() - datetime.timedelta(hours=1))
    call_command("publish_scheduled")


def take_off_what_is_over():
    Page.objects.filter(slug="rye").update(expire_at=timezone.now() - datetime.timedelta(hours=1))
    call_command("publish_scheduled")


def add_page():
    page("/bread/").add_child(instance=BreadPage(title="Wheat", slug="wheat"))


def change_slug():
    bread = page("/bread/")
    bread.slug = "breads"
    bread.save_revision().publish()


def change_slug_of_a_draft():
    """Wagtail makes a redirect of it."""
    draft = page("/draft/")
    draft.slug = "another-draft"
    draft.save()


def change_slug_of_a_leaf():
    rye = page("/bread/rye/")
    rye.slug = "rye-bread"
    rye.save()


def reorder():
    page("/blog/post-1/").move(page("/blog/post-3/"), pos="right")


def make_alias():
    page("/bread/rye/").create_alias(parent=page("/blog/"))


def publish_what_has_an_alias():
    make_alias()
    rye = page("/bread/rye/")
    rye.title = "Rye again"
    rye.save_revision().publish()


def rewrite_tree():
    Page.objects.filter(slug="rye").update(depth=3)
    call_command("fixtree", interactive=False)


def by_sql(statement, *values):
    def change():
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return change


def by_many_sql():
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE bakery_baker SET name = %s WHERE id = %s", [("Eve", things().baker.pk)])


def load_what_is_not_live(tmp_path):
    path = tmp_path / "pages.json"
    call_command("dumpdata", "wagtailcore.page", output=str(path), verbosity=0)
    path.write_text(path.read_text().replace('"live": true', '"live": false'))
    call_command("loaddata", str(path), verbosity=0)


def restriction(**choices):
    return PageViewRestriction.objects.create(page=page("/bread/"), **choices)


def change_restriction():
    found = PageViewRestriction.objects.get(restriction_type="password")
    found.password = "water"
    found.save()


def edit_document():
    leaflet = things().leaflet
    leaflet.title = "Prices"
    leaflet.save()


def move_document():
    Document.objects.filter(title="Leaflet").update(collection=things().collection)


def edit_picture(**values):
    picture = things().picture
    for name, value in values.items():
        setattr(picture, name, value)
    picture.save()


def edit_baker(publish=True):
    baker = things().baker
    baker.name = "Ben"
    revision = baker.save_revision()
    if publish:
        revision.publish()


def take_off_baker():
    things().baker.unpublish()


def in_admin(path, **values):
    def change():
        client = Client(SERVER_NAME="bakery.test")
        client.force_login(User.objects.get(username="owner"))
        answer = client.post(path() if callable(path) else path, values)
        assert answer.status_code == 302, answer.text

    return change


def bulk(action, *slugs, app="wagtailcore", model="page"):
    def path():
        ids = "&".join(f"id={Page.objects.get(slug=slug).pk}" for slug in slugs)
        return reverse("wagtail_bulk_action", args=(app, model, action)) + f"?{ids}&next=/admin/"

    return path


def bulk_move():
    in_admin(bulk("move", "rye"), chooser=page("/blog/").pk)()


def bulk_document():
    ledgers = things().collection.pk
    query = f"?id={things().leaflet.pk}&next=/admin/"
    path = reverse("wagtail_bulk_action", args=("wagtaildocs", "document", "add_to_collection")) + query
    in_admin(path, collection=ledgers)()


def translate():
    french = Locale.objects.create(language_code="fr")
    CopyPageForTranslationAction(page("/bread/rye/"), french, copy_parents=True, alias=True).execute()


def rename_collection():
    Collection.objects.filter(name="Ledgers").update(name="Books")


def restrict_root_collection():
    CollectionViewRestriction.objects.create(collection=Collection.get_first_root_node(), restriction_type="login")


SOFT = {
    "a page is published": publish,
    "a draft is published": publish_a_draft,
    "what is due is published": publish_what_is_due,
    "a live page is added": add_page,
    "a page's owner gets another name": lambda: User.objects.update(first_name="Ada"),
    "a page is saved without a revision": lambda: page("/bread/").save(),
    "a page gets an alias": make_alias,
    "a page with an alias is published": publish_what_has_an_alias,
    "many titles are changed": lambda: Page.objects.filter(depth=4).update(title="A post"),
    "a title is changed by SQL": by_sql("UPDATE wagtailcore_page SET title = 'Bun' WHERE slug = 'rye'"),
    "after a comment": by_sql("/* ours */ -- and\nUPDATE wagtailcore_page SET title = 'Bun' WHERE slug = 'rye'"),
    "by way of a query": by_sql(
        "UPDATE wagtailcore_page SET draft_title = (SELECT name FROM bakery_baker WHERE id = 1), title = 'Bun'"
    ),
    "many rows at once by SQL": by_many_sql,
    "an own table by SQL": by_sql("INSERT INTO bakery_price (cents) VALUES (%s)", 5),
    "an own model": lambda: Price.objects.create(cents=5),
    "many of an own model": lambda: Price.objects.bulk_create([Price(cents=each) for each in range(3)]),
    "a snippet is published": edit_baker,
    "a snippet is taken off": take_off_baker,
    "a snippet is deleted": lambda: Baker.objects.all().delete(),
    "a footer": lambda: Footer.objects.filter(text="Baked daily").update(text="Baked weekly"),
    "a picture's title": lambda: edit_picture(title="Two loaves"),
    "a picture's file": lambda: edit_picture(file=get_test_image_file("other.png", size=(30, 30))),
    "a picture's focal point": lambda: edit_picture(
        focal_point_x=5, focal_point_y=5, focal_point_width=4, focal_point_height=4
    ),
    "a picture is deleted": lambda: things().picture.delete(),
    "a picture is uploaded": lambda: Image.objects.create(title="New", file=get_test_image_file()),
    "a tag": lambda: Tag.objects.filter(name="crust").update(name="rind"),
    "a page's tag": lambda: BlogTag.objects.filter(tag__name="crust").first().delete(),
    "in the admin, many are published": in_admin(bulk("publish", "draft")),
}
HARD = {
    "a page is taken off": lambda: page("/bread/rye/").unpublish(),
    "what is over is taken off": take_off_what_is_over,
    "pages are taken off at once": lambda: Page.objects.filter(slug="rye").update(live=False),
    "a page is taken off by SQL": by_sql("UPDATE wagtailcore_page SET live = false WHERE slug = 'rye'"),
    "with another title": by_sql("UPDATE wagtailcore_page SET title = 'x', live = false WHERE slug = 'rye'"),
    "with a table expression": by_sql(
        "WITH few AS (SELECT 1 AS id) UPDATE bakery_baker SET name = 'Eve' WHERE id IN (SELECT id FROM few)"
    ),
    "a page is moved": lambda: page("/bread/rye/").move(page("/blog/"), pos="last-child"),
    "pages change places": reorder,
    "a page is deleted": lambda: page("/bread/").delete(),
    "a page is deleted by SQL": by_sql("DELETE FROM bakery_unsavedpage"),
    "a slug": change_slug,
    "a slug of a page with none below": change_slug_of_a_leaf,
    "a slug of a draft": change_slug_of_a_draft,
    "the tree is mended": rewrite_tree,
    "a restriction is added": lambda: restriction(restriction_type="login"),
    "a restriction is changed": change_restriction,
    "a restriction is removed": lambda: PageViewRestriction.objects.all().delete(),
    "a restriction's groups": lambda: PageViewRestriction.objects.get(restriction_type="groups").groups.add(
        Group.objects.create(name="Millers")
    ),
    "a site's name": lambda: Site.objects.filter(hostname="cafe.test").update(hostname="tea.test"),
    "a site is added": lambda: Site.objects.create(hostname="new.test", root_page=page("/bread/")),
    "a site is deleted": lambda: things().cafe.delete(),
    "a language": lambda: Locale.objects.create(language_code="de"),
    "a translation": translate,
    "a redirect is added": lambda: Redirect.add_redirect("/new", "https://elsewhere.test/"),
    "a redirect is changed": lambda: Redirect.objects.filter(old_path="/old").update(redirect_link="https://a.test"),
    "a redirect is deleted": lambda: things().redirect.delete(),
    "a document": edit_document,
    "a document is moved": move_document,
    "a document is uploaded": lambda: Document.objects.create(title="New", file=ContentFile(b"x", "x.txt")),
    "a document is deleted": lambda: things().leaflet.delete(),
    "a collection": rename_collection,
    "a collection turns private": restrict_root_collection,
    "a collection turns public": lambda: CollectionViewRestriction.objects.all().delete(),
    "in the admin, pages are taken off": in_admin(bulk("unpublish", "rye")),
    "in the admin, pages are deleted": in_admin(bulk("delete", "rye")),
    "in the admin, pages are moved": bulk_move,
    "in the admin, documents are moved": bulk_document,
}


def started(bakery, change):
    """Generations that come of a change: "none", "soft" or "hard"."""
    before = bakery.generation()
    change()
    after = bakery.site.told
    assert bakery.generation() == after, "it was not counted with its commit"
    if after == before:
        return "none"
    assert after.number > before.number
    return "hard" if after.barrier > before.number else "soft"


@pytest.mark.parametrize("change", SOFT.values(), ids=SOFT)
def test_what_visitors_see_otherwise_starts_a_new_generation(bakery, change):
    assert started(bakery, change) == "soft"


@pytest.mark.parametrize("change", HARD.values(), ids=HARD)
def test_what_is_taken_away_from_visitors_is_never_shown_again(bakery, change):
    assert started(bakery, change) == "hard"


def test_pages_that_a_fixture_takes_off_are_never_shown_again(bakery, tmp_path):
    assert started(bakery, lambda: load_what_is_not_live(tmp_path)) == "hard"


# --- what is none ---


def edit_a_draft():
    draft = page("/draft/")
    draft.title = "Another draft"
    draft.save_revision()
    draft.save()


def new_draft():
    post = BlogPage(title="Soon", slug="soon", live=False)
    post.tags.add("crust")
    post.steps.add(Step(text="Knead"))
    page("/blog/").add_child(instance=post)
    post.save_revision()


def edit_what_a_draft_holds():
    post = BlogPage.objects.get(slug="soon")
    post.tags.add("crumb")
    post.steps.add(Step(text="Bake"))
    post.steps.first().text = "Fold"
    post.save()
    post.steps.set([Step(text="Only this")])
    post.tags.clear()
    post.save()


def draft_in_admin():
    in_admin(
        lambda: reverse("wagtailadmin_pages:add", args=("bakery", "blogpage", page("/blog/").pk)),
        **{
            "title": "Bun",
            "slug": "bun",
            "tags": "crust, crumb",
            "comments-TOTAL_FORMS": 0,
            "comments-INITIAL_FORMS": 0,
            "steps-TOTAL_FORMS": 1,
            "steps-INITIAL_FORMS": 0,
            "steps-0-text": "Knead",
            "steps-0-ORDER": 1,
            "steps-0-id": "",
        },
    )()


def comment():
    Comment.objects.create(page=page("/bread/"), user=things().owner, text="Nice", contentpath="title")


def sign_in():
    client = Client(SERVER_NAME="bakery.test")
    form = {"username": "owner", "password": "yeast"}
    assert client.post("/admin/login/", form).status_code == 302
    assert client.get("/admin/").status_code == 200
    client.post("/admin/logout/")


def open_editor():
    client = Client(SERVER_NAME="bakery.test")
    client.force_login(things().owner)
    edit = client.get(reverse("wagtailadmin_pages:edit", args=(page("/bread/").pk,)))
    session = edit.context["editing_sessions"]
    client.post(session.ping_url)
    client.post(session.release_url)
    client.get(reverse("wagtailadmin_pages:preview_on_edit", args=(page("/bread/").pk,)) + "?in_preview_panel=true")


def lock():
    rye = page("/bread/rye/")
    rye.locked, rye.locked_at = True, timezone.now()
    rye.save(update_fields=["locked", "locked_at"])


def roll_back():
    with transaction.atomic():
        publish()
        transaction.set_rollback(True)


def roll_back_a_part():
    with transaction.atomic():
        try:
            with transaction.atomic():
                publish()
                raise ValueError
        except ValueError:
            pass
        Enquiry.objects.create(text="?")


NONE = {
    "a draft of a live page": lambda: publish(draft=True),
    "a page that was never published": edit_a_draft,
    "a new draft with tags and steps": new_draft,
    "a new draft in the admin": draft_in_admin,
    "a snippet's draft": lambda: edit_baker(publish=False),
    "a comment": comment,
    "a lock": lock,
    "an open editor": open_editor,
    "somebody signs in and out": sign_in,
    "rights of editors": lambda: GroupPagePermission.objects.create(
        group=Group.objects.get(name="Bakers"), page=page("/"), permission_type="change"
    ),
    "an upload that waits": lambda: UploadedFile.objects.create(
        for_content_type_id=1, file=ContentFile(b"x", "x.txt"), uploaded_by_user=things().owner
    ),
    "a rendition": lambda: things().picture.get_rendition("width-9"),
    "the search index": lambda: call_command("update_index", verbosity=0),
    "the index of references": lambda: call_command("rebuild_references_index", verbosity=0),
    "old revisions": lambda: call_command("purge_revisions"),
    "old sessions": lambda: call_command("clearsessions"),
    "what visitors leave": lambda: Enquiry.objects.create(text="Have you rye?"),
    "a statement that finds nothing": lambda: Page.objects.filter(slug="nowhere").update(live=False),
    "a deletion of nothing": lambda: Redirect.objects.filter(old_path="/nowhere").delete(),
    "a look": lambda: list(Page.objects.select_for_update().filter(depth=2)),
    "what is rolled back": roll_back,
    "what is rolled back in part": roll_back_a_part,
}


@pytest.mark.parametrize("change", NONE.values(), ids=NONE)
def test_what_no_visitor_sees_starts_none(bakery, change):
    assert started(bakery, change) == "none"


def test_what_a_draft_holds_is_its_own_business(bakery):
    new_draft()
    assert started(bakery, edit_what_a_draft_holds) == "none"


def test_a_publication_after_one_that_was_rolled_back_counts(bakery):
    roll_back()
    assert started(bakery, publish) == "soft"


def test_a_part_that_is_kept_counts_beside_one_that_is_rolled_back(bakery):
    def change():
        with transaction.atomic():
            add_page()
            try:
                with transaction.atomic():
                    page("/bread/").unpublish()
                    raise ValueError
            except ValueError:
                pass

    assert started(bakery, change) == "soft"


def test_one_transaction_is_one_generation(bakery):
    counted = []

    def change():
        with transaction.atomic():
            for number in range(5):
                Price.objects.create(cents=number)
            counted.append(bakery.site.told)

    before = bakery.generation()
    assert started(bakery, change) == "soft"
    assert counted == [before]


# --- what goes wrong between a change and its count ---


def test_a_change_that_nobody_counted_is_counted_by_whoever_makes_the_next_page(bakery, monkeypatch):
    bakery.save()
    with monkeypatch.context() as killed:
        killed.setattr(counting, "_count", lambda: None)
        publish()
    assert bakery.how("/bread/") == "hit"  # nobody knows
    bakery.new_process()
    assert bakery.how("/unsaved/") == "fwd=miss; detail=declared"
    assert "Better bread" in bakery.ask("/bread/").text


def test_a_change_that_cannot_be_noted_is_none(bakery, monkeypatch):
    """Outside of a transaction, too: a restriction that nobody heard of would show the page for ever."""

    def fail(hard):
        raise ZeroDivisionError

    monkeypatch.setattr(changes, "note", fail)
    with pytest.raises(ZeroDivisionError):
        Site.objects.filter(hostname="cafe.test").update(hostname="tea.test")
    with pytest.raises(ZeroDivisionError):
        restriction(restriction_type="login")
    monkeypatch.undo()
    assert Site.objects.filter(hostname="cafe.test").exists()
    assert not page("/bread/").get_view_restrictions()


def test_what_is_committed_by_hand_is_counted_by_whoever_makes_the_next_page(bakery):
    before = bakery.generation()
    transaction.set_autocommit(False)
    try:
        Site.objects.filter(hostname="cafe.test").update(hostname="tea.test")
        transaction.commit()
    finally:
        transaction.set_autocommit(True)
    assert bakery.generation().barrier > before.number


def test_the_storage_is_told_before_the_answer_is_sent(bakery):
    in_admin(lambda: reverse("wagtailadmin_pages:unpublish", args=(page("/bread/rye/").pk,)))()
    told = Generation.unpack((bakery.folder / "generation").read_bytes())
    bakery.new_process()
    assert told == bakery.site.generation() == bakery.generation()


def test_a_database_that_was_restored_comes_to_no_number_twice(bakery):
    publish()
    number = bakery.generation().number
    Row.objects.update(number=number - 86_400_000)
    bakery.now += 1
    add_page()
    assert bakery.generation().number > number


@pytest.mark.parametrize("change, gone", [("unpublish", 404), ("restrict", 302), ("delete", 404), ("move", 301)])
def test_a_former_copy_of_what_was_taken_away_is_not_even_shown_asleep(bakery, change, gone):
    bakery.save()
    rye = page("/bread/rye/")
    if change == "restrict":
        PageViewRestriction.objects.create(page=rye, restriction_type="login")
    else:
        getattr(rye, change)(*([page("/blog/"), "last-child"] if change == "move" else []))
    for process in ("this", "another"):
        if process == "another":
            bakery.new_process()
        with bakery.asleep(), pytest.raises(RuntimeError, match="Database access"):
            bakery.ask("/bread/rye/")
    assert bakery.ask("/bread/rye/").status_code == gone


def test_a_former_copy_is_shown_asleep_with_its_age_and_not_once_it_is_made_anew(bakery):
    bakery.save()
    publish()
    bakery.now += 7
    former = bakery.ask_asleep("/bread/")
    assert (how(former), former.headers["Age"]) == ("hit; fwd=stale", "7")
    assert "Better bread" not in former.text
    assert bakery.how("/bread/") == "fwd=stale; stored"
    present = bakery.ask_asleep("/bread/")
    assert (how(present), present.headers.get("Age")) == ("hit", None)
    assert "Better bread" in present.text
