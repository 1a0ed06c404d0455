"""Right, but in a narrower arithmetic than was asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from layercheck.judging.bounds import bounds

from .shown import Shown

RANK = 5
NARROWER = {"float64": ("float32", "float16"), "float32": ("float16",)}


def true(shown: Shown) -> Iterator[str]:
    """`out is right to float32's digits only`."""
    case = shown.seen.case
    if not shown.fits or shown.right.dtype.kind != "f":
        return
    if shown.got.dtype != np.dtype(case.dtype):
        if not shown.wrong.any():
            yield f"{shown.name} has the right numbers in another dtype than x has"
        return
    for dtype in NARROWER.get(case.dtype, ()):
        with np.errstate(all="ignore"):
            found = bounds(shown.seen.question.astype(dtype)).get(shown.name)
            held = np.array_equal(shown.got, shown.got.astype(dtype))
        if held and found is not None and shown.equals(shown.right, found):
            yield f"{shown.name} is right to the digits of {dtype} only, which it is held in"
            return
    yield from whole(shown)


def whole(shown: Shown) -> Iterator[str]:
    """Numbers without their fractions."""
    for how, words in (
        (np.trunc, "cut to"),
        (np.rint, "rounded to"),
        (np.floor, "rounded down to"),
    ):
        with np.errstate(invalid="ignore"):
            alike = np.array_equal(shown.got, how(shown.right).astype(shown.got.dtype))
        if alike and not shown.seen.failing.get(shown.name, "").startswith("shape"):
            yield f"{shown.name} is {words} whole numbers"
            return
