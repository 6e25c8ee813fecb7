"""Small files in a part of the bucket."""

import time

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from django.core.files.base import ContentFile

from scale0site.bucket import Bucket

from .moto_s3 import s3_of_moto

REGION = "eu-west-1"


@pytest.fixture
def bucket(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "made-up")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    return Bucket(bucket_name="a-bucket", region_name=REGION, location="saved")


@pytest.fixture
def s3(bucket):
    with s3_of_moto("a-bucket", REGION) as s3:
        yield s3


def test_what_was_saved_is_read_replaced_and_removed(bucket, s3):
    for content in (b"one", b"two"):
        assert bucket.save("a/b", ContentFile(content)) == "a/b"
    assert bucket.open("a/b").read() == b"two"
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="a-bucket")["Contents"]] == ["saved/a/b"]
    assert bucket.exists("a/b")
    bucket.delete("a/b")
    assert not bucket.exists("a/b")
    with pytest.raises(FileNotFoundError):
        bucket.open("a/b")


def test_folders_and_files_are_listed_however_many(bucket, s3):
    for number in range(1005):
        s3.put_object(Bucket="a-bucket", Key=f"saved/a/{number:04}", Body=b"")
    for key in ("saved/b/c/d", "saved/e", "media/f"):
        s3.put_object(Bucket="a-bucket", Key=key, Body=b"")
    assert bucket.listdir("") == (["a", "b"], ["e"])
    assert bucket.listdir("b") == (["c"], [])
    assert len(bucket.listdir("a")[1]) == 1005
    assert bucket.listdir("none") == ([], [])


def test_a_file_is_read_in_one_call_and_written_in_one(bucket, s3):
    calls = []
    bucket.client.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    bucket.save("a", ContentFile(b"one"))
    bucket.open("a").read()
    assert calls == ["PutObject", "GetObject"]


def test_a_bucket_that_is_not_ours_is_an_error(bucket):
    with s3_of_moto(), pytest.raises(ClientError):
        bucket.open("a")


def test_nobody_waits_long_for_a_bucket_that_does_not_answer(bucket):
    config = bucket.client.meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 2)
    assert config.retries["total_max_attempts"] == 1


def test_a_bucket_that_is_nowhere_is_asked_once(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    began = time.monotonic()
    with pytest.raises((EndpointConnectionError, ConnectTimeoutError, ReadTimeoutError)):
        bucket.open("a")
    assert time.monotonic() - began < 10  # with retries it would go on for longer than any visitor
