"""The bakery's site, made anew: its pages, and what is no page."""

from types import SimpleNamespace

from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from wagtail.contrib.redirects.models import Redirect
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, CollectionViewRestriction, Page, PageViewRestriction, Site

from .models import ArchivePage, Baker, BlogIndexPage, BlogPage, BreadPage, Footer, UnsavedPage

POSTS = 7


def bake() -> None:
    """In place of what the migrations left."""
    root = Page.objects.get(depth=1)
    home = root.add_child(instance=BreadPage(title="Bakery", slug="bakery"))
    cafe = root.add_child(instance=BreadPage(title="Cafe", slug="cafe"))
    Site.objects.update(hostname="bakery.test", port=80, root_page=home)
    Site.objects.create(hostname="cafe.test", root_page=cafe)
    Page.objects.filter(depth=2).exclude(pk__in=[home.pk, cafe.pk]).delete()
    _fill(home)
    _fill_cafe(cafe)


def _fill(home: Page) -> None:
    owner = User.objects.create_superuser("owner", "owner@bakery.test", "yeast")
    private = Collection.get_first_root_node().add_child(instance=Collection(name="Ledgers"))
    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    things = {
        "baker": Baker.objects.create(name="Ada"),
        "picture": Image.objects.create(title="A loaf", file=get_test_image_file("loaf.png", size=(40, 40))),
        "leaflet": Document.objects.create(title="Leaflet", file=ContentFile(b"Prices", "leaflet.txt")),
    }
    Document.objects.create(title="Ledger", file=ContentFile(b"Profits", "ledger.txt"), collection=private)
    bread = home.add_child(instance=BreadPage(title="Bread", slug="bread", **things))
    bread.add_child(instance=BreadPage(title="Rye", slug="rye"))
    home.add_child(instance=BreadPage(title="Brötchen", slug="brötchen"))
    home.add_child(instance=BreadPage(title="Draft", slug="draft", live=False, owner=owner))
    blog = home.add_child(instance=BlogIndexPage(title="Blog", slug="blog"))
    for number in range(1, POSTS + 1):
        post = BlogPage(title=f"Post {number}", slug=f"post-{number}", first_published_at="2025-05-05T05:05:05Z")
        post.tags.add("crust" if number % 2 else "crumb")
        blog.add_child(instance=post)
    home.add_child(instance=ArchivePage(title="Archive", slug="archive"))
    home.add_child(instance=UnsavedPage(title="Unsaved", slug="unsaved"))
    for kind in ("login", "password", "groups"):
        page = home.add_child(instance=BreadPage(title=f"By {kind}", slug=f"by-{kind}"))
        page.add_child(instance=BreadPage(title=f"Below {kind}", slug="below"))
        restriction = PageViewRestriction.objects.create(page=page, restriction_type=kind, password="flour")
        if kind == "groups":
            restriction.groups.add(Group.objects.create(name="Bakers"))
    Footer.objects.create(site=Site.objects.get(root_page=home))
    Redirect.add_redirect("/old", bread)
    Redirect.add_redirect("/Old/Capitals/", "https://elsewhere.test/")
    Redirect.add_redirect("/asked?id=1", bread)


def _fill_cafe(cafe: Page) -> None:
    cafe.add_child(instance=BreadPage(title="Bread in the cafe", slug="bread"))
    cafe.add_child(instance=BreadPage(title="Cakes", slug="cakes"))
    Footer.objects.create(site=Site.objects.get(hostname="cafe.test"), text="Open on Sundays")


def page(path: str, site: str = "bakery") -> Page:
    """The page at a path of the bakery's site, or the cafe's."""
    return Page.objects.get(url_path=f"/{site}{path}").specific


def things() -> SimpleNamespace:
    """What is there besides pages."""
    return SimpleNamespace(
        baker=Baker.objects.get(),
        picture=Image.objects.get(),
        leaflet=Document.objects.get(title="Leaflet"),
        ledger=Document.objects.get(title="Ledger"),
        collection=Collection.objects.get(name="Ledgers"),
        owner=User.objects.get(username="owner"),
        site=Site.objects.get(is_default_site=True),
        cafe=Site.objects.get(hostname="cafe.test"),
        redirect=Redirect.objects.get(old_path="/old"),
    )
