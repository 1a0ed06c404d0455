"""How small the smallest cases are: of every named mistake, shrunk while its diagnosis stays.

`python -m layercheck.upkeep.smallest_cases` prints the figures that docs/diagnosis-cases.md holds.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.diagnosis.failing import Failed, FailsAlike, failed_at
from layercheck.diagnosis.smallest import Smallest, smallest
from layercheck.implementations.layer import Layer
from layercheck.implementations.mistaken import Mistaken
from layercheck.implementations.protocol import PARTS, Answer
from layercheck.mistakes import Mistake, mistakes, of_op
from layercheck.reporting.words import many
from ref_layers import OPS


@dataclass(frozen=True)
class Shrunk:
    """A mistake, the smallest case of the quick grid that rejects it, and what became of that."""

    mistake: Mistake
    first: Case
    found: Smallest

    @property
    def line(self) -> str:
        """`4 numbers of 35, 11 asked: conv2d kernel_flipped: conv2d x=1x1x1x2 ...`."""
        counted = f"{many(self.found.case.elements, 'number')} of {self.first.elements}"
        name = f"{self.mistake.op} {self.mistake.name}"
        return f"{counted}, {self.found.asked} asked: {name}: {self.found.case}"


def shrunk(found: Iterable[Mistake], seconds: float = np.inf) -> Iterator[Shrunk]:
    """The smallest case of each mistake that some case of the quick grid rejects."""
    for mistake in found:
        failed = first_failure(mistake)
        if failed is not None:
            same_names = SameNames(mistake.op, failed)
            alike = FailsAlike(layer_of(mistake), PARTS, failed.kind, same_names)
            case = failed.facts.case
            yield Shrunk(mistake, case, smallest(case, alike, seconds, sys.maxsize))


class SameNames:
    """Whether no other mistake explains a failure than explain the first one."""

    def __init__(self, op: str, first: Failed) -> None:
        self.op, self.first = op, explaining(op, first)

    def __call__(self, failed: Failed) -> bool:
        return explaining(self.op, failed) <= self.first


def layer_of(mistake: Mistake) -> Layer:
    """The mistaken layer as a subject."""
    return Layer(mistake.op, mistake.op, f"{mistake.op}_backward", Mistaken(mistake))


def first_failure(mistake: Mistake) -> Failed | None:
    """How it fails at the smallest case that rejects it."""
    subject = Mistaken(mistake)
    cases = sorted(quick(mistake.op), key=lambda case: case.elements)
    tried = (failed_at(subject, PARTS, case, subject.answer(case)) for case in cases)
    return next(filter(None, tried), None)


def explaining(op: str, failed: Failed) -> frozenset[str]:
    """The named mistakes that give the same numbers, failures and changes at the case."""
    case = failed.facts.case
    return frozenset(
        mistake.name
        for mistake in of_op(op)
        if is_alike(failed, Mistaken(mistake).answer(case))  # type: ignore[arg-type]
    )


def is_alike(failed: Failed, other: Answer) -> bool:
    """Whether another answer is this one, but for rounding."""
    mine = failed.answer
    same = mine.arrays.keys() == other.arrays.keys() and mine.changed == other.changed
    if not same or mine.failures.keys() != other.failures.keys():
        return False
    return all(are_close(v, other.arrays[n], failed, n) for n, v in mine.arrays.items())


def are_close(mine: object, other: object, failed: Failed, name: str) -> bool:
    """Whether two arrays are alike within the limit of their rounding."""
    a, b = np.asarray(mine), np.asarray(other)
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    limit = failed.facts.bounds[name].limit if name in failed.facts.bounds else 0
    if np.shape(limit) not in ((), a.shape):
        return np.array_equal(a, b, equal_nan=True)
    with np.errstate(all="ignore"):
        return bool(((a == b) | (np.abs(a - b) <= limit) | ((a != a) & (b != b))).all())  # noqa: PLR0124


def figures(found: Sequence[Shrunk]) -> str:
    """`median 4 numbers, largest 16, of 424 mistakes; median 12 cases asked`."""
    sizes = [one.found.case.elements for one in found]
    asked = [one.found.asked for one in found]
    return (
        f"median {statistics.median(sizes):g} numbers, largest {max(sizes)}, of {len(found)} "
        f"mistakes; median {statistics.median(asked):g} cases asked, most {max(asked)}"
    )


def main(ops: Sequence[str] = ()) -> None:
    """Print each, then the figures."""
    made = []
    for one in shrunk(mistakes(ops or tuple(OPS))):
        made.append(one)
        print(one.line, flush=True)
    print(figures(made))


if __name__ == "__main__":
    main(sys.argv[1:])
