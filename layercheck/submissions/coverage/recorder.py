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
    """A comparison's value, told as true anywhere (place) and as false anywhere (the next one)."""
    if place in _ran and place + 1 in _ran:
        return truth
    with suppress(Exception):
        if type(truth) is _array and truth.dtype == bool:
            yes, no = bool(truth.any()), not truth.all()
        else:
            yes = bool(truth)
            no = not yes
        _ran.update([place] * yes + [place + 1] * no)
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
