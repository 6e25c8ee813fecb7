"""Uploads in S3, without S3's library until somebody asks for a file."""

from threading import Lock
from typing import Any

from django.core.files.storage import Storage

from sleeping.media import address
from sleeping.signing import Signed, Wanted

PUBLIC = [name for name in vars(Storage) if not name.startswith("_")]

_making = Lock()


class Media(Storage):
    """django-storages' S3, made when it is first used.

    Wagtail makes the storage while its models are loaded. boto3 would be a fifth of a second of each start, and
    10 MB of each worker, though most of them answer whole days of visitors without it. To say where a picture is
    needs nothing of it.
    """

    def __init__(self, **options: Any) -> None:
        self.options = options

    def __getattr__(self, name: str) -> Any:
        """What was not found otherwise: `behind` at its first use, and what S3's storage has beyond a plain one."""
        if name == "behind":
            return self._make()
        if name == "options" or name.startswith("__"):  # a copy that is being made has none yet
            raise AttributeError(f"{type(self).__name__} has no {name}", name=name, obj=self)
        return getattr(self.behind, name)

    def url(self, name: str | None, *arguments: Any, **named: Any) -> str:
        """The lasting address of a public file; of any other, one that is signed and ends."""
        return address(name or "") or self.behind.url(name, *arguments, **named)

    def sign(self, wanted: Wanted, seconds: int) -> Signed:
        return self.behind.sign(wanted, seconds)

    def _make(self) -> Storage:
        from .s3 import S3

        with _making:
            if "behind" not in vars(self):
                self.behind = S3(**self.options)
            return self.behind


def _passed_on(name: str) -> Any:
    def method(self: Media, *arguments: Any, **named: Any) -> Any:
        return getattr(self.behind, name)(*arguments, **named)

    method.__name__ = name
    return method


for _name in set(PUBLIC) - {"url"}:  # what Storage itself would answer otherwise
    setattr(Media, _name, _passed_on(_name))
