"""Pictures and documents behind signatures. No test here may touch the database unless it says so."""

import logging
import posixpath
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, unquote, urljoin, urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import MiddlewareNotUsed
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st
from wagtail import hooks
from wagtail.documents.models import Document, document_served
from wagtail.models import Collection, CollectionViewRestriction

from sleeping import media, signing

from .signing import Signer

PICTURE = "/media/images/cat.width-800.webp"


@pytest.fixture
def signer(settings, monkeypatch):
    """A storage that signs, and a clock that stands still."""
    found = Signer()
    monkeypatch.setattr("sleeping.tests.signing.signer", found)
    monkeypatch.setattr(
        media, "signatures", signing.Signatures(lambda *asked: default_storage.sign(*asked), found.clock)
    )
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "sleeping.tests.signing.SigningStorage"}}
    return found


@pytest.fixture
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "images").mkdir()
    (tmp_path / "images/cat.width-800.webp").write_bytes(b"a cat")
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/plan.pdf").write_bytes(b"a plan")
    return tmp_path


def kept_for(response) -> int:
    return int(re.search(r"max-age=(\d+)", response["Cache-Control"])[1])


def query(response) -> dict[str, list[str]]:
    return parse_qs(urlsplit(response["Location"]).query)


def test_a_picture_leads_to_a_signed_address_without_a_query(client, signer):
    response = client.get(PICTURE)
    assert response.status_code == 302
    assert response["Location"].startswith("https://bucket.example.org/images/cat.width-800.webp?")
    assert response["Cache-Control"] == "public, max-age=3540, must-revalidate"
    assert not response.cookies


@pytest.mark.parametrize(
    "name",
    [
        "images/a b.webp",
        "images/ä+ö.webp",
        "images/sub/of/it.avif",
        "images/a?b#c.webp",
        "images/..a...b..",
    ],
)
def test_whatever_address_a_page_holds_is_answered(client, signer, name):
    address = media.address(name)
    assert address.startswith("/media/images/")
    assert not {"?", "#", " "} & set(address)
    assert address.isascii()
    assert client.get(address).status_code == 302
    assert signer.asked[-1].name == name


@given(st.text(st.sampled_from("images/.%2e5c\\\0\ud800ä;?#:~ +\n"), max_size=25).map("images/{}".format))
def test_a_name_that_is_public_is_read_in_one_way_only(name):
    found = media.address(name)
    if found is not None:
        assert unquote(urlsplit(found).path) == f"/media/{name}"
        assert unquote(unquote(urlsplit(found).path)) == f"/media/{name}"
        assert posixpath.normpath(name) == name
        assert urljoin("https://bucket.example.org/media/", found) == f"https://bucket.example.org{found}"


def test_whoever_is_logged_in_gets_pictures_without_being_looked_up(client, signer, settings):
    client.cookies[settings.SESSION_COOKIE_NAME] = "whatever"
    assert client.get(PICTURE).status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "",
        "images",
        "images/",
        "documents/plan.pdf",
        "original_images/cat.jpg",
        "saved/index",
        "operations/log",
        "imagesque/cat.webp",
        "Images/cat.webp",
        "images/../documents/plan.pdf",
        "images/..",
        "images/./cat.webp",
        "images//cat.webp",
        "/images/cat.webp",
        "//images/cat.webp",
        "images/%2e%2e/documents/plan.pdf",
        "images%2f..%2fdocuments/plan.pdf",
        "images/%252e%252e/documents/plan.pdf",
        "images/%252fcat.webp",
        "images/..%5cdocuments%5cplan.pdf",
        "images%5c..%5cdocuments/plan.pdf",
        "images/cat.webp%00.pdf",
        "images/cat%0d%0aSet-Cookie:x.webp",
        "images/cat%ff.webp",
        "images/%c0%ae%c0%ae/documents/plan.pdf",
        "images/cat.webp/",
        "images/" + "long" * 300,
        "%2e%2e/saved/index",
        "../saved/index",
    ],
)
@pytest.mark.parametrize("method", ["get", "head", "post"])
def test_all_else_below_it_is_not_there_and_nothing_is_asked(client, signer, path, method):
    response = getattr(client, method)(f"/media/{path}", follow=False)
    assert response.status_code == 404
    assert response["Content-Type"] == "text/plain"
    assert not signer.asked


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch", "options"])
def test_a_picture_can_only_be_fetched(client, signer, method):
    response = getattr(client, method)(PICTURE)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")
    assert not signer.asked


