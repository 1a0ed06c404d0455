"""What sizes are by themselves, and together: asked of a case's names."""

from __future__ import annotations

from collections.abc import Callable

from .predicate import Names


def parity(name: str, left: int) -> Callable[[Names], bool]:
    """Whether a size divided by 2 leaves so much; raises KeyError where it is not there."""
    return lambda names: bool(names[name] % 2 == left)


def has_square_rows(names: Names) -> bool:
    """Whether x, as rows of D numbers or as what is taken together along its last axis, is a
    square; raises KeyError where it is no such rows."""
    x = names["case"].inputs["x"]
    columns = names["D"] if "D" in names else x.shape[-1] * bool(names["axes"])
    return bool(x.size == columns**2)
