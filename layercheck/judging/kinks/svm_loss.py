"""Where a margin is met exactly, its class may be pushed, or not."""

from __future__ import annotations

import numpy as np

from ref_layers.op import Array
from ref_layers.reduction import is_label, reduce_backward

from . import Given


def met_margins_push(given: Given) -> dict[str, Array]:
    """A margin that is met exactly pushes its class, as with `>= 0`; here it has no gradient."""
    x, y = given.inputs["x"], given.inputs["y"]
    excess = x - np.take_along_axis(x, y[:, None], 1) + given.attributes["margin"]
    own = is_label(y, x.shape[1])
    each = reduce_backward(given.dout, given.attributes["reduction"], len(y))
    pushed = np.where((excess >= 0) & ~own, each, 0)
    return {"dx": np.where(own, -pushed.sum(axis=1, keepdims=True), pushed)}
