"""How many numbers a layer sums up in each array: what a linear layer gives for ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from ref_layers import OPS
from ref_layers.op import Array

KEPT = 4096
"""Of how many shapes the numbers are kept."""

NONE: Mapping[str, int] = {}
HALF = 0.5
"""So that a sum of ones may be off by its rounding."""


def terms_of(case: Case) -> Mapping[str, int]:
    """Of each array the most terms of an element; none of a layer that is not linear."""
    if not case.spec.linear:
        return NONE
    return terms(case.op, tuple(case.shapes.items()), tuple(case.attributes.items()))


@lru_cache(maxsize=KEPT)
def terms(
    op: str,
    shapes: tuple[tuple[str, tuple[int, ...]], ...],
    attributes: tuple[tuple[str, Any], ...],
) -> Mapping[str, int]:
    """The same by op, shapes and attributes."""
    spec, ones = OPS[op], {name: np.ones(shape) for name, shape in shapes}
    try:
        out, cache = spec.forward(**ones, **dict(attributes))
        gradients = spec.backward(np.ones(np.shape(out)), cache)
    except ValueError:  # the layer takes no such shapes
        return dict.fromkeys(spec.outputs, 0)
    arrays = {**spec.name_outputs(out), **spec.name_gradients(gradients, ones)}
    return {name: most(array) for name, array in arrays.items()}


def most(array: Array) -> int:
    """The largest number of an array, as a whole one."""
    return int(np.max(array, initial=0.0) + HALF)
