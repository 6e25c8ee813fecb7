"""What a service's requests have been since it was last asked, for CloudWatch."""

from collections import Counter
from dataclasses import dataclass, field

MOST_LATENCIES = 1000  # that are kept between two times
MOST_TOLD = 100  # that are told of at a time: their average and percentiles stay what they are


@dataclass
class Tally:
    requests: int = 0
    concurrency: int = 0  # the most at a time
    classes: Counter[int] = field(default_factory=Counter)  # 2 for 2xx
    latencies: list[float] = field(default_factory=list)  # milliseconds

    def saw(self, at_a_time: int) -> None:
        self.concurrency = max(self.concurrency, at_a_time)

    def answered(self, status: int, seconds: float) -> None:
        self.requests += 1
        self.classes[status // 100] += 1
        milliseconds = seconds * 1000
        if len(self.latencies) < MOST_LATENCIES:
            self.latencies.append(milliseconds)
        else:
            self.latencies[self.requests % MOST_LATENCIES] = milliseconds

    @property
    def told_latencies(self) -> list[float]:
        """Evenly out of all, from the shortest to the longest."""
        every = sorted(self.latencies)
        if len(every) <= MOST_TOLD:
            return every
        return [every[round(index * (len(every) - 1) / (MOST_TOLD - 1))] for index in range(MOST_TOLD)]
