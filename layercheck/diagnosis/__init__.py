"""Why a function fails: steps that look at what it answered, one file each in `steps/`.

A step is a module with `explain(evidence) -> Diagnosis | None`, found by its file and asked in the
order of its `RANK`; of those that name what is wrong the first one that can has the word. Nothing
of this is imported while everything passes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Protocol, cast

from layercheck.reporting.hints import tells, told_at
from layercheck.reporting.records import Diagnosis

from .evidence import Evidence, Seen

__all__ = ["Evidence", "Seen", "Step", "all_steps", "diagnose"]


class Step(Protocol):
    """A module of `steps/`.

    RANK: the lowest is asked first · LEAST: the level of hints that tells it: `condition` for where
    a function fails, `diagnosis` for why.
    """

    RANK: int
    LEAST: str

    def explain(self, evidence: Evidence) -> Diagnosis | None:
        """What the evidence shows, if it shows it beyond doubt."""
        ...


@cache
def all_steps() -> tuple[Step, ...]:
    """Every step in its order."""
    from . import steps as package

    names = [module.name for module in pkgutil.iter_modules(package.__path__)]
    found = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    return tuple(sorted((cast(Step, module) for module in found), key=lambda step: step.RANK))


def diagnose(evidence: Evidence, hints: str = "full") -> list[Diagnosis]:
    """Where a function fails, and why: at most one of each, and no more than hints tell."""
    wanted = [step for step in all_steps() if tells(hints, step.LEAST)]
    return told_at(hints, told(evidence, wanted))


def told(evidence: Evidence, wanted: Sequence[Step]) -> Iterator[Diagnosis]:
    """The first of each level: where, and why."""
    done: set[str] = set()
    for step in wanted:
        found = None if step.LEAST in done else step.explain(evidence)
        if found is not None:
            done.add(step.LEAST)
            evidence.has_condition |= found.is_condition
            yield found
