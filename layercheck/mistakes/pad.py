"""What people get wrong in pad."""

from __future__ import annotations

from typing import Any

import numpy as np

from ref_layers.op import Array
from ref_layers.pad import Cache, pad


def value_ignored(x: Array, *, value: float = 0.0, **named: Any) -> Any:
    """The border is 0, whatever `value` says. Fill it with the value."""
    return pad(x, **named)


def height_and_width_swapped(x: Array, *, padding: Any, **named: Any) -> Any:
    """The height gets the width's padding. (h, w) and ((top, bottom), (left, right)) begin with the
    height."""
    _, cache = pad(x, padding=padding, **named)
    return pad(x, padding=cache.sides[::-1], **named)


def sides_swapped(x: Array, *, padding: Any, **named: Any) -> Any:
    """top and bottom, left and right are swapped. The near side, top or left, comes first."""
    _, cache = pad(x, padding=padding, **named)
    return pad(x, padding=tuple(side[::-1] for side in cache.sides), **named)[0], cache


def near_side_used_twice(x: Array, *, padding: Any, **named: Any) -> Any:
    """bottom and right get as much as top and left. They may differ: use all four."""
    _, cache = pad(x, padding=padding, **named)
    return pad(x, padding=tuple((side[0], side[0]) for side in cache.sides), **named)


def image_at_the_corner(x: Array, **named: Any) -> Any:
    """The image stands at the top left and all of the border at the bottom right. It begins at
    (top, left)."""
    out, cache = pad(x, **named)
    return np.roll(out, [-side[0] for side in cache.sides], (2, 3)), cache


def edge_repeated(x: Array, **named: Any) -> Any:
    """The border repeats the image's edge. It is constant: `value`."""
    _, cache = pad(x, **named)
    return np.pad(x, ((0, 0), (0, 0), *cache.sides), mode="edge"), cache


def channels_padded(x: Array, **named: Any) -> Any:
    """The channels are padded in place of the rows. Pad the last two axes."""
    _, cache = pad(x, **named)
    sides = ((0, 0), *cache.sides, (0, 0))
    return np.pad(x, sides, constant_values=named.get("value", 0.0)), cache


def dx_not_cropped(dout: Array, cache: Cache) -> Any:
    """dx keeps the border. The gradient of a constant goes nowhere: crop it."""
    return dout.copy()


def dx_cropped_at_the_corner(dout: Array, cache: Cache) -> Any:
    """dx is cut at the corner of dout. Crop [top : top + H, left : left + W]."""
    return dout[..., : cache.size[0], : cache.size[1]].copy()


def dx_cropped_with_minus_p(dout: Array, cache: Cache) -> Any:
    """dx is cropped with [p : -p], which is empty at p = 0. Crop
    [top : top + H, left : left + W]."""
    (top, bottom), (left, right) = cache.sides
    return dout[..., top:-bottom, left:-right]


def dx_border_folded_back(dout: Array, cache: Cache) -> Any:
    """The border's gradient is added to the image's edge, as if the edge had been repeated. It
    goes nowhere."""
    (h, w), ((top, _), (left, _)) = cache.size, cache.sides
    rows = np.clip(np.arange(dout.shape[2]) - top, 0, h - 1)
    columns = np.clip(np.arange(dout.shape[3]) - left, 0, w - 1)
    dx = np.zeros_like(dout, shape=(*dout.shape[:2], h, w))
    place: Any = (slice(None), slice(None), rows[:, None], columns)
    np.add.at(dx, place, dout)
    return dx
