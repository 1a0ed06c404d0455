"""Rules of sums, means and maxima along axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arithmetic import divide
from .bounded import FUNCTIONS, REDUCTIONS, SHIFTS, Bounded, rule


@rule(REDUCTIONS, np.add)
@rule(FUNCTIONS, np.sum)
def total(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    parts = tuple(np.asarray(part.sum(axis=axis, keepdims=keepdims)) for part in a.parts)
    return Bounded(parts, a.dtype)


@rule(FUNCTIONS, np.mean)
def mean(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    summed = total(a, axis, keepdims)
    return divide(summed, summed.convert(float(a.size // max(1, summed.size))))


@rule(REDUCTIONS, np.maximum)
@rule(FUNCTIONS, np.max)
def largest(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    errors = (np.asarray(error.max(axis=axis, keepdims=keepdims)) for error in a.errors())
    made = a.rounded(np.asarray(a.value.max(axis=axis, keepdims=keepdims)), errors, ulps=0.0)
    made.extreme = a.is_data and SHIFTS.get()
    return made
