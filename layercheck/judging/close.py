"""Whether an array is what it is held against, where no figure of it is told."""

from __future__ import annotations

from .measure import Operand, Together


def are_within(operand: Operand) -> bool:
    """Whether every element has a limit and is within it, as `measure` would say in more time."""
    one = Together([operand])
    return bool((one.error <= one.limit).all()) and not one.unlimited.any()
