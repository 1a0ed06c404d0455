"""How small an error is still seen: a guard against limits that grow.

Each array of the exact result, rounded to its dtype, is multiplied by 1 + e; of every op, dtype and
array the smallest e that some case of the quick grid rejects stands in `reports/sensitivity.json`.
It depends on the bounds alone: no framework and no BLAS takes part.
`python -m layercheck.upkeep.sensitivity` writes it anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from layercheck.cases.quick import quick
from layercheck.implementations.protocol import Answer
from layercheck.judging.facts import Facts, recorded_facts
from layercheck.judging.in_norm import has_second_chance, second_chance
from layercheck.pipeline.unordinary import unordinary
from layercheck.reporting.verdict import Verdict
from ref_layers import OPS
from ref_layers.op import Array

from .ledger import FOLDER

FILE = FOLDER / "sensitivity.json"
GROWN = 1.5
"""How many times as large a figure may become: a doubled limit shows."""

SHRUNK = 0.5
"""How small it may become until it is to be written anew."""


@dataclass(frozen=True)
class Seen:
    """smallest: the least relative error that is seen · at: the case that sees it."""

    smallest: float
    at: str


Sensitivity = Mapping[str, Seen]
"""By `conv2d float32 dw`."""


def ordinary_facts(op_names: Iterable[str] = OPS) -> Iterator[Facts]:
    """What the cases of the quick grid are judged by; without those that nobody fails at."""
    for case in (case for name in op_names for case in quick(name)):
        if not unordinary(case):
            yield recorded_facts(case)


def measure(cases: Iterable[Facts]) -> dict[str, Seen]:
    """The smallest errors that are seen over some cases."""
    found: dict[str, Seen] = {}
    for known in cases:
        for array, smallest in smallest_of(known):
            key = f"{known.case.op} {known.case.dtype} {array}"
            if key not in found or smallest < found[key].smallest:
                found[key] = Seen(float(f"{smallest:.3g}"), str(known.case))
    return found


def smallest_of(known: Facts) -> Iterator[tuple[str, float]]:
    """The same of one case: by array."""
    info = np.finfo(known.case.dtype)
    for name, expected in known.truth.arrays.items():
        size = np.abs(expected)
        told = np.isfinite(size) & (size > float(info.tiny)) if expected.dtype.kind == "f" else None
        if told is None or not told.any():
            continue
        bound = known.bounds[name]
        smallest = least(bound.limit, size, told)
        if has_second_chance(known.case):
            smallest = max(smallest, least(bound.in_norm().limit, size, told))
        if smallest < 1:
            yield name, max(smallest, float(info.eps))


def least(limit: Array, size: Array, told: Array) -> float:
    """The smallest relative error that is beyond a limit somewhere."""
    return float((np.broadcast_to(limit, size.shape)[told] / size[told]).min())


def is_seen(known: Facts, array: str, error: float) -> bool:
    """Whether the judge rejects an array that is off by this share of each element."""
    off = known.truth.arrays[array] * (1 + np.longdouble(error))
    answer = Answer({array: off.astype(known.case.dtype)})
    made = [c for c in known.compare_all("", answer) if c.array == array]
    return all(second_chance(known, c, answer).verdict is Verdict.WRONG for c in made)


# ---------------------------------------------------------------------- the file


def read(path: Path = FILE) -> dict[str, Seen]:
    """What was written."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return {key: Seen(**value) for key, value in told.items()}


def write(found: Sensitivity, path: Path = FILE) -> None:
    """A line for each array."""
    lines = ",\n".join(f'"{key}": {json.dumps(asdict(seen))}' for key, seen in found.items())
    path.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


def grown(before: Sensitivity, now: Sensitivity) -> list[str]:
    """The arrays in which only larger errors than before are seen, or none."""
    return [
        f"{key}: the smallest error that is seen was {seen.smallest:.3g}, is "
        f"{now[key].smallest if key in now else np.inf:.3g}; it may be {GROWN} times as large"
        for key, seen in before.items()
        if key not in now or now[key].smallest > GROWN * seen.smallest
    ]


def outdated(before: Sensitivity, now: Sensitivity) -> list[str]:
    """The arrays that are new, or in which far smaller errors than before are seen."""
    return [
        f"{key}: {seen.smallest:.3g} is seen at {seen.at}; write it down with: "
        f"python -m layercheck.upkeep.sensitivity"
        for key, seen in now.items()
        if key not in before or seen.smallest < SHRUNK * before[key].smallest
    ]


def main() -> None:
    """Write what is seen now."""
    write(measure(ordinary_facts()))


if __name__ == "__main__":
    main()
