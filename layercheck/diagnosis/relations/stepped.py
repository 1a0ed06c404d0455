"""Right numbers, each rounded: to multiples of a step, or to a few significant digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from layercheck.judging.bounds import Bound
from oracles.oracle import Array

from .cut import ROUND
from .elementwise import differs, values_about
from .instead import ROUNDINGS
from .shown import Shown, unit_of

RANK = 13

PARTS = (*(2**n for n in range(1, 17)), 3, 127, 255, 32767, 65535)
"""Of how many parts of 1, or of the largest number, people make a step: those of 8 and 16 bits."""

SMALL = tuple(10.0**-n for n in range(4, 9))
"""Steps of a few more decimals."""

DIGITS = range(1, 9)
"""How many significant digits people keep."""

Rounding = Callable[[Array], Array]
HOW: dict[str, Rounding] = {
    "rounded to": np.rint,
    "rounded down to": np.floor,
    "rounded up to": np.ceil,
    "cut to": np.trunc,
}
"""What is done to a number of steps, in words."""


def true(shown: Shown) -> Iterator[str]:
    """`out is what it should be, rounded down to multiples of 1/256`."""
    if not shown.fits or shown.got.dtype.kind != "f" or not shown.got.size:
        return
    if not (np.isfinite(shown.got).all() and np.isfinite(shown.right).all()):
        return
    with np.errstate(all="ignore"):
        for text, function in ways(shown):
            sentence = f"{shown.name} is what it should be, {text}"
            if shown.wants(sentence) and is_rounded(shown, function):
                yield sentence


def ways(shown: Shown) -> Iterator[tuple[str, Rounding]]:
    """Each rounding that the array may have had, in words: of steps those alone of which it holds
    whole numbers."""
    for told, step in steps(shown).items():
        few = shown.few or shown
        if is_of_steps(few, step) and (few is shown or is_of_steps(shown, step)):
            for words, how in HOW.items():
                yield f"{words} multiples of {told}", in_steps(how, step)
    got = shown.got.astype(np.longdouble)
    for count in (one for one in DIGITS if is_of_steps(shown, step_of(got, one))):
        for words, how in HOW.items():
            yield f"{words} {count} significant digit{'s' * (count > 1)}", in_digits(how, count)


def steps(shown: Shown) -> dict[str, float]:
    """What a step may be: a number that people write, a part of 1, or of the largest number."""
    most = float(np.abs(shown.right).max())
    plain = {f"{number:g}": number for number in (*ROUND, *SMALL) if number != 1}
    parts = {f"1/{n}": 1 / n for n in PARTS}
    return plain | parts | {f"its largest size / {n}": most / n for n in (127, 128, 255)}


def is_of_steps(shown: Shown, step: Array | float) -> bool:
    """Whether the array holds whole numbers of a step, or of one each, as far as its own digits
    tell: cheap, beside what a rounding makes of numbers that it may have had."""
    if not np.all(step):
        return False
    count = shown.got.astype(np.longdouble) / step
    room = ROUNDINGS * unit_of(shown.seen.case.dtype) * np.abs(count)
    return bool((np.abs(count - np.rint(count)) <= room).all())


def in_steps(how: Rounding, step: float) -> Rounding:
    """A rounding to multiples of it."""
    return lambda v: how(v / step) * step


def in_digits(how: Rounding, count: int) -> Rounding:
    """A rounding of each number to so many of its digits."""

    def made(values: Array) -> Array:
        step = step_of(values, count)
        return np.asarray(how(values / step) * step)

    return made


def step_of(values: Array, count: int) -> Array:
    """The last of so many digits of each number."""
    size = np.where(values == 0, 1, np.abs(values))
    return np.asarray(np.asarray(10, values.dtype) ** (np.floor(np.log10(size)) - (count - 1)))


def is_rounded(shown: Shown, function: Rounding) -> bool:
    """Whether the array is this rounding of the right one; a number that its own rounding may take
    over the edge between two steps may fall on either side. Where it fails some number has to tell
    that: one that lies near no edge. Once a case has shown it, one in which all numbers come to the
    same says nothing against it."""
    if shown.few is not None and not shown.few.equals(*rounded(shown.few, function)):
        return False
    value = function(shown.right.astype(np.longdouble))
    if shown.wanted is None and not differs(shown, value):
        return False
    held, bound = rounded(shown, function)
    tells = shown.wrong & (bound.likely == 0)
    return bool(tells.any()) and shown.equals(held, bound)


def rounded(shown: Shown, function: Rounding) -> tuple[Array, Bound]:
    """This rounding of the right array, and how far it may be off."""
    return values_about(shown, function, shown.limit)
