"""How often somebody may fail to log in, before a refusal for a while.

The database counts, so all instances count together and a restart forgets nothing. A refusal is also kept in the
process's memory: whoever goes on trying costs no query and no password's hash. What is refused is not counted, so
nobody is kept out for longer by trying.
"""

import logging
import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from django.db.models import Count, Min, Q
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import Attempt

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    failures: int
    within: timedelta


# 480 guesses a day at one name from one network: too few for a password that AUTH_PASSWORD_VALIDATORS let pass.
PAIR = Limit(5, timedelta(minutes=15))
# Many names from one network. An office behind one address mistypes less.
NETWORK = Limit(30, timedelta(hours=1))
# One name from many networks. Nobody meets it on a network from which they came in by that name.
NAME = Limit(50, timedelta(hours=1))
KNOWN = timedelta(days=30)
MOST = 10_000  # refusals in memory: 2 MB


class Refused(Exception):
    """Too many attempts have failed; for so many seconds none is looked at."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts to log in failed: none is looked at for {seconds} s")
        self.seconds = seconds


class Throttle:
    """Whether a name exists makes no difference to anything here."""

    def __init__(self, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._refusals: dict[tuple[str, str], datetime] = {}
        """Until when, by name and network; without a name, of a whole network."""
        self._lock = Lock()

    def check(self, name: str, network: str) -> None:
        """Raises Refused."""
        now, name, network = self._clock(), _digest(_folded(name)), _digest(network)
        for each in (("", network), (name, network)):
            until = self._refusals.get(each)
            if until is not None and until > now:
                raise _refused(until - now)
        found = self._count(name, network, now)
        for which, limit, key in (
            ("one network", NETWORK, ("", network)),
            ("one name from one network", PAIR, (name, network)),
            ("one name", NAME, (name, network)),
        ):
            count, first = found.failures[limit]
            if count >= limit.failures and not (limit is NAME and found.known):
                until = first + limit.within
                self._remember(key, until)
                refused = _refused(until - now)
                logger.warning(
                    "Logging in: %d attempts of %s failed, refused for %d s.", count, which, refused.seconds
                )
                raise refused

    def failed(self, name: str, network: str) -> None:
        now = self._clock()
        Attempt.objects.create(name=_digest(_folded(name)), network=_digest(network), at=now)
        longest = max(PAIR.within, NETWORK.within, NAME.within)
        Attempt.objects.filter(Q(at__lt=now - longest, came_in=False) | Q(at__lt=now - KNOWN)).delete()

    def came_in(self, name: str, network: str) -> None:
        """What was mistyped before is forgiven."""
        name, network = _digest(_folded(name)), _digest(network)
        Attempt.objects.filter(name=name, network=network).delete()
        Attempt.objects.create(name=name, network=network, at=self._clock(), came_in=True)

    def forget(self) -> None:
        """What is in memory."""
        self._refusals.clear()

    def _count(self, name: str, network: str, now: datetime) -> "Found":
        which = {PAIR: Q(name=name, network=network), NETWORK: Q(network=network), NAME: Q(name=name)}
        failed = {limit: each & Q(came_in=False, at__gt=now - limit.within) for limit, each in which.items()}
        counts = {f"count{n}": Count("pk", filter=each) for n, each in enumerate(failed.values())}
        firsts = {f"first{n}": Min("at", filter=each) for n, each in enumerate(failed.values())}
        known = Count("pk", filter=which[PAIR] & Q(came_in=True, at__gt=now - KNOWN))
        found = Attempt.objects.filter(which[NAME] | which[NETWORK]).aggregate(**counts, **firsts, known=known)
        return Found(
            {limit: (found[f"count{n}"], found[f"first{n}"]) for n, limit in enumerate(failed)}, bool(found["known"])
        )

    def _remember(self, key: tuple[str, str], until: datetime) -> None:
        with self._lock:
            while len(self._refusals) >= MOST:
                del self._refusals[next(iter(self._refusals))]
            self._refusals[key] = until


@dataclass(frozen=True)
class Found:
    failures: dict[Limit, tuple[int, datetime]]
    """How many, and when the first of them was."""
    known: bool
    """Whether that name has come in from that network lately."""


def _refused(left: timedelta) -> Refused:
    return Refused(max(1, math.ceil(left.total_seconds())))


def _folded(name: str) -> str:
    """One for all the ways to write a name, some of which Django takes to be the same."""
    return unicodedata.normalize("NFKC", name).strip().casefold()


def _digest(text: str) -> str:
    """Of no use to whoever reads the table without SECRET_KEY."""
    return salted_hmac(__name__, text, algorithm="sha256").hexdigest()


throttle = Throttle()
