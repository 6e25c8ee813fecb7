"""Pages, pictures and documents with the uploads in a bucket: moto's, by production's own settings."""

import io
import re
import runpy
import textwrap
import time
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image as Pillow
from PIL import features
from storages.backends.s3 import S3Storage
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, CollectionViewRestriction, Site

from home.models import StandardPage
from scale0site.origin import origin
from sleeping import media, signing
from sleeping.saved.site import here

from .moto_s3 import s3_of_moto
from .test_production import WHOLE

BUCKET = "a-bucket"
REGION = "eu-west-1"


@pytest.fixture
def bucket(settings, monkeypatch):
    """It is empty, and the default storage is in it."""
    for name, value in WHOLE.items():
        monkeypatch.setenv(name, value)
    cache.clear()  # Wagtail remembers renditions there, by numbers that the next test gives to others
    with s3_of_moto(BUCKET, REGION) as s3:
        production = runpy.run_module("scale0site.settings.production")
        settings.STORAGES = settings.STORAGES | {"default": production["STORAGES"]["default"]}
        monkeypatch.setattr(media, "signatures", signing.Signatures(lambda *asked: default_storage.sign(*asked)))
        yield s3


def drawn(format_name: str, size: tuple[int, int] = (900, 600)) -> bytes:
    """A picture: red in the left half, blue in the right one."""
    picture = Pillow.new("RGB", size, "red")
    picture.paste("blue", (size[0] // 2, 0, *size))
    file = io.BytesIO()
    picture.save(file, format_name)
    return file.getvalue()


def uploaded(name: str, content: bytes, **fields) -> Image:
    return Image.objects.create(title=name, file=ContentFile(content, name), **fields)


def addresses(html: str) -> set[str]:
    """Of all its pictures."""
    found = set(re.findall(r'<img[^>]*\ssrc="([^"]+)"', html))
    for each in re.findall(r'\ssrcset="([^"]+)"', html):
        found |= {part.split()[0] for part in each.split(",")}
    return {unescape(address) for address in found}


@pytest.fixture
def page(db, bucket):
    home = Site.objects.get(is_default_site=True).root_page
    body = [("picture", {"image": uploaded("boat.jpg", drawn("JPEG")), "caption": "A boat"})]
    below = StandardPage(title="Below", show_in_menus=True, picture=uploaded("fish.webp", drawn("WEBP")))
    page = home.add_child(instance=StandardPage(title="A page", picture=uploaded("sea & sky.png", drawn("PNG"))))
    page.body = [*body]
    page.save()
    page.add_child(instance=below)
    return page


def test_a_page_holds_addresses_that_last_and_each_leads_to_its_picture(
    client, page, bucket, django_assert_num_queries
):
    html = client.get(page.url).content.decode()
    assert "X-Amz-" not in html
    assert "amazonaws" not in html
    assert BUCKET not in html
    found = addresses(html)
    assert len(found) == 5, found  # two widths of two pictures, and a card
    for address in found:
        assert address.startswith("/media/images/")
        with django_assert_num_queries(0):
            way = client.get(address)
        assert way.status_code == 302
        assert way["Location"].startswith(f"{origin(BUCKET, REGION)}/media/images/")
        answer = requests.get(way["Location"], timeout=5)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/webp")
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert Pillow.open(io.BytesIO(answer.content)).format == "WEBP"


def test_what_is_in_the_bucket_is_reachable_by_that_address_only_if_it_is_public(client, page, bucket):
    bucket.put_object(Bucket=BUCKET, Key="saved/page", Body=b"")
    default_storage.save("documents/a.pdf", ContentFile(b""))
    for thing in bucket.list_objects_v2(Bucket=BUCKET)["Contents"]:
        name = thing["Key"].removeprefix("media/")
        assert client.get(f"/media/{name}").status_code == (302 if name.startswith("images/") else 404), name


def test_only_public_files_have_lasting_addresses(bucket):
    assert default_storage.url("images/a b&c.webp") == "/media/images/a%20b%26c.webp"
    for name in ("original_images/a.jpg", "documents/a.pdf", "avatar_images/me.png", "images/../documents/a.pdf"):
        url = urlsplit(default_storage.url(name))
        assert url.scheme == "https"
        assert parse_qs(url.query)["X-Amz-Signature"]


@pytest.mark.parametrize(
    "route, arguments",
    [("wagtailimages:index", False), ("wagtailimages:edit", True), ("wagtailimages_chooser:choose", False)],
)
def test_the_admin_shows_pictures_by_the_same_addresses(admin_client, bucket, route, arguments):
    picture = uploaded("boat.jpg", drawn("JPEG"))
    answer = admin_client.get(reverse(route, args=[picture.pk] if arguments else []))
    html = answer.json()["html"] if "json" in answer["Content-Type"] else answer.content.decode()
    shown = {address for address in addresses(html) if "boat" in address}
    assert shown
    for address in shown:
        assert address.startswith("/media/images/")
        answer = requests.get(admin_client.get(address)["Location"], timeout=5)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert "X-Amz-" not in html


def test_the_editor_of_a_page_holds_lasting_addresses(admin_client, page):
    editor = admin_client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    assert any("sea__sky" in address for address in addresses(editor))
    assert "X-Amz-" not in editor


def test_an_upload_by_the_admin_is_shown_and_can_be_deleted_with_all_that_was_made_of_it(
    admin_client, bucket, django_capture_on_commit_callbacks
):
    file = ContentFile(drawn("JPEG"), "new.jpg")
    root = Collection.get_first_root_node().pk
    answer = admin_client.post(
        reverse("wagtailimages:add_multiple"), {"title": "New", "files[]": file, "collection": root}
    ).json()
    assert answer["success"], answer
    assert Image.objects.get().get_rendition("max-165x165").url == "/media/images/new.max-165x165.jpg"
    with django_capture_on_commit_callbacks(execute=True):
        Image.objects.get().delete()
    assert "Contents" not in bucket.list_objects_v2(Bucket=BUCKET)


# --- formats ---


def shown(client, address: str) -> tuple[str, Pillow.Image]:
    """The type that it is sent with, and the picture."""
    answer = requests.get(client.get(address)["Location"], timeout=5)
    assert answer.status_code == 200
    return answer.headers["Content-Type"], Pillow.open(io.BytesIO(answer.content))


@pytest.mark.django_db
@pytest.mark.parametrize("spec, type_", [("width-300", "image/webp"), ("width-300|format-avif", "image/avif")])
@pytest.mark.parametrize("format_name", ["AVIF", "WEBP"])
def test_new_formats_come_out_as_a_browser_can_show_them(client, bucket, format_name, spec, type_):
    assert features.check(format_name.lower())
    picture = uploaded(f"a.{format_name.lower()}", drawn(format_name))
    found, result = shown(client, picture.get_rendition(spec).url)
    assert found == type_
    assert (f"image/{result.format.lower()}", result.size) == (type_, (300, 200))
    red, blue = result.convert("RGB").getpixel((10, 100)), result.convert("RGB").getpixel((290, 100))
    assert red[0] > 200 > red[2]
    assert blue[2] > 200 > blue[0]


@pytest.mark.django_db
@pytest.mark.parametrize("x, colour", [(100, 0), (800, 2)])
def test_a_focal_point_decides_what_a_crop_shows_and_has_an_address_of_its_own(client, bucket, x, colour):
    plain = uploaded("a.jpg", drawn("JPEG"))
    focused = uploaded("b.jpg", drawn("JPEG"), focal_point_x=x, focal_point_y=300)
    focused.focal_point_width = focused.focal_point_height = 50
    focused.save()
    url = focused.get_rendition("fill-100x600").url
    _, result = shown(client, url)
    pixel = result.convert("RGB").getpixel((50, 300))
    assert pixel[colour] > 200
    assert re.search(r"b\.[0-9a-f]{8}\.fill-100x600", url)
    assert not re.search(r"\.[0-9a-f]{8}\.", plain.get_rendition("width-100").url)


@pytest.mark.django_db
def test_an_animated_gif_becomes_a_picture_that_stands_still(client, bucket):
    frames = [Pillow.new("RGB", (200, 100), colour) for colour in ("red", "green", "blue")]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:], duration=100)
    found, result = shown(client, uploaded("a.gif", file.getvalue()).get_rendition("width-100|format-webp").url)
    assert (found, getattr(result, "n_frames", 1)) == ("image/webp", 1)


