"""A part of the bucket as a storage of small files, in as few calls to S3 as there can be.

django-storages asks twice for each file that it reads, and starts threads for each that it writes. A visitor waits for
what is read here, so it is told to wait for two seconds at most, and to ask once.
"""

from functools import cache
from threading import Lock
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import Storage

SECONDS = {"connect_timeout": 1, "read_timeout": 2, "retries": {"total_max_attempts": 1}}

_making = Lock()


@cache
def _client(region: str) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"}, max_pool_connections=20, **SECONDS)
    return boto3.session.Session(region_name=region).client("s3", config=config)


class Bucket(Storage):
    """Overwrites what is there. Raises FileNotFoundError, and botocore's own errors."""

    def __init__(self, bucket_name: str, region_name: str, location: str) -> None:
        self.bucket = bucket_name
        self.region = region_name
        self.location = location

    @property
    def client(self) -> Any:
        """Made when it is first used: Amazon's library takes a fifth of a second to load."""
        with _making:
            return _client(self.region)

    def _key(self, name: str) -> str:
        return f"{self.location}/{name}"

    def _open(self, name: str, mode: str = "rb") -> ContentFile:
        client = self.client
        try:
            answer = client.get_object(Bucket=self.bucket, Key=self._key(name))
        except client.exceptions.NoSuchKey:
            raise FileNotFoundError(name) from None
        with answer["Body"] as body:
            return ContentFile(body.read(), name=name)

    def _save(self, name: str, content: Any) -> str:
        content.seek(0)
        self.client.put_object(Bucket=self.bucket, Key=self._key(name), Body=content.read())
        return name

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def delete(self, name: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self._key(name))

    def exists(self, name: str) -> bool:
        from botocore.exceptions import ClientError

        try:
            self.client.head_object(Bucket=self.bucket, Key=self._key(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return False
            raise
        return True

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        prefix = self._key(f"{path}/") if path else self._key("")
        folders: list[str] = []
        files: list[str] = []
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=prefix, Delimiter="/"):
            folders += [each["Prefix"][len(prefix) :].rstrip("/") for each in page.get("CommonPrefixes", [])]
            files += [each["Key"][len(prefix) :] for each in page.get("Contents", [])]
        return folders, files
