"""The smallest case of a defect: as in a diagnosis, but of what the definition refuses, too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from math import inf, prod
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.combined import make_case
from layercheck.cases.parse import parse
from layercheck.cases.row import row_of
from layercheck.diagnosis.simpler import (
    ATTRIBUTE,
    SMALL_FILLS,
    fewer,
    plainer,
    size_of,
    together,
    without_inputs,
)
from layercheck.diagnosis.smallest import Search
from layercheck.errors import UsageError
from layercheck.judging.kinks import kinks


def effort(case: Case) -> float:
    """How much there is to follow; an array without elements counts as if its sizes of 0 were 1."""
    told = case.attributes.values()
    numbers = sum(prod(max(1, n) for n in shape) for shape in case.shapes.values())
    return numbers + ATTRIBUTE * len(told) + sum(map(size_of, told))


def changed(case: Case, change: dict[str, Any]) -> Case | None:
    """The case with other sizes, attributes or arrays; None where that is none."""
    try:
        row = {**row_of(case), **change}
        return parse(str(make_case(case.spec, row, case.seed)))
    except (ValueError, TypeError, KeyError, ZeroDivisionError, UsageError):
        return None


def simpler(case: Case) -> Iterator[Case]:
    """Cases with less to look at."""
    row = row_of(case)
    changes = chain(without_inputs(case), fewer(case, row), plainer(case, row), together(row, case))
    for change in changes:
        made = changed(case, change)
        if made is not None and effort(made) < effort(case):
            yield made


def easier(case: Case) -> Iterator[Case]:
    """The same with values that a person can compute with, without ties where they matter."""
    ties = any(True for _ in kinks(case.op))
    fills = SMALL_FILLS[:1] if ties else (SMALL_FILLS[0], SMALL_FILLS[2])
    if case.fill not in SMALL_FILLS:
        yield from (replace(case, fill=fill) for fill in (*fills, "normal") if fill != case.fill)


@dataclass
class Walk(Search):
    """A search for the smallest case of a defect, which ends with its time alone."""

    most: float = inf

    def smallest(self, case: Case) -> Case:
        """From a failing case to one of which no simpler neighbour fails."""
        return self.walk(self.first(easier(case)) or case, simpler, effort)
