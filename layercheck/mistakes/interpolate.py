"""What people get wrong in interpolate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ref_layers.interpolate import Cache, interpolate, interpolate_backward
from ref_layers.op import Array
from ref_layers.windows import pair

Places = Callable[[Array, int, int], Array]
"""From the new pixels of an axis, the old size and the new one to where they lie."""


def _placed(x: Array, size: Any, places: Places, wrapped: bool) -> Any:
    """Bilinear, with new pixels at other places; forward only."""
    made = [_hats(n, m, places, wrapped) for n, m in zip(x.shape[2:], _pair(size), strict=True)]
    return made[0].astype(x.dtype) @ x @ made[1].astype(x.dtype).T


def _hats(size: int, count: int, places: Places, wrapped: bool) -> Array:
    at = places(np.arange(count), size, count)
    before = np.floor(at).astype(int)
    share = (at - before)[:, None]
    first, second = (
        np.eye(size)[np.mod(p, size) if wrapped else np.clip(p, 0, size - 1)]
        for p in (before, before + 1)
    )
    mixed: Array = (1 - share) * first + share * second
    return mixed


def _pair(size: Any) -> tuple[int, int]:
    return pair(size, "interpolate size")


def _bilinear(
    x: Array, places: Places, corners: bool = False, wrapped: bool = False, **attributes: Any
) -> Any:
    """A forward that is wrong where it is bilinear, of squares or of points."""
    out, cache = interpolate(x, **attributes)
    if attributes["mode"] != "bilinear" or attributes["align_corners"] != corners:
        return out, cache
    return _placed(x, attributes["size"], places, wrapped), cache


def _from_edges(new: Array, size: int, count: int) -> Array:
    """i * H / OH, at most the last pixel."""
    places: Array = np.minimum(new * size / count, size - 1)
    return places


def half_a_pixel_forgotten(
    x: Array, *, size: Any, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """New pixel i lies at i * H / OH. Pixels are squares: take their middles,
    (i + 1/2) * H / OH - 1/2."""
    said = {"size": size, "mode": mode, "align_corners": align_corners}
    return _bilinear(x, _from_edges, **said)


def corners_always_aligned(
    x: Array, *, size: Any, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """The corners lie on each other whatever align_corners says. Follow it."""
    if mode != "bilinear":
        return interpolate(x, size=size, mode=mode)
    return interpolate(x, size=size, mode=mode, align_corners=True)


def corners_never_aligned(
    x: Array, *, size: Any, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """align_corners is not followed. Where it is set, first and last pixels lie on each other."""
    return interpolate(x, size=size, mode=mode)


def corners_by_sizes(
    x: Array, *, size: Any, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """With aligned corners new pixels lie at i * H / OH. There are H - 1 steps for OH - 1: divide
    these."""
    said = {"size": size, "mode": mode, "align_corners": align_corners}
    return _bilinear(x, _from_edges, corners=True, **said)


def before_the_first(
    x: Array, *, size: Any, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """New pixels that lie before the first one take a share of the last: index -1 is at the other
    end. Let them lie at 0."""
    said = {"size": size, "mode": mode, "align_corners": align_corners}
    return _bilinear(x, lambda new, n, m: (new + 0.5) * n / m - 0.5, wrapped=True, **said)


def shares_exchanged(
    x: Array, *, size: Any, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """Each of the two pixels gets the other's share. The nearer one gets the larger."""

    def exchanged(new: Array, n: int, m: int) -> Array:
        at = np.clip((new + 0.5) * n / m - 0.5, 0, n - 1)
        before = np.floor(at)
        return np.where(at == before, at, 2 * before + 1 - at)

    said = {"size": size, "mode": mode, "align_corners": align_corners}
    return _bilinear(x, exchanged, **said)


