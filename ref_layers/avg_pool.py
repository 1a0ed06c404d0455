"""2-D average pooling: the mean of each window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .arrays import promoted, require
from .op import Array, Op, Tensor, is_size
from .windows import Padding, Windows, images, some_images, windows


class Cache(NamedTuple):
    """What backward needs."""

    divisors: Any
    windows: Windows


def avg_pool(
    x: Array,
    *,
    kernel_size: int | Sequence[int],
    stride: int | Sequence[int] | None = None,
    padding: Padding = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> tuple[Array, Cache]:
    """out[n, c, i, j] = the sum of x[n, c] over window (i, j), over how many pixels count.

    x: (N, C, H, W) -> out: (N, C, OH, OW), cache.
    kernel_size, stride (None: kernel_size): int or (h, w). padding as in conv2d, zeros, at most
    half of the kernel. ceil_mode: a last window may hang over the far edge; what lies beyond the
    padding never counts. count_include_pad: whether padding counts (torch's default; TensorFlow's
    "SAME" does not count it). divisor_override: divide every sum by this number instead.

    Raises ValueError where no window fits or one could see nothing but padding.
    Source: torch.nn.functional.avg_pool2d; tf.nn.avg_pool2d (padding "same", without counting it).

    >>> x = np.array([[[[1.0, 5.0, 2.0], [4.0, 6.0, 8.0]]]])
    >>> avg_pool(x, kernel_size=2, stride=1)[0][0, 0]
    array([[4.  , 5.25]])
    >>> avg_pool(x, kernel_size=2, padding="same", count_include_pad=False)[0][0, 0]
    array([[4., 5.]])
    """
    (x,) = promoted(x)
    require("avg_pool x", x.ndim == 4, x.shape, "(N, C, H, W)")
    stride = kernel_size if stride is None else stride
    win = windows("avg_pool", x.shape[2:], kernel_size, stride, padding, 1, ceil_mode)
    check(win, divisor_override)
    counts = divisor_override
    divisors = how_many(win, count_include_pad).astype(x.dtype) if counts is None else counts
    out = np.empty_like(x, order="C", shape=(*x.shape[:2], *win.out))
    whole, means = images(x), images(out)
    for some in some_images(x):
        means[some] = win.reduce(np.add, win.pad(whole[some])) / divisors
    return out, Cache(divisors, win)


def avg_pool_backward(dout: Array, cache: Cache) -> Array:
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W): its share of every window that saw it."""
    divisors, win = cache
    (dout,) = promoted(dout)
    dx = np.empty_like(dout, order="C", shape=(*dout.shape[:2], *win.size))
    whole, gradients = images(dx), images(dout)
    for some in some_images(dx):
        whole[some] = win.crop(win.spread(gradients[some] / divisors))
    return dx


def how_many(win: Windows, count_include_pad: bool) -> Array:
    """How many pixels of each window count: (OH, OW)."""
    counted = np.zeros(win.padded, int)
    if count_include_pad:
        h, w = (n + sum(sides) for n, sides in zip(win.size, win.padding, strict=True))
        counted[:h, :w] = 1
    else:
        win.crop(counted)[...] = 1
    return win.reduce(np.add, counted)


def check(win: Windows, divisor: int | None) -> None:
    """A window that sees nothing but padding would have no mean; torch's rule."""
    fits = all(max(sides) <= k // 2 for sides, k in zip(win.padding, win.kernel, strict=True))
    require("avg_pool padding", fits, win.padding, f"at most half of the kernel {win.kernel}")
    whole = divisor is None or (is_size(divisor) and divisor != 0)
    require("avg_pool divisor_override", whole, divisor, "None or an integer other than 0")


OP = Op(
    forward=avg_pool,
    backward=avg_pool_backward,
    inputs={"x": Tensor("N C H W")},
    conventions={"count_include_pad": (True, False)},
    mean=True,
)
