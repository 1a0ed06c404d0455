"""What the conditions of a followed file call: the number of the side that was taken is kept.

A submission can reach it, and add or forget what it likes: that only changes which lines are told
as never run, and never makes anything pass.
"""

from __future__ import annotations

NAME = "__layercheck_ran__"
"""What a followed function calls, in its module's names."""

_ran: set[int] = set()
ran = _ran.add


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
