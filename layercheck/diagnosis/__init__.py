"""Why a function fails: steps that look at what it answered, one file each in `steps/`.

A step is a module with `explain(evidence) -> Diagnosis | None`, found by its file and asked in the
order of its `RANK`; of those that name what is wrong the first one that can has the word. Nothing
of this is imported while everything passes.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Protocol, cast

from layercheck.reporting.records import Diagnosis

from .evidence import Evidence, Seen

__all__ = ["Evidence", "Seen", "Step", "all_steps", "diagnose"]

CONDITION = "condition"
"""The kind of what says where a function fails, beside what says how."""


class Step(Protocol):
    """A module of `steps/`. RANK: the lowest is asked first."""

    RANK: int

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


def diagnose(evidence: Evidence) -> list[Diagnosis]:
    """Where a function fails, and why: at most one of each."""
    return list(told(evidence))


def told(evidence: Evidence) -> Iterator[Diagnosis]:
    """The first condition and the first cause."""
    kinds: set[bool] = set()
    for step in all_steps():
        is_condition = getattr(step, "IS_CONDITION", False)
        if is_condition in kinds:
            continue
        found = step.explain(evidence)
        if found is not None:
            kinds.add(is_condition)
            yield found
