"""Load by hey (github.com/rakyll/hey), and what came of it."""

import csv
import math
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from shutil import which

# It prints no row for a request without an answer, and none in time is one: so the number asked for is given.
PATIENCE = 60  # seconds; what is only slow is no error

MISSING = """\
make bench: the load cannot be made.
Found: no program called hey in PATH.
Install it: "apt-get install hey" (Debian, Ubuntu), "brew install hey" (macOS), or see github.com/rakyll/hey."""


class Missing(Exception):
    """hey is not installed."""


@dataclass(frozen=True)
class Load:
    asked: int
    statuses: Counter[int]
    """Of the answers; who asked and got none is not in it."""
    latencies: tuple[float, ...]
    """Seconds, of all answers, the shortest first."""
    seconds: float
    """From the first request to the last answer."""

    @property
    def good(self) -> int:
        return sum(count for status, count in self.statuses.items() if 200 <= status < 300)

    @property
    def errors(self) -> int:
        """Whatever was not answered by 2xx."""
        return self.asked - self.good

    @property
    def errors_percent(self) -> float:
        return 100 * self.errors / self.asked

    @property
    def rate(self) -> float:
        """Good answers a second."""
        return self.good / self.seconds if self.seconds else 0.0

    def latency(self, percent: float) -> float:
        """In which so many percent were answered; infinite when nobody was."""
        if not self.latencies:
            return math.inf
        return self.latencies[max(0, math.ceil(len(self.latencies) * percent / 100) - 1)]

    def __str__(self) -> str:
        answers = ", ".join(f"{status}: {count}" for status, count in sorted(self.statuses.items()))
        unanswered = self.asked - sum(self.statuses.values())
        return ", ".join(part for part in (answers, f"none: {unanswered}" if unanswered else "") if part)


def load(address: str, requests: int, at_once: int, *, a_second_each: int = 0, host: str = "") -> Load:
    """So many GETs, `at_once` of them at a time; `a_second_each` bounds each of these, `host` is what they ask for."""
    at_once = min(at_once, requests)
    asked = requests // at_once * at_once  # hey gives each of its workers the same
    named = ["-host", host] if host else []
    limit = ["-q", str(a_second_each)] if a_second_each else []
    command = [
        program(),
        "-o",
        "csv",
        "-n",
        str(asked),
        "-c",
        str(at_once),
        "-t",
        str(PATIENCE),
        *limit,
        *named,
        address,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return parse(done.stdout.splitlines(), asked)


def parse(lines: Iterable[str], asked: int) -> Load:
    """What `hey -o csv` prints."""
    rows = [
        (float(row["response-time"]), float(row["offset"]), int(row["status-code"]))
        for row in csv.DictReader(line for line in lines if line.strip())
    ]
    return Load(
        asked=asked,
        statuses=Counter(status for _, _, status in rows),
        latencies=tuple(sorted(took for took, _, _ in rows)),
        seconds=max((offset + took for took, offset, _ in rows), default=0.0),
    )


def program() -> str:
    """Raises Missing."""
    if found := which("hey"):
        return found
    raise Missing(MISSING)
