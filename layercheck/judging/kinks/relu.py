"""Where x is 0, relu's slope may be any number from 0 to 1."""

from __future__ import annotations

import numpy as np

from ref_layers.op import Array

from . import Given


def all_at_zero(given: Given) -> dict[str, Array]:
    """At 0 the whole gradient passes, as with `x >= 0`; in torch and tf.nn none does."""
    return {"dx": np.where(given.inputs["x"] >= 0, given.dout, 0)}


def half_at_zero(given: Given) -> dict[str, Array]:
    """At 0 half of the gradient passes; in torch and tf.nn none does."""
    x, dout = given.inputs["x"], given.dout
    return {"dx": np.where(x == 0, dout / 2, np.where(x > 0, dout, 0))}
