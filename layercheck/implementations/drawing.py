"""Implementations whose dropout may draw its masks by itself."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from layercheck.cases.case import Case
from oracles.oracle import Array

from .protocol import Failure


@runtime_checkable
class Redraws(Protocol):
    """An implementation whose dropout may draw its masks by itself."""

    @property
    def draws_masks(self) -> bool:
        """Whether it does, in a way that nobody could foretell."""
        ...

    def redrawn(self, case: Case, repeats: int) -> Array | Failure:
        """`out` of so many further calls, stacked."""
        ...


def draws(implementation: Any, case: Case) -> bool:
    """Whether at this case the mask is the implementation's own."""
    return may_draw(implementation, case) and bool(case.all_attributes["training"])


def may_draw(implementation: Any, case: Case) -> bool:
    """The same of one that draws a mask in test mode, too, where it should draw none."""
    drawn = case.op == "dropout" and "mask" not in case.shapes
    return drawn and isinstance(implementation, Redraws) and bool(implementation.draws_masks)
