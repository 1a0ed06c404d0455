"""Where x is 0, the slope may be any number from negative_slope to 1."""

from __future__ import annotations

import numpy as np

from ref_layers.op import Array

from . import Given


def all_at_zero(given: Given) -> dict[str, Array]:
    """At 0 the whole gradient passes, as with `x >= 0`; in torch and tf.nn it is scaled."""
    return _with_slope(given, 1)


def half_at_zero(given: Given) -> dict[str, Array]:
    """At 0 the slope is the mean of both sides; in torch and tf.nn it is negative_slope."""
    return _with_slope(given, (1 + given.attributes["negative_slope"]) / 2)


def none_at_zero(given: Given) -> dict[str, Array]:
    """At 0 no gradient passes, as with the sign of x; in torch and tf.nn it is scaled."""
    return _with_slope(given, 0)


def _with_slope(given: Given, slope: float) -> dict[str, Array]:
    x, dout = given.inputs["x"], given.dout
    sides = np.where(x > 0, dout, given.attributes["negative_slope"] * dout)
    return {"dx": np.where(x == 0, slope * dout, sides)}
