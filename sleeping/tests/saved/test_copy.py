"""A saved answer, as it lies in the storage and as a visitor gets it."""

import gzip
import json
import re

import pytest
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory

from sleeping.saved.copy import Copy

GET = RequestFactory().get


def copied(content=b"<h1>Hello</h1>" * 50, placeholder="", **headers):
    return Copy.of(HttpResponse(content, headers=headers), 7, 1000.0, placeholder)


def test_it_is_the_same_after_it_was_packed():
    copy = copied(**{"X-Frame-Options": "DENY"})
    assert Copy.unpack(copy.pack()) == copy


@pytest.mark.parametrize(
    "spoil",
    [
        lambda packed: packed[:-1],
        lambda packed: packed + b"x",
        lambda packed: packed[:-20] + b"x" * 20,
        lambda packed: packed.replace(b'"format": 1', b'"format": 2'),
        lambda packed: packed.replace(b'"made"', b'"mode"'),
        lambda packed: b"",
        lambda packed: b"\n",
        lambda packed: b"[]\n",
        lambda packed: b"<html>",
    ],
)
def test_what_is_not_whole_is_no_copy(spoil):
    assert Copy.unpack(spoil(copied().pack())) is None


def test_what_belongs_to_one_answer_alone_is_not_kept():
    copy = copied(Date="x", Age="3", ETag='"x"', Vary="Cookie", Link="</a>", **{"Cache-Control": "max-age=9"})
    assert dict(copy.headers) == {"Content-Type": "text/html; charset=utf-8", "Link": "</a>"}


def test_who_takes_gzip_gets_it_and_the_others_the_same_text():
    copy = copied()
    zipped = copy.answer(GET("/", HTTP_ACCEPT_ENCODING="br, gzip;q=0.5"), "hit", 1000)
    assert zipped["Content-Encoding"] == "gzip"
    for accepted in ("", "br", "gzip;q=0", "gzip; q=0.0"):
        plain = copy.answer(GET("/", HTTP_ACCEPT_ENCODING=accepted), "hit", 1000)
        assert "Content-Encoding" not in plain.headers
        assert gzip.decompress(zipped.content) == plain.content
        assert plain["Vary"] == zipped["Vary"] == "Cookie, Accept-Encoding"
        assert plain["ETag"] == zipped["ETag"]


def test_a_browser_that_has_it_is_told_so():
    copy = copied()
    etag = copy.answer(GET("/"), "hit", 1000)["ETag"]
    assert copy.answer(GET("/", HTTP_IF_NONE_MATCH=etag), "hit", 1000).status_code == 304
    assert copy.answer(GET("/", HTTP_IF_NONE_MATCH='W/"other"'), "hit", 1000).status_code == 200
    assert copied(b"other").answer(GET("/", HTTP_IF_NONE_MATCH=etag), "hit", 1000).status_code == 200


def test_a_browser_keeps_it_for_seconds_not_for_an_hour():
    response = copied().answer(GET("/"), "hit", 99_000)
    assert response["Cache-Control"] == "max-age=5"
    assert "Age" not in response.headers


def test_a_former_one_says_how_old_it_is():
    response = copied().answer(GET("/"), "hit; fwd=stale", 1090.5)
    assert response["Age"] == "90"
    assert response["Cache-Status"] == "saved-pages; hit; fwd=stale"


def test_each_visitor_has_a_token_of_their_own_that_belongs_to_their_cookie():
    copy = copied(b'<input value="csrf-here">', placeholder="csrf-here")
    first, second = (copy.answer(GET("/"), "hit", 1000) for _ in range(2))
    assert first["Cache-Control"] == "private, no-cache"
    assert "ETag" not in first.headers
    tokens = [re.search(rb'value="(\w+)"', response.content)[1].decode() for response in (first, second)]
    assert len(set(tokens)) == 2
    for token, response, passes in ((tokens[0], first, True), (tokens[0], second, False)):
        request = RequestFactory().post("/", {"csrfmiddlewaretoken": token})
        request.COOKIES["csrftoken"] = response.cookies["csrftoken"].value
        checking = CsrfViewMiddleware(lambda request: HttpResponse())
        checking.process_request(request)
        assert (checking.process_view(request, lambda: None, (), {}) is None) == passes


def test_a_redirect_leads_where_it_led():
    copy = Copy.of(HttpResponse(status=301, headers={"Location": "/there/"}), 7, 1000.0)
    response = copy.answer(GET("/"), "hit", 1000)
    assert (response.status_code, response["Location"]) == (301, "/there/")
    assert "ETag" not in response.headers


def test_a_signed_address_is_not_kept():
    response = HttpResponse(status=302, headers={"Location": "https://bucket/file?X-Amz-Signature=secret"})
    response.signs = json.dumps(["documents/a.pdf", "application/pdf", "inline"])
    assert b"secret" not in Copy.of(response, 7, 1000.0).pack()
