"""Where signed addresses lead."""

from urllib.parse import urlsplit

import pytest

from scale0site.media import Media
from scale0site.origin import origin


@pytest.mark.parametrize(
    "bucket, region, environment",
    [
        ("a-bucket", "eu-west-3", {}),
        ("a-bucket", "us-east-1", {}),
        ("a-bucket", "cn-north-1", {}),
        ("a-bucket", "eusc-de-east-1", {}),
        ("a.bucket.with.dots", "eu-west-3", {}),
        ("a-bucket", "eu-west-3", {"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}),
        ("a-bucket", "eu-west-3", {"AWS_ENDPOINT_URL": "http://[::1]:4566"}),
        ("a-bucket", "eu-west-3", {"AWS_ENDPOINT_URL": "http://localhost:4566/"}),
        ("a.bucket", "eu-west-3", {"AWS_ENDPOINT_URL": "http://localhost:4566"}),
        ("a-bucket", "eu-west-3", {"AWS_ENDPOINT_URL_S3": "https://s3.example.org", "AWS_ENDPOINT_URL": "http://x"}),
        ("a-bucket", "eu-west-3", {"AWS_ENDPOINT_URL": "http://x", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}),
    ],
)
def test_the_origin_of_signed_addresses_is_known_without_s3s_library(monkeypatch, bucket, region, environment):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    media = Media(
        bucket_name=bucket, region_name=region, signature_version="s3v4", addressing_style="virtual", location="media"
    )
    url = urlsplit(media.url("documents/a.pdf"))
    assert origin(bucket, region) == f"{url.scheme}://{url.netloc}"