def test_the_same_address_is_handed_out_again_until_half_of_its_life_is_over(client, signer):
    first = client.get(PICTURE)
    signer.clock.now += 1799
    again = client.get(PICTURE)
    assert again["Location"] == first["Location"]
    assert kept_for(again) == 3600 - 1799 - media.MARGIN
    signer.clock.now += 1
    assert client.get(PICTURE)["Location"] != first["Location"]


@pytest.mark.parametrize("lives", [10_000, 3600, 900, 300, 121, 61])
def test_no_answer_is_kept_longer_than_its_signature_holds(client, signer, lives):
    signer.lives = lives
    for _ in range(50):
        response = client.get(PICTURE)
        made = signer.clock.now if len(signer.asked) == 1 else made_at(signer, response)
        kept = kept_for(response) if "max-age" in response["Cache-Control"] else 0
        assert signer.clock.now + kept + media.MARGIN <= made + int(query(response)["seconds"][0]) or not kept
        signer.clock.now += 97


def made_at(signer, response):
    """When the storage signed it."""
    kept, _ = media.signatures._kept[signer.asked[-1]]
    assert kept.url == response["Location"]
    return kept.until - int(query(response)["seconds"][0])


def test_a_signature_that_is_about_to_end_is_not_kept_at_all(client, signer):
    signer.lives = media.MARGIN
    assert client.get(PICTURE)["Cache-Control"] == "private, no-store"


def test_a_head_gets_a_signature_of_its_own_that_nobody_keeps(client, signer):
    got, asked = client.get(PICTURE), client.head(PICTURE)
    assert (asked.status_code, asked["Cache-Control"]) == (302, "private, no-store")
    assert [wanted.method for wanted in signer.asked] == ["GET", "HEAD"]
    assert client.get(PICTURE)["Location"] == got["Location"]


def test_a_process_remembers_no_more_than_it_has_room_for(client, signer, monkeypatch):
    monkeypatch.setattr(signing, "ROOM", 3)
    for name in "abcdef":
        client.get(f"/media/images/{name}")
    client.get("/media/images/d")  # asked for last, so it stays when the next one comes
    client.get("/media/images/g")
    assert [wanted.name for wanted in media.signatures._kept] == ["images/f", "images/d", "images/g"]


def test_threads_that_ask_at_once_all_get_an_address(client, signer):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: client.get(f"/media/images/{number % 3}")["Location"], range(60)))
    assert {urlsplit(url).path for url in found} == {"/images/0", "/images/1", "/images/2"}


def test_a_storage_that_cannot_sign_is_an_answer_and_one_line_in_the_log(client, signer, caplog):
    signer.fails = True
    with caplog.at_level(logging.INFO, "sleeping"):
        answers = [client.get(f"/media/images/{number}") for number in range(5)]
    assert {(answer.status_code, answer["Cache-Control"], answer["Retry-After"]) for answer in answers} == {
        (503, "no-store", "5")
    }
    assert len(signer.asked) == 1
    said = [record for record in caplog.records if record.levelno == logging.ERROR and record.name == "sleeping"]
    assert [record.getMessage() for record in said] == [
        "The file images/0: its address could not be signed. The bucket says: no. Ask it nicely."
    ]
    assert not [record for record in said if record.exc_info]
    signer.fails = False
    signer.clock.now += signing.PAUSE
    assert client.get(PICTURE).status_code == 302


