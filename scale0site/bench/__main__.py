"""`make bench`: our site and a stock one side by side, as ratios of one run."""

import argparse
import signal
import sys
import time
from pathlib import Path

from . import leaving, saved, serving, starting, waking, workers
from .figures import Figure, circumstances, table, write
from .load import Missing, program
from .pair import Pair

MEASUREMENTS = {
    "cold": starting.cold_start,
    "memory": starting.memory,
    "throughput": serving.throughput,
    "crowd": serving.crowd,
    "saved": saved.measure,
    "restart": leaving.restart,
    "waking": waking.measure,
    "idle": leaving.idle,
}
WHOLE = Path("bench.json")


def main() -> int:
    chosen = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        program()
    except Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    began, run = time.monotonic(), circumstances() | {"rounds": chosen.rounds}

    def say(line: str) -> None:
        print(f"{time.monotonic() - began:5.0f} s  {line}", flush=True)

    figures: list[Figure] = []
    try:
        with Pair(say) as pair:
            if chosen.workers:
                print("", *workers.compare(pair, chosen.rounds), sep="\n")
                return 0
            for name in chosen.only or MEASUREMENTS:
                figures += MEASUREMENTS[name](pair, chosen.rounds)
    except KeyboardInterrupt:
        print("Interrupted: nothing was written, and nothing runs any more.", file=sys.stderr)
        return 130
    print("", *table(figures), sep="\n")
    if output := chosen.output or (None if chosen.only else WHOLE):
        write(output, figures, run)
        print("", f"Written: {output}", sep="\n")
    return 0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="of each figure, whose median counts (3)")
    parser.add_argument("--only", action="append", choices=list(MEASUREMENTS), help="again for more than one")
    parser.add_argument("--workers", action="store_true", help="compare classes and counts of workers instead")
    parser.add_argument("--output", type=Path, help=f"{WHOLE}, unless --only is given")
    chosen = parser.parse_args()
    if chosen.rounds < 1:
        parser.error(f"--rounds is {chosen.rounds}: at least one is needed")
    return chosen


if __name__ == "__main__":
    sys.exit(main())