@pytest.mark.parametrize(
    "name, content, says",
    [
        ("a.heic", b"....ftypheic", "upload a valid image"),
        ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a supported image format"),
        ("a.png", None, "too many pixels"),
    ],
)
def test_what_cannot_or_should_not_be_shown_is_refused_when_it_is_uploaded(admin_client, bucket, name, content, says):
    if content is None:
        file = io.BytesIO()
        Pillow.new("1", (10_000, 5001)).save(file, "PNG")
        content = file.getvalue()
    root = Collection.get_first_root_node().pk
    upload = {"title": "Too much", "files[]": ContentFile(content, name), "collection": root}
    answer = admin_client.post(reverse("wagtailimages:add_multiple"), upload).json()
    assert not answer["success"]
    assert says in answer["error_message"].lower()


# --- documents ---


@pytest.fixture
def plan(db, bucket):
    document = Document(title="A plan", collection=Collection.get_first_root_node().add_child(name="Plans"))
    document.file.save("plän.csv", ContentFile(b"a,b"))
    return document


def test_a_public_document_comes_with_its_name_and_type(client, plan, django_assert_num_queries):
    way = client.get(plan.url)
    assert way.status_code == 302
    with django_assert_num_queries(0):
        asleep = media.signed(way.signs)
    for location in (way["Location"], asleep["Location"]):
        answer = requests.get(location, timeout=5)
        assert (answer.status_code, answer.content) == (200, b"a,b")
        assert answer.headers["Content-Type"] == "text/csv"
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=pl")
        assert answer.headers["Cache-Control"] == "public, max-age=900"
        assert parse_qs(urlsplit(location).query)["X-Amz-Expires"] == ["900"]


