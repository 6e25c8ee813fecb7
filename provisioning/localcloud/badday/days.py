"""The bad days there are, and those that it is now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

from ..answers import Answer
from ..calls import Call
from .closed import Closed, ClosedAtCreate
from .day import BadDay, Chance
from .expired import Expired
from .failures import Failures
from .lost import LostAnswers
from .quotas import Quotas
from .reads import LaggingReads
from .roles import SlowRoles
from .slow import ConnectorsInUse, LingeringInterfaces, NamesWaiting, StuckService
from .throttling import Throttling

KINDS: tuple[type[BadDay], ...] = (
    Throttling,
    Failures,
    LostAnswers,
    SlowRoles,
    LaggingReads,
    ConnectorsInUse,
    LingeringInterfaces,
    NamesWaiting,
    Closed,
    ClosedAtCreate,
    Quotas,
    Expired,
    StuckService,
)
NAMES = tuple(kind.name for kind in KINDS)


class Days:
    """Several at once; none is an ordinary day. Raises ValueError for a name that is none.

    `struck` counts, by name and word, what was refused, lagged (told what was), lost, slower, or held.
    """

    def __init__(self, names: Iterable[str] = (), seed: int = 0, speed: float = 1.0) -> None:
        self.names = tuple(dict.fromkeys(names))
        self.seed = seed
        if unknown := [name for name in self.names if name not in NAMES]:
            raise ValueError(f"--bad-day is {', '.join(unknown)}.\nIt is one or more of {', '.join(NAMES)}.")
        chance = Chance(seed)
        self.struck: Counter[tuple[str, str]] = Counter()
        self._days = [kind(chance, speed) for kind in KINDS if kind.name in self.names]

    @classmethod
    def named(cls, text: str) -> list[str]:
        """The names in what `--bad-day` was given; "none" is an ordinary day."""
        return [name for each in text.split(",") if (name := each.strip()) not in ("", "none")]

    def __str__(self) -> str:
        return f"{', '.join(self.names)} (seed {self.seed})" if self.names else "an ordinary day"

    def refuse(self, call: Call, caller: str) -> None:
        """Raises Refused."""
        for day in self._days:
            if refused := day.refuse(call, caller):
                self.struck[day.name, "refused"] += 1
                raise refused

    def instead(self, call: Call) -> Answer | None:
        for day in self._days:
            if answer := day.instead(call):
                self.struck[day.name, "lagged"] += 1
                return answer
        return None

    def after(self, call: Call, answer: Answer) -> None:
        for day in self._days:
            day.after(call, answer)

    def lose(self, call: Call, answer: Answer) -> bool:
        return self._strikes("lost", [day for day in self._days if day.loses(call, answer)])

    def stretch(self, what: str) -> float:
        stretched = {day: times for day in self._days if (times := day.stretch(what)) > 1}
        self._strikes("slower", stretched)
        return max(stretched.values(), default=1.0)

    def holds(self, what: str) -> bool:
        return self._strikes("held", [day for day in self._days if day.holds(what)])

    def _strikes(self, word: str, days: Collection[BadDay]) -> bool:
        self.struck.update((day.name, word) for day in days)
        return bool(days)
