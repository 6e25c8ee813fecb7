"""django-storages' S3 with one connection for all threads of a process, and with signatures that hold what they say.

Its own has one for each thread: with four threads a worker that shows pictures took 45 MB more (measured). What makes
a connection is not thread-safe, hence the lock; what uses it is: its client, and the descriptions of a bucket or an
object, which hold nothing of S3's but names and are made for each use.
"""

import time
from threading import Lock
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from storages.backends.s3 import S3Storage

from sleeping.signing import CannotSign, Signed, Wanted

WEEK = 7 * 24 * 60 * 60  # S3's own limit
# A role's token that came by the environment does not tell its end: so Lambda has it. Fresh it was seen to last for
# twelve hours (boto3 #2392); how fresh it is, nobody says.
UNTOLD = 15 * 60
LIVES = (WEEK, 12 * 3600, 3600, 2700, 1800, 1200, 900, 600, 420, 300, 180, 120, 60)  # seconds

NEXT = "See that the site has its role, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY on a laptop."

_making = Lock()


class S3(S3Storage):
    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self._share()

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._share()

    def _share(self) -> None:
        self._connections = SimpleNamespace()
        self._unsigned_connections = SimpleNamespace()

    @property
    def connection(self) -> Any:
        with _making:
            return super().connection

    @property
    def unsigned_connection(self) -> Any:
        with _making:
            return super().unsigned_connection

    def _create_session(self) -> Any:
        session = super()._create_session()
        self._connections.session = session
        return session

    def sign(self, wanted: Wanted, seconds: int) -> Signed:
        """For so many seconds at most: a signature ends with the keys that made it. Raises CannotSign."""
        headers = {
            "ResponseContentType": wanted.content_type,
            "ResponseContentDisposition": wanted.disposition,
            "ResponseCacheControl": wanted.cache_control,
        }
        headers = {name: value for name, value in headers.items() if value}
        try:
            seconds = min(seconds, self._keys_hold_for())  # first: what signs then has the same keys or newer ones
            began = time.time()
            return Signed(self.url(wanted.name, headers, seconds, wanted.method), began + seconds)
        except (BotoCoreError, ClientError) as error:
            raise CannotSign(f"AWS's library says: {error}. {NEXT}") from error

    def _keys_hold_for(self) -> int:
        """Seconds, rounded down."""
        credentials = self.connection and self._connections.session.get_credentials()
        if credentials is None:
            raise NoCredentialsError
        try:
            keys = credentials.get_frozen_credentials()  # asks for newer ones where it is time
        except RuntimeError as error:  # botocore's, of new ones that have ended already
            raise CannotSign(f"AWS's library says: {error}. {NEXT}") from error
        if not keys.token:
            return WEEK
        if not hasattr(credentials, "refresh_needed"):
            return UNTOLD
        for life in LIVES:
            if not credentials.refresh_needed(life):
                return life
        raise CannotSign(f"The keys of the site's role end in less than a minute. {NEXT}")
