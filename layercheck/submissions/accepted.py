"""How large cases are, and whether a layer accepts a combination at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from layercheck.cases.case import Case
from layercheck.cases.combined import make_case
from ref_layers import OPS


def largest_of(cases: Iterable[Case]) -> dict[str, int]:
    """The largest size of each symbol."""
    found: dict[str, int] = {}
    for case in cases:
        for name, size in case.sizes.items():
            found[name] = max(size, found.get(name, 0))
    return found


def smallest(case: Case) -> int:
    """The smallest size of its arrays: of nothing there is no mean."""
    return min((size for shape in case.shapes.values() for size in shape), default=1)


def is_valid_alone(op_name: str, row: Mapping[str, Any]) -> bool:
    """Whether the layer accepts a combination, whatever the grids keep to for themselves."""
    try:
        return 0 not in make_case(OPS[op_name], dict(row), 0).out_shape
    except ValueError:
        return False