def test_the_public_folders_are_a_setting(client, signer, settings):
    settings.SLEEPING = {"PUBLIC_MEDIA": ["avatars", "/pictures/"]}
    assert client.get("/media/avatars/me.webp").status_code == 302
    assert client.get("/media/pictures/me.webp").status_code == 302
    assert client.get("/media/avatarsecret/me.webp").status_code == 404
    assert client.get(PICTURE).status_code == 404
    assert media.address("images/cat.webp") is None


def test_a_picture_whose_original_is_lost_has_an_address_all_the_same(client, signer):
    assert media.address("not-found") == "/media/not-found"
    assert client.get("/media/not-found").status_code == 404


@pytest.mark.parametrize("root", ["/", "", "https://cdn.example.org/media/", "//cdn.example.org/media/"])
def test_without_an_address_of_its_own_below_the_site_it_stands_aside(settings, root):
    settings.MEDIA_URL = root
    with pytest.raises(MiddlewareNotUsed, match="MEDIA_URL is"):
        media.MediaMiddleware(lambda request: HttpResponse())


def test_other_addresses_are_passed_on(signer):
    def inner(request):
        raise Http404

    with pytest.raises(Http404):
        media.MediaMiddleware(inner)(RequestFactory().get("/medialike/images/cat.webp"))


# --- a folder ---


def test_a_laptop_serves_as_django_does(folder, settings):
    settings.DEBUG = True
    passed_on = media.MediaMiddleware(lambda request: HttpResponse("by static()"))
    assert passed_on(RequestFactory().get(PICTURE)).content == b"by static()"


def test_a_folder_without_debug_sends_its_public_files_and_no_others(client, folder):
    response = client.get(PICTURE)
    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert b"".join(response) == b"a cat"
    unchanged = client.get(PICTURE, headers={"if-modified-since": response["Last-Modified"]})
    assert unchanged.status_code == 304
    for path in ("/media/documents/plan.pdf", "/media/images/dog.webp", "/media/images/"):
        refused = client.get(path)
        assert (refused.status_code, refused["Content-Type"]) == (404, "text/plain")


def test_the_type_of_a_picture_is_known_on_a_machine_without_a_list_of_types():
    asked = (
        "import mimetypes; mimetypes.knownfiles.clear(); import sleeping.media; print(mimetypes.guess_type('a.webp'))"
    )
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, timeout=30)
    assert done.stdout == "('image/webp', None)\n", done.stderr


# --- documents ---


@pytest.fixture
def plan(db, signer):
    document = Document(title="A plan", collection=Collection.get_first_root_node().add_child(name="Plans"))
    document.file.save("my plan.pdf", ContentFile(b"a plan"))
    return document


@pytest.fixture
def served():
    """What was told of documents that were served."""
    told = []

    def note(sender, instance, request, **_):
        told.append((sender, instance, request.path))

    document_served.connect(note)
    yield told
    document_served.disconnect(note)


def test_a_document_is_signed_with_its_type_and_the_name_that_it_is_saved_by(client, plan, signer, served):
    plan.file.save("list.csv", ContentFile(b"a,b"))
    response = client.get(plan.url)
    assert response["Location"].startswith("https://bucket.example.org/documents/list.csv?")
    assert (signer.asked[-1].content_type, signer.asked[-1].method) == ("text/csv", "GET")
    assert signer.asked[-1].disposition == "attachment; filename=list.csv; filename*=UTF-8''list.csv"
    assert query(response)["seconds"] == ["900"]
    assert served == [(Document, plan, plan.url)]


def test_the_way_to_a_public_document_is_kept_for_a_minute(client, plan):
    assert client.get(plan.url)["Cache-Control"] == "public, max-age=60, must-revalidate"


