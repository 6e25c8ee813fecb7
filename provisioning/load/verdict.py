"""Whether the site stood the load: no errors, no long waits, and a database that held."""

from __future__ import annotations

from dataclasses import dataclass

from .run import Moment

# What the site says when its database does not carry it (docs/sleeping.md), in the order of what to do about it.
DATABASE = {
    "503 waking": "it slept: `manage.py wake_db` wakes it before a load",
    "503 away": "it did not come: look at it in AWS's console",
    "503 asleep": "it slept, and background requests were not let through",
    "503 lost": "it closed connections in the middle of a request: did it restart?",
    "503 busy": "more came than the instances take on at a time: raise MAX_INSTANCES",
}
# What may come of a database that hangs or is full, and of much else: the ancestor's 500 ("remaining connection slots
# are reserved"), and what stands before the site says of an instance that does not answer.
UNCLEAR = ("500", "502", "503", "504")
LONGEST = 3.0  # seconds that 95 of 100 visitors wait at most


@dataclass(frozen=True)
class Finding:
    """One of the questions, and its answer."""

    held: bool
    text: str


@dataclass(frozen=True)
class Verdict:
    errors: Finding
    p95: Finding
    database: Finding

    @property
    def held(self) -> bool:
        return all(each.held for each in self.findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        return (self.errors, self.p95, self.database)

    @property
    def text(self) -> str:
        """A line for each finding, and one for all."""
        lines = [f"  {'+' if each.held else '!'} {each.text}" for each in self.findings]
        return "\n".join([*lines, "It stood the load." if self.held else "It did not stand the load."])


def judge(whole: Moment, longest: float = LONGEST, peak: tuple[float, int] | None = None) -> Verdict:
    """`longest` is in seconds; `peak` is the most connections that were seen, and how many there are."""
    return Verdict(_errors(whole), _p95(whole, longest), _database(whole, peak))


def _errors(whole: Moment) -> Finding:
    if not whole.requests:
        return Finding(False, "Errors: nobody was answered.")
    failed = whole.failed
    if not failed:
        return Finding(True, f"Errors: none in {whole.requests:,} requests.")
    kinds = ", ".join(f"{many:,} × {word}" for word, many in failed.most_common())
    full = " 429 is App Runner's, who had no place: raise MAX_INSTANCES or MAX_CONCURRENCY." if failed["429"] else ""
    return Finding(False, f"Errors: {failed.total():,} of {whole.requests:,} requests: {kinds}.{full}")


def _p95(whole: Moment, longest: float) -> Finding:
    held = bool(whole.requests) and whole.p95 <= longest
    return Finding(held, f"Waiting: 95 of 100 waited {seconds(whole.p95)} at most; {seconds(longest)} may be.")


def _database(whole: Moment, peak: tuple[float, int] | None) -> Finding:
    failed = whole.failed
    shown = f" {peak[0]:g} of {peak[1]:,} connections were taken at most." if peak else ""
    for word, what in DATABASE.items():
        if failed[word]:
            return Finding(False, f"Database: did not hold; {what}.{shown}")
    for word in UNCLEAR:
        if failed[word]:
            return Finding(False, f"Database: may be why it answered {word}; the site's log says what it was.{shown}")
    if peak and peak[0] >= peak[1]:
        return Finding(False, f"Database: had no connection left; docs/settings.md says who may have how many.{shown}")
    if failed.total() == whole.requests:
        return Finding(False, "Database: nobody got so far as to tell.")
    return Finding(True, f"Database: held, as far as answers tell: none speaks of one that sleeps or is full.{shown}")


def summary(whole: Moment) -> str:
    """A load in one line."""
    times = ", ".join(f"{name} {seconds(getattr(whole, name))}" for name in ("p50", "p95", "p99", "slowest"))
    return f"{whole.requests:,} requests in {whole.at:.1f} s: {whole.rate:,.1f} a second. {times}"


def seconds(value: float) -> str:
    """`85 ms`, `3.17 s`."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
