"""An interpolation with its shares rounded: the nearest pixel where two should be mixed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import numpy as np

from oracles.oracle import Array
from ref_layers import OPS

from .instead import is_by_formula
from .shown import Shown

RANK = 19
PARTS = (1, 2, 3, 4, 5, 8, 10, 16, 32, 64, 100, 128, 256, 1000)
"""To how many parts of a pixel people round a place."""

Rounding = Callable[[Array], Array]
HOW: dict[str, tuple[Rounding, ...]] = {
    "rounded to": (np.rint, lambda v: np.floor(v + 0.5), lambda v: np.ceil(v - 0.5)),
    "cut to": (np.floor,),
    "rounded up to": (np.ceil,),
}
"""What is done to a place in so many parts; of a half to either side."""

AXES = {"": (0, 1), " of rows": (0,), " of columns": (1,)}
"""Along which axes it is done, in words."""


def true(shown: Shown) -> Iterator[str]:
    """`out is what comes of the places of new pixels rounded to multiples of 1/4`."""
    if shown.seen.case.op != "interpolate" or not shown.fits or shown.name not in ("out", "dx"):
        return
    own = own_shares(shown)
    for parts, words, axes, kind in product(PARTS, HOW, AXES, KINDS):
        what = KINDS[kind].format(axes)
        many = "whole ones" if parts == 1 else f"multiples of 1/{parts}"
        sentence = f"{shown.name} is what comes of {what} {words} {many}"
        if shown.wants(sentence) and any(
            is_it(shown, own, AXES[axes], partial(kind, how=how, parts=parts)) for how in HOW[words]
        ):
            yield sentence


def own_shares(shown: Shown) -> list[Array]:
    """How much each pixel should count, by axis."""
    question = shown.seen.question
    wide = question.inputs["x"].astype(np.longdouble)
    _, cache = OPS["interpolate"].forward(wide, **question.attributes)
    return [np.asarray(one) for one in cache]


def is_it(
    shown: Shown, own: list[Array], axes: tuple[int, ...], change: Callable[[Array], Array]
) -> bool:
    """Whether the array is made of shares that are changed so along these axes."""
    rows, columns = (change(s) if axis in axes else s for axis, s in enumerate(own))
    question = shown.seen.question
    is_out = shown.name == "out"
    given = (question.inputs["x"] if is_out else question.dout).astype(np.longdouble)
    left, right = (rows, columns.T) if is_out else (rows.T, columns)
    terms = np.abs(left) @ np.abs(given) @ np.abs(right) * shown.bound.unit
    likely, worst = (np.maximum(one, terms) for one in (shown.bound.likely, shown.bound.worst))
    return is_by_formula(shown, left @ given @ right, likely, worst)


def by_places(share: Array, how: Rounding, parts: int) -> Array:
    """The shares that rounded places make: of a new pixel, which lies between two pixels, or on
    one."""
    size = share.shape[1]
    at = share @ np.arange(size, dtype=share.dtype)
    place = np.clip(in_parts(at, how, parts, size), 0, size - 1)
    return np.asarray(np.maximum(1 - np.abs(place[:, None] - np.arange(size)), 0))


def by_shares(share: Array, how: Rounding, parts: int) -> Array:
    """Each share rounded: those of a new pixel need not come to 1."""
    return in_parts(share, how, parts, share.shape[1])


def in_parts(values: Array, how: Rounding, parts: int, terms: int) -> Array:
    """Numbers rounded to multiples of a part of 1; what is one but for its own rounding, in sums of
    so many terms, stays."""
    counts = values * parts
    near = np.rint(counts)
    is_one = np.abs(counts - near) <= parts * terms * np.finfo(values.dtype).eps
    return how(np.where(is_one, near, counts)) / parts


KINDS: dict[Callable[..., Array], str] = {
    by_places: "the places{} of new pixels",
    by_shares: "the shares{} of pixels",
}
"""What is rounded, in words."""
