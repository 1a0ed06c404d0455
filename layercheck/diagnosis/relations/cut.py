"""What the layer gives for an x that is cut off at a number, or is 0 on one side of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from oracles.oracle import Array

from .changes import Change, changed_by, on
from .instead import answer, equals, is_right
from .shown import Shown

RANK = 17
POWERS = (0.001, 0.01, 0.1, 1.0, 10.0, 100.0)
OTHERS = (0.25, 0.75, 1.5, 2.5, 3.5, 4.5, 15.0, 88.0, 709.0, 1000.0)
ROUND = tuple(sorted({*(float(f"{n * p:g}") for p in POWERS for n in range(1, 10)), *OTHERS}))
"""The numbers that people write, against an overflow of exp or for another reason."""


def changing(how: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """x with some numbers changed. Raises ValueError where none is another one."""

    def made(x: Array) -> Array:
        value = how(x) if x.dtype.kind == "f" else x
        if np.array_equal(value, x, equal_nan=True):
            raise ValueError("no number is another one")
        return value

    return made


def ways(far: float) -> dict[str, Callable[[Array], Array]]:
    """What is done about a number, in words; one side of it before both, which other cases tell
    apart."""
    zero = "x with 0 for what is"
    return {
        f"x cut off above {far:g}": lambda x: np.minimum(x, far),
        f"x cut off below -{far:g}": lambda x: np.maximum(x, -far),
        f"x cut off at -{far:g} and {far:g}": lambda x: np.clip(x, -far, far),
        f"x cut off below {far:g}": lambda x: np.maximum(x, far),
        f"x cut off above -{far:g}": lambda x: np.minimum(x, -far),
        f"{zero} below {far:g}": lambda x: np.where(x < far, x.dtype.type(0), x),
        f"{zero} above {far:g}": lambda x: np.where(x > far, x.dtype.type(0), x),
        f"{zero} of a size below {far:g}": lambda x: np.where(abs(x) < far, x.dtype.type(0), x),
        f"{zero} of a size above {far:g}": lambda x: np.where(abs(x) > far, x.dtype.type(0), x),
    }


CUTS: Mapping[str, Change] = {
    text: on("x", changing(how)) for far in ROUND for text, how in ways(far).items()
}
"""Each of them, by its words."""


def true(shown: Shown) -> Iterator[str]:
    """`out equals what the layer gives for x cut off above 2`."""
    if not shown.fits:
        return
    for text, change in CUTS.items():
        sentence = f"{shown.name} equals what the layer gives for {text}"
        if shown.wants(sentence) and is_it(shown, change):
            yield sentence


def told(shown: Shown, text: str) -> str:
    """What a sentence of these says is done to x; nothing of another sentence."""
    words = text.removeprefix(f"{shown.name} equals what the layer gives for ")
    return words if words in CUTS else ""


def says(shown: Shown, text: str) -> bool:
    """Whether a sentence is one of these."""
    return bool(told(shown, text))


def would_differ(shown: Shown, text: str) -> bool:
    """Whether an array of a case would be another one, were it as a sentence says."""
    change = CUTS.get(told(shown, text))
    question = None if change is None else changed_by(shown.seen.question, change)
    value = None if question is None else answer(shown, question)
    return value is not None and shown.would_fail_as(value)


def is_it(shown: Shown, change: Change) -> bool:
    """Whether the array is what the layer gives for the other x, and not what it should be."""
    question = changed_by(shown.seen.question, change)
    value = None if question is None else answer(shown, question)
    if question is None or value is None or is_right(shown, value):
        return False
    return equals(shown, value, question)
