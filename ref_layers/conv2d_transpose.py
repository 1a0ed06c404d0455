"""Transposed 2-D convolution: the adjoint of conv2d with the same weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .arrays import promoted, require
from .conv2d import (
    by_group,
    group_columns,
    products,
    products_summed,
    row_bytes,
    split_groups,
)
from .op import Array, Op, Tensor
from .windows import Padding, Pair, Windows, extent, pair, resolve_padding, split_padding


class Cache(NamedTuple):
    """What forward keeps for backward."""

    x: Array
    w: Array
    b: Array | None
    groups: int
    windows: Windows


def conv2d_transpose(
    x: Array,
    w: Array,
    b: Array | None = None,
    *,
    stride: int | Sequence[int] = 1,
    padding: Padding = 0,
    output_padding: int | Sequence[int] = 0,
    output_size: Sequence[int] | None = None,
    dilation: int | Sequence[int] = 1,
    groups: int = 1,
) -> tuple[Array, Cache]:
    """Every input pixel adds its multiple of the kernel to the output, `stride` pixels apart.

    x: (N, C, H, W) · w: (C, F/groups, KH, KW) · b: (F,) or None -> out: (N, F, OH, OW), cache.
    OH = (H - 1)*stride - top - bottom + dilation*(KH - 1) + 1 + output_padding.
    padding crops the output; "same" and "same_lower" give OH = H*stride, as TensorFlow's conv2d
    with that padding maps OH to H. output_padding adds rows at the bottom and columns at the
    right that only windows beyond the crop reach. output_size (OH, OW) chooses the
    output_padding, or with "same" the padding, that gives this size.

    Raises ValueError where shapes do not fit or no such output exists.
    Source: Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016, ch. 4.

    >>> out, _ = conv2d_transpose(np.ones((1, 1, 2, 2)), np.ones((1, 1, 2, 2)))
    >>> out[0, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    check_shapes(x, w, b, groups)
    x, w, b = promoted(x, w, b)
    win = transposed_windows(x, w, stride, padding, output_padding, output_size, dilation)
    n, f = x.shape[0], w.shape[1] * groups
    filters = by_group(w, groups).swapaxes(1, 2)  # (G, F/G*KH*KW, C/G)
    out = np.zeros_like(x, order="C", shape=(n, f, *win.size))
    for some, rows in win.chunks(n, row_bytes(out, win)):
        pixels = split_groups(x[some, :, rows], groups)
        win.scatter(products(filters, pixels), out[some], rows)
    if b is not None:
        out += b.reshape(f, 1, 1)
    return out, Cache(x, w, b, groups, win)


def conv2d_transpose_backward(dout: Array, cache: Cache) -> tuple[Array, Array, Array | None]:
    """dout: (N, F, OH, OW) -> dx: (N, C, H, W), dw: (C, F/groups, KH, KW), db: (F,) or None.

    dx is conv2d of dout with w; dw pairs each input pixel with the window that it wrote to.
    """
    x, w, b, groups, win = cache
    x, w, dout = promoted(x, w, dout)
    filters = by_group(w, groups)  # (G, C/G, F/G*KH*KW)
    dx, dfilters = np.empty_like(x, order="C"), np.zeros_like(filters)
    for some, rows in win.chunks(len(x), row_bytes(dout, win)):
        columns = group_columns(win, dout[some], groups, rows)  # (some, G, F/G*KH*KW, rows*W)
        pixels = split_groups(x[some, :, rows], groups)
        dx[some, :, rows] = products(filters, columns).reshape(dx[some, :, rows].shape)
        dfilters += products_summed(pixels, columns)
    return dx, dfilters.reshape(w.shape), None if b is None else dout.sum(axis=(0, 2, 3))


def transposed_windows(
    x: Array,
    w: Array,
    stride: int | Sequence[int],
    padding: Padding,
    output_padding: int | Sequence[int],
    output_size: Sequence[int] | None,
    dilation: int | Sequence[int],
) -> Windows:
    """The windows over the output that conv2d would slide to get back to x's (H, W)."""
    s, d = pair(stride, "stride"), pair(dilation, "dilation")
    kernel = (int(w.shape[2]), int(w.shape[3]))
    span, small = extent(kernel, d), (int(x.shape[2]), int(x.shape[3]))
    full = ((small[0] - 1) * s[0] + span[0], (small[1] - 1) * s[1] + span[1])
    extra = pair(output_padding, "output_padding", 0)
    chosen = padding in ("same", "same_lower") or output_size is not None
    require(
        "conv2d_transpose output_padding",
        extra == (0, 0) or not chosen,
        output_padding,
        f"0 where output_size {output_size} or padding {padding!r} gives the size",
    )
    size = None if output_size is None else pair(output_size, "output_size")
    if padding in ("same", "same_lower"):
        target = size or (small[0] * s[0], small[1] * s[1])
        require_same_size(target, small, s)
        totals = [max(whole - out, 0) for whole, out in zip(full, target, strict=True)]
        return Windows(target, kernel, s, d, split_padding(str(padding), totals), small)
    sides = resolve_padding(padding, small, span, s)
    least = (full[0] - sum(sides[0]), full[1] - sum(sides[1]))
    out = size or (least[0] + extra[0], least[1] + extra[1])
    check_output(out, least, s, d)
    return Windows(out, kernel, s, d, sides, small)


def require_same_size(target: Pair, small: Pair, stride: Pair) -> None:
    fits = all(-(-t // s) == n for t, s, n in zip(target, stride, small, strict=True))
    require(
        "conv2d_transpose output_size",
        fits,
        target,
        f'a size whose "same" windows at stride {stride} number {small}',
    )


def check_output(out: Pair, least: Pair, stride: Pair, dilation: Pair) -> None:
    """torch's rule: 0 <= output_padding < max(stride, dilation), and an output of at least 1x1."""
    limit = tuple(max(s, d) for s, d in zip(stride, dilation, strict=True))
    require(
        "conv2d_transpose", min(out) >= 1, f"output size {out}", "at least (1, 1); use less padding"
    )
    extra = tuple(o - n for o, n in zip(out, least, strict=True))
    fits = all(0 <= e < top for e, top in zip(extra, limit, strict=True))
    require(
        "conv2d_transpose",
        fits,
        f"output size {out}: output_padding {extra}",
        f"output_padding from (0, 0) to less than max(stride, dilation) = {limit}",
    )


def check_shapes(x: Array, w: Array, b: Array | None, groups: int) -> None:
    require("conv2d_transpose x", x.ndim == 4, x.shape, "(N, C, H, W)")
    require(
        "conv2d_transpose w",
        w.ndim == 4 and w.shape[0] == x.shape[1],
        w.shape,
        f"({x.shape[1]}, F/groups, KH, KW) for x {x.shape}",
    )
    require(
        "conv2d_transpose groups",
        groups >= 1 and x.shape[1] % groups == 0,
        groups,
        f"a divisor of C = {x.shape[1]}",
    )
    f = w.shape[1] * groups
    require(
        "conv2d_transpose b",
        b is None or b.shape == (f,),
        None if b is None else b.shape,
        f"({f},)",
    )


OP = Op(
    forward=conv2d_transpose,
    backward=conv2d_transpose_backward,
    inputs={
        "x": Tensor("N groups*c H W"),
        "w": Tensor("groups*c f KH KW", draw="weight"),
        "b": Tensor("groups*f", draw="weight", optional=True),
    },
    linear=True,
)
