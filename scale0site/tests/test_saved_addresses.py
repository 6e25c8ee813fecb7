"""Saved answers at addresses with other letters than English has."""

import pytest
from wagtail.models import Site

from home.models import StandardPage
from sleeping.saved.index import build
from sleeping.saved.site import here


@pytest.fixture
def saved(settings, tmp_path):
    folder = {"BACKEND": "sleeping.saved.folder.Folder", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"saved": folder}
    settings.ALLOWED_HOSTS = ["localhost"]
    yield here()
    here.cache_clear()


@pytest.mark.django_db
def test_a_page_is_saved_and_known_by_the_letters_of_its_address(client, saved, django_assert_num_queries):
    home = Site.objects.get(is_default_site=True).root_page
    home.add_child(instance=StandardPage(title="Café", slug="café"))
    first = client.get("/caf%C3%A9/", headers={"host": "localhost"})
    assert (first.status_code, first["Cache-Status"]) == (200, "saved-pages; fwd=miss; stored")
    with django_assert_num_queries(0):
        again = client.get("/caf%C3%A9/", headers={"host": "localhost"})
    assert (again.status_code, again["Cache-Status"]) == (200, "saved-pages; hit")
    index = build(1)
    assert index.knows("localhost", "/café/")
    assert any(address.endswith("/caf%C3%A9/") for address in index.left)
