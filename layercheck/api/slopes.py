"""A derivative and how sure it is, and anybody's function asked at moved inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np

from layercheck.implementations.arrays import as_numpy
from layercheck.implementations.functions import same
from oracles.oracle import Array

Function = Callable[..., Any]
UNIT = 2.0**-53
SURE, SMALL, LOOSE, NOTHING = 2.0**-20, 2.0**-10, 2.0**-4, 2.0**-30
"""A tolerance's share of the slope at which no other width is tried · at which it is small beside
it · at which it may still contradict another · of 1, where all slopes are 0."""


@dataclass(frozen=True)
class Slope:
    """A derivative by one element. off: how far it may be off itself · why: what makes it
    uncertain."""

    value: float
    off: float
    why: str = ""

    def agrees(self, value: float, off: float = 0.0) -> bool:
        """Whether a number may be the derivative."""
        return abs(self.value - value) <= self.off + off

    def is_sure(self, share: float) -> bool:
        """Whether its tolerance is at most this share of it."""
        return self.off <= share * abs(self.value)


COARSE = "what f rounds off hides its slope"
UNKNOWN = Slope(0.0, inf, "f gives no finite number close by")


def output(f: Function, inputs: Iterable[Array], own: bool = True) -> Array:
    """The output that is meant; raises ValueError for one that is not of finite numbers. own:
    whether f gets copies of its own."""
    made = f(*[value.copy() if own else value for value in inputs])
    one = made[0] if isinstance(made, tuple) and made else made
    out = np.asarray(one) if isinstance(one, (int, float, complex)) else as_numpy(one)
    if out is None or out.dtype.kind not in "biufc":
        told = type(one).__name__ if out is None else f"array of {out.dtype}"
        raise ValueError(f"f gave a {told}; expected an array of numbers, or a number")
    if not np.isfinite(out).all():
        raise ValueError("f gives no finite number here; choose other inputs")
    return out


def leaving(name: str, arrays: Sequence[Array], function: Function) -> Any:
    """What a function makes of copies of arrays; raises AssertionError where it overwrites one."""
    given = [value.copy() for value in arrays]
    made = function(*given)
    for number, (now, before) in enumerate(zip(given, arrays, strict=True)):
        if not same(now, before):
            places = [
                *(["dout"] if name == "df" else []),
                *map("input {}".format, range(number + 1)),
            ]
            raise AssertionError(
                f"{name} overwrites {places[number]}; expected a function that leaves what it is "
                "given as it is: let it work on a copy, such as x.copy()"
            )
    return made


def moved(inputs: Sequence[Array], number: int, place: tuple[int, ...], by: complex) -> list[Array]:
    """The inputs with one element moved."""
    kind = np.complex128 if isinstance(by, complex) else np.float64
    own = list(inputs)
    own[number] = own[number].astype(kind)
    own[number][place] += by
    return own


def outputs_at(f: Function, several: Iterable[Sequence[Array]], like: Array) -> list[Array] | None:
    """The outputs at several inputs, None where one is not there, or of another shape."""
    try:
        with np.errstate(all="ignore"):
            made = [output(f, inputs) for inputs in several]
    except Exception:  # f is anybody's: whatever it raises, it has no number there
        return None
    return made if all(out.shape == like.shape for out in made) else None


def rounding(terms: int) -> float:
    """gamma_n = n u / (1 - n u) of a sum of so many products (Higham, ch. 3)."""
    n = terms + 4
    return n * UNIT / (1 - n * UNIT)
