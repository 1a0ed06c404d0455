"""2-D interpolation: images in another size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .arrays import require
from .op import Array, Op, Tensor
from .special import number
from .windows import pair

MODES = ("nearest", "nearest-exact", "bilinear")
CUBIC = {"bicubic": (-3, 4), "bicubic-keys": (-1, 2)}
"""The slope of a cubic at the next pixel but one, as a ratio: PyTorch's, and Keys's."""


class Cache(NamedTuple):
    """What interpolate_backward reads: how much each pixel counts, by axis."""

    rows: Array
    columns: Array


def interpolate(
    x: Array, *, size: int | Sequence[int], mode: str = "nearest", align_corners: bool = False
) -> tuple[Array, Cache]:
    """out[n, c] = rows @ x[n, c] @ columns.T: each new pixel is a mean of the ones around it.

    x: (N, C, H, W) -> out: (N, C, OH, OW), cache. size: int or (OH, OW).
    mode: "bilinear" takes 1 - d of each pixel that lies d < 1 away by that axis, "nearest" the one
    that begins before it (floor(i * H / OH)), "nearest-exact" the one whose middle is nearest.
    "bicubic" takes four by each axis, on two cubics whose slope at the outer is -3/4; beyond the
    border lies its pixel. "bicubic-keys": the slope is -1/2, and there are no pixels beyond.
    Pixels are squares of which the image is made: pixel i of OH lies at (i + 1/2) * H / OH - 1/2,
    not before the first. align_corners (not "nearest"): they are points, the first and the last
    of both images lie on each other, and pixel i lies at i * (H - 1) / (OH - 1).

    Raises ValueError where sizes or attributes do not fit.
    Source: torch.nn.functional.interpolate; tf.image.resize without antialias ("bilinear", and
    "nearest-exact", which it calls nearest; "bicubic-keys", which it calls bicubic); R. Keys, Cubic
    Convolution Interpolation for Digital Image Processing, 1981.

    >>> x = np.array([[[[0.0, 8.0]]]])
    >>> interpolate(x, size=(1, 4), mode="bilinear")[0][0, 0]
    array([[0., 2., 6., 8.]])
    >>> interpolate(x, size=(1, 3), mode="bilinear", align_corners=True)[0][0, 0]
    array([[0., 4., 8.]])
    """
    require("interpolate x", x.ndim == 4 and 0 not in x.shape[2:], x.shape, "(N, C, H, W)")
    modes = (*MODES, *CUBIC)
    require("interpolate mode", mode in modes, mode, f"one of {modes}")
    fits = not align_corners or "nearest" not in mode
    require("interpolate align_corners", fits, align_corners, f"false for {mode}")
    height, width = pair(size, "interpolate size")
    rows = weights(x, x.shape[2], height, mode, align_corners)
    columns = weights(x, x.shape[3], width, mode, align_corners)
    return rows @ x @ columns.T, Cache(rows, columns)


def interpolate_backward(dout: Array, cache: Cache) -> Array:
    """dout: (N, C, OH, OW) -> dx: (N, C, H, W): from each new pixel as much as went into it."""
    rows, columns = cache
    dx: Array = rows.T @ dout @ columns
    return dx


def weights(x: Array, size: int, count: int, mode: str, align_corners: bool) -> Array:
    """(count, size): how much each pixel of an axis counts in each new one, in x's arithmetic."""
    new, pixels = np.arange(count), np.arange(size)
    if "nearest" in mode:
        chosen = new * size // count if mode == "nearest" else (2 * new + 1) * size // (2 * count)
        nearest: Array = (chosen[:, None] == pixels).astype(x.dtype)
        return nearest
    if align_corners:
        places, unit = new * (size - 1), max(count - 1, 1)
    else:
        unit = 2 * count
        places = (2 * new + 1) * size - count
    if mode in CUBIC:
        return cubic(x, size, places, unit, mode)
    at = np.clip(places, 0, (size - 1) * unit)[:, None].astype(x.dtype) * number(x, 1)[0, 0] / unit
    shared: Array = np.maximum(1 - np.abs(at - pixels.astype(x.dtype)), 0)
    return shared


def cubic(x: Array, size: int, places: Array, unit: int, mode: str) -> Array:
    """The same of cubics: pixels within two of a place, which is told in parts of a pixel."""
    taps = np.arange(-2, size + 2)  # two beyond each border
    apart = np.abs(places[:, None] - taps * unit)
    d = apart.astype(x.dtype) * number(x, 1)[0, 0] / unit
    slope = number(x, CUBIC[mode][0])[0, 0] / CUBIC[mode][1]
    inner = ((slope + 2) * d - (slope + 3)) * d * d + 1
    outer = (((d - 5) * d + 8) * d - 4) * slope
    shared = np.where(apart <= unit, inner, np.where(apart < 2 * unit, outer, d * 0))
    inside: Array = shared[:, 2:-2]
    if mode == "bicubic-keys":
        known: Array = inside / inside.sum(axis=1, keepdims=True)
        return known
    inside[:, 0] += shared[:, 0] + shared[:, 1]
    inside[:, -1] += shared[:, -2] + shared[:, -1]
    return inside


OP = Op(
    forward=interpolate,
    backward=interpolate_backward,
    inputs={"x": Tensor("N C H W")},
    conventions={"mode": MODES, "align_corners": (False, True)},
)
