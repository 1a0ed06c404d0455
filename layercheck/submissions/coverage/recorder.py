"""What the conditions of a followed file call: the number of the side that was taken is kept.

A submission can reach it, and add or forget what it likes: that only changes which lines are told
as never run, and never makes anything pass.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

NAME, MET = "__layercheck_ran__", "__layercheck_met__"
CHOSE, CLIPPED = "__layercheck_chose__", "__layercheck_clipped__"
"""What a followed function calls, in its module's names."""

_ran: set[int] = set()
ran = _ran.add
_array = np.ndarray


def met(place: int, truth: Any) -> Any:
    """A comparison's value, told as true anywhere (place) and as false anywhere (the next one)."""
    if place in _ran and place + 1 in _ran:
        return truth
    with suppress(Exception):
        kind = type(truth)
        if kind is bool or kind is np.bool_:
            ran(place if truth else place + 1)
            return truth
        is_array = kind is _array and truth.dtype == bool
        if not is_array or truth.any():
            ran(place)
        if not is_array or not truth.all():
            ran(place + 1)
    return truth


def chose(place: int, listed: str, function: Callable[..., Any], *given: Any) -> Any:
    """`min`, `max`, `np.minimum`, ... of several, or `sorted` of a list of them: told as the first
    (place), the second (the next one), ...

    listed: whether they stand in a `List` or a `Tuple`.
    """
    found = function(*{"": given, "List": (list(given),), "Tuple": (given,)}[listed])
    with suppress(Exception):
        if type(found) is _array and not listed:
            chose_each(place, found, *given)
        else:
            first = found[0] if isinstance(found, (list, _array)) else found
            same = (i for i, one in enumerate(given) if one == first)
            ran(place + next(same, len(given) - 1))
    return found


def chose_each(place: int, found: Any, one: Any, other: Any) -> None:
    """The same element by element: one was taken where the result is not the other."""
    if place not in _ran and (found != other).any():
        ran(place)
    if place + 1 not in _ran and (found != one).any():
        ran(place + 1)


def clipped(
    place: int,
    least: float | None,
    most: float | None,
    function: Callable[..., Any],
    *given: Any,
    **named: Any,
) -> Any:
    """`np.clip` or a method `clip`, told where it cut off (place) below and above (the next one);
    None: a bound that is not told."""
    with suppress(Exception):
        own = getattr(function, "__self__", None)
        x: Any = own if isinstance(own, (_array, np.generic)) else given[0]
        for bound, is_least in ((least, True), (most, False)):
            if bound is not None:
                if place not in _ran and np.any(x < bound if is_least else x > bound):
                    ran(place)
                place += 1
    return function(*given, **named)


CALLS = {NAME: ran, MET: met, CHOSE: chose, CLIPPED: clipped}
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
