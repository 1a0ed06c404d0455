"""Right numbers, and something done to each of them afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from layercheck.judging.bounds import Bound
from oracles.oracle import Array

from .shown import Shown

RANK = 13


def decimals(count: int) -> Callable[[Array], Array]:
    """A rounding to so many."""
    return lambda v: np.round(v, count)


DONE: dict[str, Callable[[Array], Array]] = {
    "the absolute value of what it should be": np.abs,
    "the square of what it should be": np.square,
    "the square root of what it should be": np.sqrt,
    "one divided by what it should be": np.reciprocal,
    "1 minus what it should be": lambda v: 1 - v,
    "e to the power of what it should be": np.exp,
    "the logarithm of what it should be": np.log,
    "the tanh of what it should be": np.tanh,
    "the sigmoid of what it should be": lambda v: 1 / (1 + np.exp(-v)),
    "the sign of what it should be": np.sign,
    "what it should be, rounded to whole numbers": np.rint,
    "what it should be, cut to whole numbers": np.trunc,
    "what it should be, with 0 for what is negative": lambda v: np.maximum(v, 0),
    "what it should be, with 0 for what is positive": lambda v: np.minimum(v, 0),
}
DONE |= {f"what it should be, rounded to {n} decimals": decimals(n) for n in range(1, 9)}
"""What people do to an array on its way, in words."""


def true(shown: Shown) -> Iterator[str]:
    """`out is the absolute value of what it should be`, `dx is right, but cut off at 1`."""
    if not shown.fits or shown.got.dtype.kind != "f" or not shown.got.size:
        return
    for text, function in DONE.items():
        with np.errstate(all="ignore"):
            if is_done(shown, function):
                yield f"{shown.name} is {text}"
    yield from cut_off(shown)


def is_done(shown: Shown, function: Callable[[Array], Array]) -> bool:
    """Whether the array is this function of the right one, where the function has a value. Once a
    case has shown that, one in which it makes one number of all says nothing against it."""
    if shown.few is not None and not holds(shown.few, function):
        return False
    value = function(shown.right.astype(np.longdouble))
    tells = shown.wanted is not None or differs(shown, value)
    return bool(np.isfinite(value).all()) and tells and holds(shown, function)


def differs(shown: Shown, value: Array) -> bool:
    """Whether it makes a difference, and leaves more than one number of several."""
    return bool((value != shown.right).any()) and (value.size < 3 or len(np.unique(value)) > 1)


def holds(shown: Shown, function: Callable[[Array], Array]) -> bool:
    """Whether the array is this function of the right one, as far as that is known itself."""
    return shown.equals(*values_about(shown, function))


def values_about(
    shown: Shown, function: Callable[[Array], Array], room: Array | float = 0.0
) -> tuple[Array, Bound]:
    """A function of the right array, and how far rounding may take that: what the function makes of
    numbers a little larger and smaller. room: how far off they may be besides."""
    right, known = shown.right.astype(np.longdouble), shown.bound
    value = function(right)

    def moved(by: Array) -> Array:
        up, down = abs(function(right + by) - value), abs(function(right - by) - value)
        return np.asarray(np.fmax(up, down))  # beside a number it may have no value

    most = np.finfo(shown.seen.case.dtype).max
    held = np.where(abs(value) > most, np.copysign(np.inf, value), value)
    return held, Bound(moved(known.likely + room), moved(known.worst + room), known.unit)


def cut_off(shown: Shown) -> Iterator[str]:
    """Limits that several numbers have reached, and the others not. One that lies as far on both
    sides of 0 need be reached on one side only."""
    low, high = shown.got.min(), shown.got.max()
    far = max(-low, high)
    ends = {
        f"cut off above {high:g}": (None, high, all),
        f"cut off below {low:g}": (low, None, all),
        f"cut off below {low:g} and above {high:g}": (low, high, all),
        f"cut off below {-far:g} and above {far:g}": (-far, far, any),
    }
    for text, (least, most, sides) in ends.items():
        if sides((reached(shown, least), reached(shown, most))):
            value = np.clip(shown.right, least, most)
            if bool((value != shown.right).any()) and shown.equals(value):
                yield f"{shown.name} is right, but {text}"


def reached(shown: Shown, end: float | None) -> bool:
    """Whether numbers lie at an end that should lie beyond it: several, or one if it is whole."""
    if end is None:
        return True
    at_end = shown.got == end
    count = int(np.count_nonzero(at_end & shown.wrong))
    return count > (0 if end == np.rint(end) else 1)
