"""2-D convolution, as neural networks use the word: cross-correlation with a bank of filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .arrays import promoted, require
from .op import Array, Op, Tensor
from .windows import Padding, Windows, windows


class Cache(NamedTuple):
    """What forward keeps for backward."""

    x: Array
    w: Array
    b: Array | None
    groups: int
    windows: Windows


def conv2d(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[Array, Cache]:
    """out[n, f, i, j] = b[f] + sum_cuv w[f, c, u, v] x[n, c, s*i + d*u - p, s*j + d*v - p].

    x: (N, C, H, W) · w: (F, C/groups, KH, KW) · b: (F,) or None -> out: (N, F, OH, OW), cache.
    stride, dilation: int or (h, w), in pixels. padding: int, (h, w), ((top, bottom), (left,
    right)), "valid", "same" (TensorFlow's) or "same_lower" (ONNX's), filled with zeros.
    groups: channels and filters are split into that many independent convolutions
    (groups = C is depthwise).

    Raises ValueError where shapes do not fit.
    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016.

    >>> out, _ = conv2d(np.arange(9.0).reshape(1, 1, 3, 3), np.ones((1, 1, 2, 2)))
    >>> out[0, 0]
    array([[ 8., 12.],
           [20., 24.]])
    """
    check_shapes(x, w, b, groups)
    x, w, b = promoted(x, w, b)
    win = windows("conv2d", x.shape[2:], w.shape[2:], stride, padding, dilation)
    n, f = x.shape[0], w.shape[0]
    filters = by_group(w, groups)  # (G, F/G, C/G*KH*KW)
    out = np.empty_like(x, order="C", shape=(n, f, *win.out))
    for some, rows in win.chunks(n, row_bytes(x, win)):
        columns = group_columns(win, x[some], groups, rows)  # (some, G, C/G*KH*KW, rows*OW)
        out[some, :, rows] = products(filters, columns).reshape(out[some, :, rows].shape)
    if b is not None:
        out += b.reshape(f, 1, 1)
    return out, Cache(x, w, b, groups, win)


def conv2d_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """dout: (N, F, OH, OW) -> dx: (N, C, H, W), dw: (F, C/groups, KH, KW), db: (F,) or None.

    Each window's gradient goes back to the pixels it saw (dx) and to the filter (dw).
    """
    x, w, b, groups, win = cache
    x, w, dout = promoted(x, w, dout)
    filters = by_group(w, groups).swapaxes(1, 2)  # (G, C/G*KH*KW, F/G)
    dx = np.zeros_like(x, order="C")
    dfilters = np.zeros_like(w, shape=by_group(w, groups).shape)
    for some, rows in win.chunks(len(x), row_bytes(x, win)):
        columns = group_columns(win, x[some], groups, rows)
        d = split_groups(dout[some, :, rows], groups)  # (some, G, F/G, rows*OW)
        dfilters += products_summed(d, columns)
        win.scatter(products(filters, d), dx[some], rows)
    db = None if b is None else dout.sum(axis=(0, 2, 3))
    return dx, dfilters.reshape(w.shape), db


def products(filters: Array, columns: Array) -> Array:
    """filters @ columns: (G, F, K), (N, G, K, P) -> (N, G, F, P)."""
    n, groups, _, positions = columns.shape
    if filters.shape[1] <= positions:
        of_each: Array = filters @ columns
        return of_each
    joined: Array = filters @ side_by_side(columns)
    apart: Array = joined.reshape(groups, filters.shape[1], n, positions).transpose(2, 0, 1, 3)
    return apart


def products_summed(d: Array, columns: Array) -> Array:
    """d @ columns^T, summed over samples: (N, G, F, P), (N, G, K, P) -> (G, F, K)."""
    if d.shape[2] <= d.shape[3]:
        summed: Array = (d @ columns.swapaxes(2, 3)).sum(axis=0)
        return summed
    joined: Array = side_by_side(d) @ side_by_side(columns).swapaxes(1, 2)
    return joined


def side_by_side(x: Array) -> Array:
    """(N, G, K, P) -> (G, K, N*P): of few positions, a product of all samples at once is quicker
    than one of each, which would read every filter anew."""
    n, groups, k, positions = x.shape
    joined: Array = x.transpose(1, 2, 0, 3).reshape(groups, k, n * positions)
    return joined


def by_group(w: Array, groups: int) -> Array:
    """(F, C/groups, KH, KW) -> (groups, F/groups, C/groups*KH*KW): one matrix a group."""
    return w.reshape(groups, w.shape[0] // groups, w.shape[1] * w.shape[2] * w.shape[3])


def split_groups(x: Array, groups: int) -> Array:
    """(N, C, H, W) -> (N, groups, C/groups, H*W)."""
    n, c, h, w = x.shape
    return x.reshape(n, groups, c // groups, h * w)


def group_columns(win: Windows, x: Array, groups: int, rows: slice) -> Array:
    """(N, C, H, W) -> (N, groups, C/groups*KH*KW, rows*OW)."""
    columns = win.columns(x, rows)
    n, c, taps, positions = columns.shape
    return columns.reshape(n, groups, c // groups * taps, positions)


def row_bytes(x: Array, win: Windows) -> int:
    """How large the columns of one row of outputs are, for one sample."""
    return int(x.shape[1] * x.itemsize) * win.kernel[0] * win.kernel[1] * win.out[1]


def check_shapes(x: Array, w: Array, b: Array | None, groups: int) -> None:
    require("conv2d x", x.ndim == 4, x.shape, "(N, C, H, W)")
    require("conv2d w", w.ndim == 4, w.shape, "(F, C/groups, KH, KW)")
    c, f = x.shape[1], w.shape[0]
    require(
        "conv2d groups",
        groups >= 1 and c % groups == 0 and f % groups == 0,
        groups,
        f"a divisor of C = {c} and of F = {f}",
    )
    require(
        "conv2d w",
        w.shape[1] == c // groups,
        w.shape,
        f"(F, {c // groups}, KH, KW) for x {x.shape} and groups {groups}",
    )
    require("conv2d b", b is None or b.shape == (f,), None if b is None else b.shape, f"({f},)")


OP = Op(
    forward=conv2d,
    backward=conv2d_backward,
    inputs={
        "x": Tensor("N groups*c H W"),
        "w": Tensor("groups*f c KH KW", draw="weight"),
        "b": Tensor("groups*f", draw="weight", optional=True),
    },
    linear=True,
)
