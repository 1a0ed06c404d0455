"""Rules of sums, means and maxima along axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.op import Array

from .arithmetic import divide
from .bounded import AT, FUNCTIONS, REDUCTIONS, SHIFTS, Bounded, aligned, reduced, rule


@rule(REDUCTIONS, np.add)
@rule(FUNCTIONS, np.sum)
def total(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    return Bounded(a.parts.sum(axis=reduced(a.parts, axis), keepdims=keepdims), a.dtype)


@rule(AT, np.add)
def add_at(a: Bounded, places: Array, b: Any) -> None:
    """A place that is named several times is a sum of as many terms."""
    for part, more in zip(a.parts, a.convert(b).parts, strict=True):
        np.add.at(part, places, more)


@rule(FUNCTIONS, np.mean)
def mean(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    summed = total(a, axis, keepdims)
    count = summed.convert(float(a.size // max(1, summed.size)))
    return divide(*aligned([summed, count]))


@rule(REDUCTIONS, np.maximum)
@rule(FUNCTIONS, np.max)
def largest(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    errors = a.errors()
    errors = errors.max(axis=reduced(errors, axis), keepdims=keepdims)
    made = a.rounded(np.asarray(a.value.max(axis=axis, keepdims=keepdims)), errors, ulps=0.0)
    made.extreme = a.is_data and SHIFTS.get()
    return made


@rule(REDUCTIONS, np.minimum)
@rule(FUNCTIONS, np.min)
def smallest(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Any:
    return -largest(-a, axis, keepdims)


@rule(FUNCTIONS, np.var)
def variance(a: Bounded, axis: Any = None, keepdims: bool = False, **_: Any) -> Bounded:
    apart = a - mean(a, axis, keepdims=True)
    return mean(apart * apart, axis, keepdims)
