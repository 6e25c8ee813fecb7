"""What `docker login` is given: passwords that open one registry for twelve hours."""

import secrets
from datetime import UTC, datetime, timedelta

LIFETIME = timedelta(hours=12)  # ECR's user guide, "Private registry authentication"
TICKET_LIFETIME = timedelta(hours=1)  # believed
# AWS's are over 2,000 characters long. More than 72 bytes is what bcrypt cuts off, and some tools with it.
LENGTH = 1_500  # bytes, before they are made printable


class Tokens:
    """Not scaled by the clock's speed: an engine that pushes takes its own time."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}

    def issue(self) -> tuple[str, datetime]:
        password = secrets.token_urlsafe(LENGTH)
        self._ends[password] = datetime.now(UTC) + LIFETIME
        return password, self._ends[password]

    def knows(self, password: str) -> bool:
        return password in self._ends

    def has_expired(self, password: str) -> bool:
        return self._ends[password] <= datetime.now(UTC)

    def expire_all(self) -> None:
        """For tests: as if twelve hours had passed."""
        self._ends = dict.fromkeys(self._ends, datetime.now(UTC))


class Tickets:
    """Addresses from which one blob is fetched without a login. On AWS they are presigned ones of S3."""

    def __init__(self) -> None:
        self._digests: dict[str, tuple[str, datetime]] = {}

    def issue(self, digest: str) -> str:
        ticket = secrets.token_urlsafe(24)
        self._digests[ticket] = digest, datetime.now(UTC) + TICKET_LIFETIME
        return ticket

    def digest(self, ticket: str) -> str | None:
        digest, end = self._digests.get(ticket, (None, datetime.now(UTC)))
        return digest if end > datetime.now(UTC) else None
