"""How many of the named mistakes are diagnosed where somebody makes them, and how many are given a
wrong name: every mistake in every form and style that can express it.

    python benchmarks/diagnosis.py [--share 0.1] [--minutes 10] [--seed 1] [--smallest] [OP ...]

The pairs come in a random order, and `--share` or `--minutes` end it before the last; `--smallest`
also shrinks a failing case of each.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from layercheck.upkeep.diagnosed import Told, every_pair, tell
from layercheck.upkeep.forms import FORMS

RIGHT = ("named", "in a group")
APART = {
    "passes": "show nothing in their form",
    "not written": "cannot be computed in Python's numbers",
}
COLUMNS = (*RIGHT, "described", "condition", "silent", "wrong name")


def main() -> None:
    """Put the mistakes, print each miss as it comes, then the tables."""
    options = arguments()
    todo = [pair for pair in every_pair(options.ops or None) if pair[2] in options.forms]
    drawn = random.Random(options.seed).sample(todo, round(len(todo) * options.share))
    print(f"{len(drawn)} of {len(todo)} pairs, seed {options.seed}", flush=True)
    told: list[Told] = []
    ends = time.monotonic() + 60 * options.minutes
    for mistake, style, form in drawn:
        if time.monotonic() > ends:
            print(f"stopped after {options.minutes:g} minutes and {len(told)} pairs")
            break
        told.append(one := tell(mistake, style, form, options.smallest))
        if one.came_to not in (*RIGHT, *APART) or not one.alike:
            print(missed(one), flush=True)
    tables(told)


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ops", nargs="*", metavar="OP")
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("--smallest", action="store_true")
    parser.add_argument("--forms", nargs="*", default=list(FORMS), choices=list(FORMS))
    return parser.parse_args()


def missed(one: Told) -> str:
    """What was told of a mistake that is not named, or not alike at the smallest case."""
    texts = "; ".join(f"{d.kind}: {d.names or d.text}" for d in one.diagnoses)
    name = f"{one.mistake.op} {one.mistake.name} ({one.form}, {one.style})"
    unlike = "" if one.alike else " [another diagnosis with the smallest case]"
    return f"  {name}: {one.came_to}{unlike}. {texts}"


def tables(told: Sequence[Told]) -> None:
    """By form and style, and by op."""
    shown = [one for one in told if one.came_to not in APART]
    apart = ", ".join(f"{sum(t.came_to == a for t in told)} {text}" for a, text in APART.items())
    print(f"\n{len(told)} pairs: {apart}")
    table("form, style", ((f"{one.form}, {one.style}", one) for one in shown))
    table("op", ((one.mistake.op, one) for one in shown))
    sizes = [size for one in shown for size in one.numbers]
    if sizes:
        alike = sum(one.alike for one in shown if one.numbers)
        print(f"\nsmallest cases: {len(sizes)}, median {statistics.median(sizes):g} numbers in all")
        print(f"inputs, largest {max(sizes)}; the same diagnosis with it: {alike} of", end=" ")
        print(sum(bool(one.numbers) for one in shown))


def table(head: str, rows: Iterable[tuple[str, Told]]) -> None:
    """Counts by one name, and the share that is named."""
    counted: dict[str, Counter[str]] = {}
    for name, one in rows:
        for row in (name, "all"):
            counted.setdefault(row, Counter())[one.came_to] += 1
    print(f"\n| {head} | shown | {' | '.join(COLUMNS)} | named |")
    print(f"| --- {'| --- ' * (len(COLUMNS) + 2)}|")
    for name, counts in sorted(counted.items(), key=lambda item: (item[0] == "all", item[0])):
        cells = " | ".join(str(counts[column]) for column in COLUMNS)
        share = sum(counts[column] for column in RIGHT) / counts.total()
        print(f"| {name} | {counts.total()} | {cells} | {100 * share:.1f} % |")


if __name__ == "__main__":
    main()
