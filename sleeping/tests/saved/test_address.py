"""What a copy is kept under."""

import pytest
from django.test import RequestFactory

from sleeping.saved import address
from sleeping.saved.address import Address, normal


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    monkeypatch.setattr(address, "declared", lambda: frozenset(["page", "tag"]))


def of(path, **headers):
    return Address.of(RequestFactory().get(path, **headers))


def test_scheme_host_path_and_query_make_an_address():
    one = of("/a/")
    assert one == Address("http", "testserver", "/a/")
    others = [of("/b/"), of("/a/?page=2"), of("/a/", HTTP_HOST="localhost"), of("/a/", HTTP_HOST="localhost:81")]
    assert len({one.name, *(other.name for other in others)}) == 5


def test_one_folder_holds_all_of_a_path():
    assert of("/a/?page=2").name.rpartition("/")[0] == of("/a/?page=3").name.rpartition("/")[0]


@pytest.mark.parametrize(
    "query, kept",
    [
        ("", ""),
        ("utm_source=news&utm_campaign=a%20b&gclid=x&fbclid=y&UTM_ID=1&_ga=2.3&mc_eid=z", ""),
        ("utm_source=news&page=2", "page=2"),
        ("page=2&tag=b", "page=2&tag=b"),
        ("tag=b&page=2", "page=2&tag=b"),
        ("page=", "page="),
        ("tag=gr%C3%BCn", "tag=gr%C3%BCn"),
        ("x=1", None),
        ("page=2&x=1", None),
        ("page=2&page=3", None),
        ("page=" + "9" * 61, None),
        ("page=<script>", None),
        ("page=..%2F..", None),
        ("x", None),
    ],
)
def test_what_campaigns_add_is_left_out_and_what_nobody_declares_is_not_kept(query, kept):
    assert normal(query) == kept


@pytest.mark.parametrize("path", ["/", "/a/?page=2", "/gr%C3%BCn/", "/a%2Fb/", "/a%25b/", "/a%3Fb/"])
def test_an_address_written_down_is_read_again(path):
    assert Address.parse(str(of(path))) == of(path)


def test_a_host_is_the_same_in_capitals():
    assert of("/", HTTP_HOST="LOCALHOST") == of("/", HTTP_HOST="localhost")