def test_a_public_document_is_answered_without_a_query_by_what_its_answer_signs(
    client, plan, signer, django_assert_num_queries
):
    response = client.get(plan.url)
    assert isinstance(response.signs, str)
    with django_assert_num_queries(0):
        again = media.signed(response.signs)
    assert (again.status_code, again["Location"]) == (302, response["Location"])
    assert again.signs == response.signs
    signer.clock.now += 450
    later = media.signed(response.signs)
    assert later["Location"] != response["Location"]
    assert signer.asked[-1] == signer.asked[0]
    assert media.signed(response.signs, "HEAD")["Cache-Control"] == "private, no-store"
    assert signer.asked[-1].method == "HEAD"


@pytest.mark.parametrize("kind", [CollectionViewRestriction.LOGIN, CollectionViewRestriction.PASSWORD])
def test_a_private_document_is_not_signed_for_those_who_may_not_have_it(client, plan, signer, served, kind):
    CollectionViewRestriction.objects.create(collection=plan.collection, restriction_type=kind, password="sesame")
    response = client.get(plan.url)
    assert response.status_code == (302 if kind == CollectionViewRestriction.LOGIN else 200)
    assert "bucket" not in response.get("Location", "")
    assert not hasattr(response, "signs")
    assert not signer.asked
    assert not served


def test_a_private_document_is_signed_for_one_who_is_let_in_and_never_kept(client, plan, signer):
    CollectionViewRestriction.objects.create(
        collection=plan.collection, restriction_type=CollectionViewRestriction.LOGIN
    )
    client.force_login(get_user_model().objects.create_user("somebody"))
    first, second = client.get(plan.url), client.get(plan.url)
    assert first["Cache-Control"] == "private, no-store"
    assert signer.asked[-1].cache_control == "private, no-store"
    assert first["Location"] != second["Location"]
    assert not hasattr(first, "signs")


def test_a_password_opens_a_private_document(client, plan, signer):
    restriction = CollectionViewRestriction.objects.create(
        collection=plan.collection, restriction_type=CollectionViewRestriction.PASSWORD, password="sesame"
    )
    address = f"/documents/authenticate_with_password/{restriction.pk}/"
    assert client.post(address, {"password": "sesame", "return_url": plan.url})["Location"] == plan.url
    assert client.get(plan.url)["Cache-Control"] == "private, no-store"
    assert len(signer.asked) == 1


def test_a_document_whose_collection_turned_private_is_signed_for_nobody_else(client, plan, signer):
    assert client.get(plan.url)["Location"].startswith("https://bucket.")
    CollectionViewRestriction.objects.create(
        collection=Collection.get_first_root_node(), restriction_type=CollectionViewRestriction.LOGIN
    )
    signer.asked.clear()
    assert "bucket" not in client.get(plan.url)["Location"]
    assert not signer.asked


def test_a_projects_own_refusal_comes_first(client, plan, signer):
    with hooks.register_temporarily("before_serve_document", lambda document, request: HttpResponse(status=403)):
        assert client.get(plan.url).status_code == 403
    assert not signer.asked


def test_a_document_that_cannot_be_signed_is_an_answer(client, plan, signer):
    signer.fails = True
    response = client.get(plan.url)
    assert (response.status_code, response["Cache-Control"]) == (503, "no-store")
    assert not hasattr(response, "signs")


def test_a_document_of_another_name_is_not_there(client, plan, signer):
    assert client.get(plan.url.replace("my_plan", "other")).status_code == 404
    assert not signer.asked


@pytest.mark.django_db
def test_a_document_in_a_folder_is_sent_as_wagtail_does(client, folder, served):
    document = Document.objects.create(title="A plan", file="documents/plan.pdf")
    response = client.get(document.url)
    assert b"".join(response) == b"a plan"
    assert response["Content-Security-Policy"] == "default-src 'none'"
    assert not hasattr(response, "signs")
    assert len(served) == 1


def test_a_project_that_serves_documents_by_itself_goes_on_doing_so(client, plan, signer, settings):
    settings.WAGTAILDOCS_SERVE_METHOD = "serve_view"
    assert b"".join(client.get(plan.url)) == b"a plan"
    assert not signer.asked
