"""2-D max pooling: the largest value of each window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .arrays import promoted, require
from .op import Array, Op, Tensor
from .windows import Padding, Windows, images, some_images, windows


class Cache(NamedTuple):
    """What forward keeps for backward. chosen: as `first`, where another maximum shall count."""

    x: Array
    windows: Windows
    chosen: Array | None = None

    @property
    def first(self) -> Array:
        """Which tap of each window holds its maximum, the first of equals: (N, C, OH, OW)."""
        return first_taps(self.x, self.windows) if self.chosen is None else self.chosen


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
    (x,) = promoted(x)
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
    check(win)
    out = np.empty_like(x, order="C", shape=(*x.shape[:2], *win.out))
    whole, maxima = images(x), images(out)
    for some in some_images(x):
        maxima[some] = win.reduce(np.maximum, win.pad(whole[some], -np.inf))
    cache = Cache(x, win)
    return ((out, places(cache.first, win)) if return_indices else out), cache


def max_pool_backward(dout: Array, cache: Cache) -> Array:
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W): each window's gradient goes to its maximum.

    Windows overlap, so a pixel gets the sum over all windows that it won.
    """
    x, dout = promoted(cache.x, dout)
    dx: Array = np.zeros_like(x, order="C")
    win = cache.windows
    first, whole, gradients = images(cache.first), images(dx), images(dout)
    for some in some_images(dx):
        number = np.arange(some.stop - some.start).reshape(-1, 1, 1)
        place = number * (win.size[0] * win.size[1]) + places(first[some], win)
        np.add.at(whole[some].reshape(-1), place.reshape(-1), gradients[some].reshape(-1))
    return dx


def first_taps(x: Array, win: Windows) -> Array:
    """Which tap of each window holds its maximum, the first of equals: (N, C, OH, OW), integers.

    It is the number of taps before: each is counted as long as none was the maximum.
    """
    small = np.min_scalar_type(win.kernel[0] * win.kernel[1])
    first = np.zeros((*x.shape[:2], *win.out), small)
    inside = win.pad(np.ones(win.size, bool), False)
    whole, before = images(x), images(first)
    for some in some_images(x):
        padded = win.pad(whole[some], -np.inf)
        largest = win.reduce(np.maximum, padded)
        ahead = np.ones(largest.shape, bool)
        for i, j in win.taps:
            ahead &= (win.tap(padded, i, j) != largest) | ~win.tap(inside, i, j)
            before[some] += ahead
        if ahead.any():  # NaN equals nothing
            before[some] = np.where(ahead, last_nan(padded, win), before[some])
    return first


def last_nan(padded: Array, win: Windows) -> Array:
    """Which tap of each window is NaN, the last of several, as in torch: (..., OH, OW)."""
    seen = (win.tap(padded, i, j) for i, j in win.taps)
    found = [tap * (value != value) for tap, value in enumerate(seen)]  # noqa: PLR0124 (only NaN)
    return np.asarray(np.max(found, axis=0))


def places(first: Array, win: Windows) -> Array:
    """Each maximum's place h*W + w in its image: as first, (..., OH, OW), int64."""
    (top, _), (left, _) = win.padding
    width = win.size[1]
    h, w = (np.arange(n) * step for n, step in zip(win.out, win.stride, strict=True))
    corners = (h[:, None] - top) * width + (w - left)
    taps = [i * win.dilation[0] * width + j * win.dilation[1] for i, j in win.taps]
    return np.asarray(corners + np.take(taps, first))


def check(win: Windows) -> None:
    """A window that sees nothing but padding would have no maximum."""
    fits = all(max(sides) <= span // 2 for sides, span in zip(win.padding, win.extent, strict=True))
    require(
        "max_pool padding",
        fits,
        win.padding,
        f"at most half of the kernel, which spans {win.extent}",
    )
    inside = win.pad(np.ones(win.size, bool), False)
    require(
        "max_pool",
        bool(win.reduce(np.logical_or, inside).all()),
        "a window that sees nothing but padding",
        "every window to see a pixel; use less padding or dilation",
    )


OP = Op(
    forward=max_pool,
    backward=max_pool_backward,
    inputs={"x": Tensor("N C H W")},
    outputs=("out", "indices"),
)
