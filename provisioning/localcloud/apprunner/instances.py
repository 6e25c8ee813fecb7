"""The instances of a service: which of them gets a request, and how many there are of them.

AWS documents: when requests at a time pass MaxConcurrency for each instance, App Runner starts more, up to MaxSize;
MinSize are always provisioned, but only those that are needed are active. The others' CPU is throttled.
All of it happens in the event loop's thread.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Collection

from ..ground import ground
from .autoscaling import Configuration
from .program import Program
from .tally import Tally

# Of AWS's seconds, but not less than so many of ours. AWS documents no number for either: believed.
QUIET, LEAST_QUIET = 60.0, 1.0  # without a request, until an instance's CPU is taken away
SURPLUS, LEAST_SURPLUS = 300.0, 3.0  # in which fewer would have done, until there are fewer
AGAIN = 2.0  # seconds of ours from one that could not be started to the next


class TurnedAway(Exception):
    """The request has no instance; App Runner answers by itself."""


class Closed(TurnedAway):
    """No version is running."""


class Full(TurnedAway):
    """MaxSize instances have MaxConcurrency requests each."""


class Unreachable(TurnedAway):
    """Nobody listens at any instance."""


class Instance:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.in_hand = 0  # requests
        self.idle_since = time.monotonic()
        self.starts = program.starts
        self.spare = False  # gets a request only when the others are full
        self.leaving = False

    @property
    def active(self) -> bool:
        return not self.program.frozen

    def is_quiet(self, seconds: float) -> bool:
        """For so long, and not since a start that it has had meanwhile: it would stop in the middle of that."""
        if self.program.starts != self.starts:
            self.starts, self.idle_since = self.program.starts, time.monotonic()
        return not self.in_hand and time.monotonic() - self.idle_since > seconds

    def take(self) -> None:
        self.in_hand += 1
        if self.program.frozen:
            self.program.thaw()


class Instances:
    def __init__(self) -> None:
        self.all: list[Instance] = []
        self.tally = Tally()
        self._scaling: Configuration | None = None
        self._start_one: Callable[[int], None] = lambda turn: None
        self._turn = 0  # counts the versions: who was started for a former one comes too late
        self._starting = 0
        self._no_more_before = 0.0
        self._waiting: deque[asyncio.Future[Instance]] = deque()
        self._most = 0  # requests at a time, since the last look at how many are needed
        self._looked = time.monotonic()

    @property
    def in_hand(self) -> int:
        return sum(each.in_hand for each in self.all)

    @property
    def active(self) -> int:
        return sum(each.active for each in self.all)

    # What requests do

    async def take(self, refused: Collection[Instance] = ()) -> Instance:
        """Waits while instances are being started. Raises TurnedAway. `refused` have been tried already."""
        if self._scaling is None:
            raise Closed
        found = self._free(refused)
        if found is None and refused and all(each in refused for each in self.all):
            raise Unreachable
        if found is None:
            found = await self._wait(self._scaling)
        else:
            found.take()
        self._most = max(self._most, self.in_hand + len(self._waiting))
        self.tally.saw(self.in_hand)
        return found

    def give_back(self, instance: Instance) -> None:
        instance.in_hand -= 1
        instance.idle_since = time.monotonic()
        if instance.leaving:
            self._end_if_done(instance)
        else:
            self._serve_waiting()

    def _free(self, refused: Collection[Instance] = ()) -> Instance | None:
        assert self._scaling is not None
        most = self._scaling.max_concurrency
        able = [each for each in self.all if each.in_hand < most and each not in refused]
        # Seen in reports: with MinSize 2, one stays inactive until the other is full.
        return min(able, key=lambda each: (not each.active, each.spare, each.in_hand), default=None)

    async def _wait(self, scaling: Configuration) -> Instance:
        # Seen in reports (apprunner-roadmap#224, #227): 429. They saw it also while new instances were started,
        # when others waited longer: here all wait.
        if self.in_hand + len(self._waiting) >= scaling.max_size * scaling.max_concurrency:
            raise Full
        place: asyncio.Future[Instance] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        self.grow()
        try:
            return await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled() and place.exception() is None:
                self.give_back(place.result())
            raise

    def _serve_waiting(self) -> None:
        while self._waiting:
            found = self._free()
            if found is None:
                return
            place = self._waiting.popleft()
            if not place.done():
                found.take()
                place.set_result(found)

    # What deployments do

    def serve(self, new: list[Instance], scaling: Configuration, start_one: Callable[[int], None]) -> None:
        """They take over; who was there before ends what it has in hand, and goes."""
        former, self.all = self.all, list(new)
        self._scaling, self._start_one = scaling, start_one
        self._turn += 1
        self._starting, self._no_more_before = 0, 0.0
        for each in former:
            self._let_go(each)
        self._serve_waiting()
        self.grow()

    def close(self) -> None:
        former, self.all = self.all, []
        self._scaling = None
        self._turn += 1
        for each in former:
            self._let_go(each)
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_exception(Closed())

    def join(self, instance: Instance, turn: int) -> None:
        """One that was started because it is needed."""
        if turn != self._turn:
            self._let_go(instance)
            return
        self._starting -= 1
        self.all.append(instance)
        self._serve_waiting()

    def not_started(self, turn: int) -> None:
        if turn == self._turn:
            self._starting -= 1
            self._no_more_before = time.monotonic() + AGAIN

    # What time does

    def grow(self) -> None:
        self._waiting = deque(each for each in self._waiting if not each.done())
        if self._scaling is None or time.monotonic() < self._no_more_before:
            return
        wanted = min(self._needed(self.in_hand + len(self._waiting)), self._scaling.max_size)
        while len(self.all) + self._starting < max(wanted, self._scaling.min_size):
            self._starting += 1
            self._start_one(self._turn)

    def look(self) -> None:
        """Now and then: who is idle loses the CPU, and who has not been needed for long goes."""
        self.grow()
        now, speed = time.monotonic(), ground().clock.speed
        if now - self._looked > max(SURPLUS / speed, LEAST_SURPLUS):
            self._shrink()
            self._looked, self._most = now, self.in_hand
        for each in self.all:
            if each.is_quiet(max(QUIET / speed, LEAST_QUIET)) and each.active:
                each.program.freeze()

    def _shrink(self) -> None:
        if self._scaling is None:
            return
        needed = self._needed(self._most)
        stay = max(needed, self._scaling.min_size)
        self.all, leaving = self.all[:stay], self.all[stay:]
        for each in leaving:
            self._let_go(each)
        for index, each in enumerate(self.all):
            each.spare = index >= needed

    def _needed(self, requests: int) -> int:
        assert self._scaling is not None
        return max(1, math.ceil(requests / self._scaling.max_concurrency))

    def _let_go(self, instance: Instance) -> None:
        instance.leaving = True
        self._end_if_done(instance)

    def _end_if_done(self, instance: Instance) -> None:
        if not instance.in_hand:
            ground().begin(instance.program.stop)
