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
    Pixels are squares of which the image is made: pixel i of OH lies at (i + 1/2) * H / OH - 1/2,
    not before the first. align_corners ("bilinear" only): they are points, the first and the last
    of both images lie on each other, and pixel i lies at i * (H - 1) / (OH - 1).

    Raises ValueError where sizes or attributes do not fit.
    Source: torch.nn.functional.interpolate; tf.image.resize without antialias ("bilinear", and
    "nearest-exact", which it calls nearest).

    >>> x = np.array([[[[0.0, 8.0]]]])
    >>> interpolate(x, size=(1, 4), mode="bilinear")[0][0, 0]
    array([[0., 2., 6., 8.]])
    >>> interpolate(x, size=(1, 3), mode="bilinear", align_corners=True)[0][0, 0]
    array([[0., 4., 8.]])
    """
    require("interpolate x", x.ndim == 4 and 0 not in x.shape[2:], x.shape, "(N, C, H, W)")
    require("interpolate mode", mode in MODES, mode, f"one of {MODES}")
    fits = mode == "bilinear" or not align_corners
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
    if mode != "bilinear":
        chosen = new * size // count if mode == "nearest" else (2 * new + 1) * size // (2 * count)
        nearest: Array = (chosen[:, None] == pixels).astype(x.dtype)
        return nearest
    if align_corners:
        places, unit = new * (size - 1), max(count - 1, 1)
    else:
        unit = 2 * count
        places = np.clip((2 * new + 1) * size - count, 0, (size - 1) * unit)
    at = places[:, None].astype(x.dtype) * number(x, 1)[0, 0] / unit
    shared: Array = np.maximum(1 - np.abs(at - pixels.astype(x.dtype)), 0)
    return shared


OP = Op(
    forward=interpolate,
    backward=interpolate_backward,
    inputs={"x": Tensor("N C H W")},
    conventions={"mode": MODES, "align_corners": (False, True)},
)
