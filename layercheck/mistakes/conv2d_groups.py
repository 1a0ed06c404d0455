"""What people get wrong in conv2d's groups."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.conv2d import Cache, conv2d, conv2d_backward
from ref_layers.op import Array


def groups_ignored(
    x: Array, w: Array, b: Array | None = None, *, groups: int = 1, **attributes: Any
) -> Any:
    """Every filter reads the first group's channels. Filters of group g read those of group g."""
    _, cache = conv2d(x, w, b, groups=groups, **attributes)
    first = np.concatenate([x[:, : w.shape[1]]] * groups, axis=1)
    return conv2d(first, w, b, groups=groups, **attributes)[0], cache


def groups_interleaved(
    x: Array, w: Array, b: Array | None = None, *, groups: int = 1, **attributes: Any
) -> Any:
    """Filter f belongs to group f % groups. Groups are neighbouring filters: f // (F / groups)."""
    right, cache = conv2d(x, w, b, groups=groups, **attributes)
    order = _by_remainder(len(w), groups)
    out = np.empty_like(right)
    bias = None if b is None else b[order]
    out[:, order] = conv2d(x, w[order], bias, groups=groups, **attributes)[0]
    return out, cache


def channels_interleaved(
    x: Array, w: Array, b: Array | None = None, *, groups: int = 1, **attributes: Any
) -> Any:
    """Channel c belongs to group c % groups. Groups are neighbouring channels: c // (C /
    groups)."""
    cache = conv2d(x, w, b, groups=groups, **attributes)[1]
    order = _by_remainder(x.shape[1], groups)
    return conv2d(x[:, order], w, b, groups=groups, **attributes)[0], cache


def dx_and_dw_of_groups_interleaved(dout: Array, cache: Cache) -> Any:
    """Filter f belongs to group f % groups in dx and dw. Groups are neighbouring filters: f // (F /
    groups), as in the forward."""
    order = _by_remainder(len(cache.w), cache.groups)
    dx, ordered, _ = conv2d_backward(dout[:, order], cache._replace(w=cache.w[order]))
    dw = np.empty_like(ordered)
    dw[order] = ordered
    return dx, dw, conv2d_backward(dout, cache)[2]


def _by_remainder(count: int, groups: int) -> Any:
    """Which filters, or channels, are of the first group, then of the next."""
    return np.arange(count).reshape(-1, groups).T.reshape(-1)
