"""How long a signature holds: no longer than the keys that made it."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from scale0site.media import Media
from scale0site.s3 import UNTOLD
from sleeping.signing import CannotSign, Wanted

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
PICTURE = Wanted("images/cat.webp")


@pytest.fixture
def media(monkeypatch, tmp_path):
    """On a machine that nobody has given any keys."""
    for name in (*KEYS, "AWS_PROFILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
    return lambda: Media(
        bucket_name="a-bucket",
        region_name="eu-west-1",
        location="media",
        signature_version="s3v4",
        addressing_style="virtual",
    )


@pytest.fixture
def role(monkeypatch):
    """`role(ends_in=…)`: ECS, App Runner or what stands for them, giving out keys that end."""
    asked = []

    class Agent(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(200 if answer else 500)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_):
            pass

    answer = {}
    server = HTTPServer(("127.0.0.1", 0), Agent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()

    def given(ends_in: int = 0) -> list[str]:
        url = f"http://127.0.0.1:{server.server_port}/keys"
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", url)
        end = datetime.now(UTC) + timedelta(seconds=ends_in)
        if ends_in:
            answer.update(AccessKeyId="A", SecretAccessKey="s", Token="a-token", Expiration=end.isoformat())
        return asked

    yield given
    server.shutdown()
    thread.join(10)
    server.server_close()


def expires(url: str) -> int:
    return int(parse_qs(urlsplit(url).query)["X-Amz-Expires"][0])


def began(url: str) -> float:
    """In whole seconds, rounded down."""
    date = parse_qs(urlsplit(url).query)["X-Amz-Date"][0]
    return datetime.strptime(date, "%Y%m%dT%H%M%S%z").timestamp()


def holds(media: Media, seconds: int = 3600) -> int:
    """Seconds that the address says, which are those that the site reckons with."""
    before = time.time()
    signed = media.sign(PICTURE, seconds)
    lasts = expires(signed.url)
    assert before + lasts <= signed.until < began(signed.url) + 1 + lasts
    return lasts


def test_keys_that_never_end_sign_for_as_long_as_is_wanted(media, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    assert holds(media()) == 3600
    assert holds(media(), 30 * 24 * 3600) == 7 * 24 * 3600


def test_a_token_from_the_environment_does_not_tell_its_end_so_little_is_expected_of_it(media, monkeypatch):
    for name in KEYS:
        monkeypatch.setenv(name, "made-up")
    assert holds(media()) == UNTOLD == 900
    assert holds(media(), 300) == 300


@pytest.mark.parametrize("ends_in, least", [(6 * 3600, 3600), (3000, 2700), (1000, 900), (400, 300), (100, 60)])
def test_a_roles_keys_that_end_soon_sign_for_less(media, role, ends_in, least):
    role(ends_in)
    assert holds(media()) == least


def test_keys_that_are_about_to_end_sign_nothing(media, role):
    role(30)
    with pytest.raises(CannotSign, match=r"end in less than a minute\. See that"):
        media().sign(PICTURE, 3600)


def test_keys_that_have_ended_sign_nothing(media, role):
    role(-30)
    with pytest.raises(CannotSign, match="still expired"):
        media().sign(PICTURE, 3600)


def test_a_roles_keys_are_asked_for_once(media, role):
    asked = role(6 * 3600)
    same = media()
    for _ in range(5):
        same.sign(PICTURE, 3600)
    assert asked == ["/keys"]


@pytest.mark.parametrize("broken", [False, True])
def test_without_keys_it_says_what_is_missing_and_what_to_do(media, role, broken, monkeypatch):
    if broken:
        monkeypatch.setattr("botocore.utils.ContainerMetadataFetcher.SLEEP_TIME", 0)
        role()
    with pytest.raises(CannotSign, match=r"AWS's library says: .+\. See that the site has its role") as error:
        media().sign(PICTURE, 3600)
    assert "Traceback" not in str(error.value)


def test_a_signature_holds_for_what_was_wanted(media, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    plan = Wanted("documents/a b.pdf", "application/pdf", "inline", "private, no-store")
    url = urlsplit(media().sign(plan, 60).url)
    asked = {name: value[0] for name, value in parse_qs(url.query).items() if name.startswith("response-")}
    assert url.path == "/media/documents/a%20b.pdf"
    assert asked == {
        "response-content-type": "application/pdf",
        "response-content-disposition": "inline",
        "response-cache-control": "private, no-store",
    }


def test_a_head_is_signed_by_its_own_name(media, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: datetime(2026, 11, 21))
    signatures = {
        method: parse_qs(media().sign(Wanted("images/a", method=method), 60).url)["X-Amz-Signature"][0]
        for method in ("GET", "HEAD")
    }
    assert signatures["GET"] != signatures["HEAD"]
