"""What people get wrong in concat."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.concat import Cache, concat, concat_backward
from ref_layers.op import Array


def order_reversed(x: Array, y: Array, z: Any = None) -> Any:
    """The last branch comes first. The channels of x come first."""
    _, cache = concat(x, y, z)
    return np.concatenate([p for p in (z, y, x) if p is not None], axis=1), cache


def along_the_width(x: Array, y: Array, z: Any = None) -> Any:
    """Branches are joined along the last axis, as for channels that come last. Here they come
    second: axis 1."""
    out, cache = concat(x, y, z)
    n, c, h, w = out.shape
    return out.transpose(0, 2, 3, 1).reshape(n, h, w, c), cache


def channels_interleaved(x: Array, y: Array, z: Any = None) -> Any:
    """Channels of the branches alternate. They stand in blocks: all of x, then all of y."""
    out, cache = concat(x, y, z)
    where = [
        i / part.shape[1] for part in (x, y, z) if part is not None for i in range(part.shape[1])
    ]
    return out[:, np.argsort(where, kind="stable")], cache


def third_branch_forgotten(x: Array, y: Array, z: Any = None) -> Any:
    """The third branch is left out. Join all that are given."""
    return concat(x, y)[0], concat(x, y, z)[1]


def dx_split_evenly(dout: Array, cache: Cache) -> Any:
    """dout is split into equal parts. Each branch gets as many channels as it had."""
    *_, dz = concat_backward(dout, cache)
    k = dout.shape[1] // len(cache.channels)
    return dout[:, :k], dout[:, k : 2 * k], None if dz is None else dout[:, 2 * k :]


def dy_from_the_front(dout: Array, cache: Cache) -> Any:
    """dy is cut from the first channels again. It begins after those of x."""
    dx, dy, dz = concat_backward(dout, cache)
    return dx, np.resize(dout[:, : dy.shape[1]], dy.shape), dz


def dx_from_the_end(dout: Array, cache: Cache) -> Any:
    """Gradients are cut from the end on, as if the last branch came first. The channels of x come
    first."""
    grads = concat_backward(dout[:, ::-1], cache)
    return tuple(None if g is None else g[:, ::-1] for g in grads)
