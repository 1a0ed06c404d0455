"""What people get wrong in flatten."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.flatten import Cache, flatten, flatten_backward
from ref_layers.op import Array


def batch_flattened_too(x: Array, **named: Any) -> Any:
    """The batch is flattened too. Axes before start_dim stay."""
    out, cache = flatten(x, **named)
    return out.reshape(-1), cache


def one_axis_too_late(x: Array, **named: Any) -> Any:
    """Flattening begins one axis too late. start_dim itself is the first that goes."""
    _, cache = flatten(x, **named)
    return x.reshape(*x.shape[: named.get("start_dim", 1) + 1], -1), cache


def column_major(x: Array, **named: Any) -> Any:
    """Elements are read in column-major order, as MATLAB does. The last axis varies fastest."""
    out, cache = flatten(x, **named)
    lead = x.shape[: named.get("start_dim", 1)]
    rows = x.reshape(int(np.prod(lead)), *x.shape[len(lead) :])
    return np.stack([row.ravel(order="F") for row in rows]).reshape(out.shape), cache


def channels_moved_halfway(x: Array, **named: Any) -> Any:
    """channels_last gives (c, w, h) in place of (h, w, c). Move axis 1 to the end; keep the order
    of the others."""
    out, cache = flatten(x, **named)
    turned = x.swapaxes(2, 3).reshape(out.shape) if named.get("channels_last") else out
    return turned, cache


def batch_mixed(x: Array, **named: Any) -> Any:
    """x is transposed to (C, H, W, N) and reshaped, which mixes the samples. The batch stays
    first."""
    out, cache = flatten(x, **named)
    return np.moveaxis(x, 0, -1).reshape(out.shape), cache


def dx_left_flat(dout: Array, cache: Cache) -> Any:
    """dx stays flat. A gradient has the shape of its input: reshape it to x.shape."""
    return dout.copy()


def dx_channels_not_moved_back(dout: Array, cache: Cache) -> Any:
    """With channels_last, dx is reshaped to x.shape without moving the channels back. Reshape to
    (N, H, W, C) first, then move the last axis to place 1."""
    return dout.reshape(cache.shape)


def dx_height_and_width_swapped(dout: Array, cache: Cache) -> Any:
    """dx is reshaped with height and width swapped. Use x.shape as it was."""
    n, c, h, w = cache.shape
    return flatten_backward(dout, cache).reshape(n, c, w, h).swapaxes(2, 3)