def nearest_in_place_of_bilinear(
    x: Array, *, size: Any, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """The nearest pixel is taken whatever mode says. Follow it."""
    cache = interpolate(x, size=size, mode=mode, align_corners=align_corners)[1]
    return interpolate(x, size=size)[0], cache


def bilinear_in_place_of_nearest(
    x: Array, *, size: Any, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """Neighbours are mixed whatever mode says. Follow it."""
    cache = interpolate(x, size=size, mode=mode, align_corners=align_corners)[1]
    return interpolate(x, size=size, mode="bilinear", align_corners=align_corners)[0], cache


def nearest_by_middles(x: Array, *, size: Any, mode: str = "nearest", **attributes: Any) -> Any:
    """Mode "nearest" takes the pixel whose middle is nearest: that is "nearest-exact". Take
    floor(i * H / OH)."""
    right = interpolate(x, size=size, mode=mode, **attributes)
    if mode != "nearest":
        return right
    return interpolate(x, size=size, mode="nearest-exact")[0], right[1]


def nearest_without_middles(
    x: Array, *, size: Any, mode: str = "nearest", **attributes: Any
) -> Any:
    """Mode "nearest-exact" takes floor(i * H / OH). Take the pixel whose middle is nearest."""
    right = interpolate(x, size=size, mode=mode, **attributes)
    if mode != "nearest-exact":
        return right
    return interpolate(x, size=size, mode="nearest")[0], right[1]


def nearest_rounded(x: Array, *, size: Any, mode: str = "nearest", **attributes: Any) -> Any:
    """i * H / OH is rounded to the nearest whole number. Take the one below."""
    right = interpolate(x, size=size, mode=mode, **attributes)
    if mode != "nearest":
        return right
    places = (
        np.minimum(np.rint(np.arange(m) * n / m).astype(int), n - 1)
        for n, m in zip(x.shape[2:], _pair(size), strict=True)
    )
    rows, columns = places
    return x[:, :, rows][:, :, :, columns], right[1]


def one_scale_for_both(
    x: Array, *, size: Any, mode: str = "nearest", align_corners: bool = False
) -> Any:
    """The scale of the rows is used for the columns, too. Each axis has one."""
    height, width = _pair(size)
    right = interpolate(x, size=size, mode=mode, align_corners=align_corners)
    if mode == "bilinear":
        return right
    scale = x.shape[2] / height
    rows, columns = (
        np.minimum((np.arange(m) * scale).astype(int), n - 1)
        for n, m in zip(x.shape[2:], (height, width), strict=True)
    )
    return x[:, :, rows][:, :, :, columns], right[1]


def gradient_by_interpolation(dout: Array, cache: Cache) -> Array:
    """The gradient is dout in the old size, by interpolation. Add each number to the pixels that
    its output came from."""
    rows, columns = cache
    size = (rows.shape[1], columns.shape[1])
    return interpolate(dout, size=size, mode="bilinear")[0]


def gradient_of_the_last(dout: Array, cache: Cache) -> Array:
    """Of the new pixels that come from one pixel the last one alone counts: `=` for `+=`. Add
    them."""
    rows, columns = (_last(matrix) for matrix in cache)
    return interpolate_backward(dout, Cache(rows, columns))


def _last(matrix: Array) -> Array:
    """The weights without those that a later row overwrites."""
    below = np.cumsum((matrix != 0)[::-1], axis=0)[::-1]
    kept: Array = np.where(below == 1, matrix, 0)
    return kept


def gradient_averaged(dout: Array, cache: Cache) -> Array:
    """The gradients of the new pixels that come from one pixel are averaged. Add them."""
    rows, columns = (m / np.maximum(m.sum(axis=0), np.finfo(m.dtype).tiny) for m in cache)
    return interpolate_backward(dout, Cache(rows, columns))


def gradient_of_nearest(dout: Array, cache: Cache) -> Array:
    """The gradient goes to the pixel with the largest share alone. Each gets its share."""
    rows, columns = (_largest(matrix) for matrix in cache)
    return interpolate_backward(dout, Cache(rows, columns))


def _largest(matrix: Array) -> Array:
    chosen: Array = (np.arange(matrix.shape[1]) == matrix.argmax(axis=1)[:, None]).astype(
        matrix.dtype
    )
    return chosen


def gradient_without_shares(dout: Array, cache: Cache) -> Array:
    """Each new pixel gives all of its gradient to either side. Multiply it by the share that went
    into it."""
    rows, columns = ((matrix != 0).astype(matrix.dtype) for matrix in cache)
    return interpolate_backward(dout, Cache(rows, columns))