def test_a_private_document_is_for_those_who_are_let_in(client, admin_client, plan):
    CollectionViewRestriction.objects.create(
        collection=plan.collection, restriction_type=CollectionViewRestriction.LOGIN
    )
    assert client.get(plan.url)["Location"].startswith("/_util/login/?next=")
    way = admin_client.get(plan.url)
    answer = requests.get(way["Location"], timeout=5)
    assert (answer.content, answer.headers["Cache-Control"]) == (b"a,b", "private, no-store")
    assert way["Cache-Control"] == "private, no-store"


@pytest.fixture
def saved(settings, tmp_path):
    """Answers are saved, and the clock of the process that answers by them can be set forward."""
    folder = {"BACKEND": "sleeping.saved.folder.Folder", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"saved": folder}
    yield here()
    here.cache_clear()


def test_a_public_document_is_answered_for_hours_while_the_database_sleeps(
    client, plan, saved, django_assert_num_queries
):
    first = client.get(plan.url, headers={"host": "localhost"})
    assert first.status_code == 302
    saved.clock = lambda: time.time() + 5 * 3600
    with django_assert_num_queries(0):
        again = client.get(plan.url, headers={"host": "localhost"})
    assert "hit" in again["Cache-Status"], again["Cache-Status"]
    assert again["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert requests.get(again["Location"], timeout=5).content == b"a,b"


def test_a_document_that_is_signed_for_one_person_is_not_saved(client, admin_client, plan, saved):
    CollectionViewRestriction.objects.create(
        collection=plan.collection, restriction_type=CollectionViewRestriction.LOGIN
    )
    way = admin_client.get(plan.url, headers={"host": "localhost"})
    assert "X-Amz-Signature" in way["Location"]
    stranger = client.get(plan.url, headers={"host": "localhost"})
    assert stranger["Location"].startswith("/_util/login/")
    assert "stored" not in stranger["Cache-Status"]


def test_no_address_below_media_leads_to_a_document(client, plan):
    assert plan.file.name.startswith("documents/")
    assert client.get(f"/media/{plan.file.name}").status_code == 404


def test_the_storage_that_the_documentation_shows_works(client, bucket, settings):
    text = (settings.BASE_DIR / "docs/media.md").read_text()
    shown = {"S3Storage": S3Storage, "address": media.address, "Signed": signing.Signed, "time": time}
    exec(textwrap.dedent(re.search(r"```python\n(.*?)```", text, re.DOTALL)[1]), shown)
    storage = shown["Pictures"](**settings.STORAGES["default"]["OPTIONS"])
    storage.save("images/a.txt", ContentFile(b"a"))
    assert storage.url("images/a.txt") == "/media/images/a.txt"
    signed = storage.sign(signing.Wanted("images/a.txt", content_type="text/html"), 60)
    answer = requests.get(signed.url, timeout=5)
    assert (answer.content, answer.headers["Content-Type"]) == (b"a", "text/html")
