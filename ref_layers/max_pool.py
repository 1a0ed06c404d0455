"""2-D max pooling: the largest value of each window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .op import Array, Op, Tensor
from .windows import Padding, Windows, require, windows


class Cache(NamedTuple):
    """What forward keeps for backward."""

    x: Array
    first: Array
    windows: Windows


def max_pool(
    x: Array,
    *,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: Padding = 0,
    dilation: int | Sequence[int] = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> tuple[Any, Cache]:
    """out[n, c, i, j] = the maximum of x[n, c] over window (i, j); the border counts as -inf.

    x: (N, C, H, W) -> out: (N, C, OH, OW), cache; with return_indices (out, indices), cache, where
    indices: (N, C, OH, OW) int64, the maximum's place h*W + w in its image; the first one in
    row-major order among equals. NaN counts as larger than every number.
    kernel_size, stride (None: kernel_size), dilation: int or (h, w). padding as in conv2d, at most
    half of the kernel. ceil_mode: a last window may hang over the far edge.

    Raises ValueError where no window fits or one would see nothing but padding.
    Source: torch.nn.functional.max_pool2d and tf.nn.max_pool2d (padding "same").

    >>> out, _ = max_pool(np.array([[[[1.0, 5.0, 2.0], [4.0, 3.0, 9.0]]]]), kernel_size=2, stride=1)
    >>> out[0, 0]
    array([[5., 9.]])
    """
    require("max_pool x", x.ndim == 4, x.shape, "(N, C, H, W)")
    win = windows(
        "max_pool",
        x.shape[2:],
        kernel_size,
        kernel_size if stride is None else stride,
        padding,
        dilation,
        ceil_mode,
    )
    check_padding(win)
    padded = win.pad(x, -np.inf)
    inside = win.pad(np.ones((1, 1, *win.size), bool), False)
    out = np.full_like(x, -np.inf, shape=(*x.shape[:2], *win.out))
    first = np.full(out.shape, -1)  # which tap of the window holds the maximum
    for tap, (i, j) in enumerate(win.taps):
        seen = win.tap(padded, i, j)
        larger = (first < 0) | (seen > out) | (seen != seen)  # noqa: PLR0124 (only NaN differs)
        better = larger & win.tap(inside, i, j)
        out, first = np.where(better, seen, out), np.where(better, tap, first)
    require(
        "max_pool",
        not (first < 0).any(),
        "a window that sees nothing but padding",
        "every window to see a pixel; use less padding or dilation",
    )
    cache = Cache(x, first, win)
    return ((out, places(cache)) if return_indices else out), cache


def max_pool_backward(dout: Array, cache: Cache) -> Array:
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W): each window's gradient goes to its maximum.

    Windows overlap, so a pixel gets the sum over all windows that it won.
    """
    x, first, win = cache
    dpadded = np.zeros_like(x, shape=(*x.shape[:2], *win.padded))
    zero = np.zeros_like(dout)
    for tap, (i, j) in enumerate(win.taps):
        win.tap(dpadded, i, j)[...] += np.where(first == tap, dout, zero)
    return win.crop(dpadded)


def places(cache: Cache) -> Array:
    """Each maximum's place h*W + w in its image: (N, C, OH, OW), int64."""
    _, first, win = cache
    u, v = np.divmod(first, win.kernel[1])
    (top, _), (left, _) = win.padding
    h = np.arange(win.out[0])[:, None] * win.stride[0] + u * win.dilation[0] - top
    w = np.arange(win.out[1]) * win.stride[1] + v * win.dilation[1] - left
    return np.asarray(h * win.size[1] + w)


def check_padding(win: Windows) -> None:
    """A window that sees nothing but padding would have no maximum."""
    fits = all(max(sides) <= span // 2 for sides, span in zip(win.padding, win.extent, strict=True))
    require(
        "max_pool padding",
        fits,
        win.padding,
        f"at most half of the kernel, which spans {win.extent}",
    )


OP = Op(
    forward=max_pool,
    backward=max_pool_backward,
    inputs={"x": Tensor("N C H W")},
    outputs=("out", "indices"),
)
