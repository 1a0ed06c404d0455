"""What the conditions of a followed file call: the number of the side that was taken is kept.

A submission can reach it, and add or forget what it likes: that only changes which lines are told
as never run, and never makes anything pass.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

NAME, MET, CHOSE = "__layercheck_ran__", "__layercheck_met__", "__layercheck_chose__"
"""What a followed function calls, in its module's names."""

_ran: set[int] = set()
ran = _ran.add
_array = np.ndarray


def met(place: int, truth: Any) -> Any:
    """A comparison's value, told as true anywhere (place) and as false anywhere (the next one).

    Only of an array; of single numbers it may be a check of arguments: `require(x.ndim == 4)`.
    """
    if place in _ran and place + 1 in _ran:
        return truth
    with suppress(Exception):
        is_array = type(truth) is _array and truth.dtype == bool
        if not is_array or truth.any():
            ran(place)
        if not is_array or not truth.all():
            ran(place + 1)
    return truth


def chose(place: int, function: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    """`min` or `max` of two, told as the first (place) or the second (the next one)."""
    found = function(one, other)
    with suppress(Exception):
        ran(place + bool(found != one))
    return found


CALLS = {NAME: ran, MET: met, CHOSE: chose}
"""By the names under which followed functions find them."""


def begin() -> None:
    """Forget what ran before."""
    _ran.clear()


def told() -> int:
    """The set of places that ran, as a number."""
    made = 0
    for number in list(_ran):
        if type(number) is int and 0 <= number < 1 << 16:
            made |= 1 << number
    return made
