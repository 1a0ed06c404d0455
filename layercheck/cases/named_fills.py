"""Fills that name a number or an array, `near:-1000`, `unit_weights:gamma`, `dout:negative`; what
is a fill."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

import numpy as np

from ref_layers.op import Array

from .fills import FILLS, RARE, Shape, normal

AROUND = ("near", "some", "times", "weights", "alone")
"""Fills that name a number: `near:-1000`; `alone:nan` may name any."""


OF_ONE = ("unit_weights", "zero_weights", "positive_weights", "negative_weights")
"""Fills that may name one array, `unit_weights:gamma`: the other weights are normal."""


OF_DOUT_ALONE: dict[str, Callable[[Array], Array]] = {
    "negative": lambda values: -np.abs(values) - 0.125,
    "positive": lambda values: np.abs(values) + 0.125,
    "one": np.ones_like,
    "zero": np.zeros_like,
}
"""What `dout:negative` makes of a normal dout; all else is normal."""

DOUT = "dout"


def of_dout(fill: str, values: Array) -> Array:
    """A normal dout as a fill has it.

    >>> of_dout("dout:one", np.array([0.3, -2.0])), of_dout("ties", np.array([0.3]))
    (array([1., 1.]), array([0.3]))
    """
    kind, _, sign = fill.partition(":")
    return OF_DOUT_ALONE[sign](values) if kind == DOUT else values


def fill_of(fill: str, name: str) -> str:
    """What an array of this name is filled with.

    >>> fill_of("unit_weights:gamma", "gamma"), fill_of("unit_weights:gamma", "beta")
    ('unit_weights', 'normal')
    """
    kind, _, only = fill.partition(":")
    if kind == DOUT:
        return "normal"
    if kind not in OF_ONE or not only:
        return fill
    return kind if name == only else "normal"


def is_fill(text: str) -> bool:
    """Whether there is such a fill.

    >>> is_fill("normal"), is_fill("near:-1000"), is_fill("near:far")
    (True, True, False)
    """
    kind, colon, number = text.partition(":")
    if kind in OF_ONE and colon:
        return number.isidentifier()
    if kind == DOUT:
        return number in OF_DOUT_ALONE
    named = kind in AROUND and colon != "" and is_number(number, kind == "alone")
    return text in FILLS or text in RARE or named


def is_number(text: str, or_special: bool = False) -> bool:
    """Whether a text is a finite number; or_special: or an infinite one, or none at all."""
    try:
        number = float(text)
    except ValueError:
        return False
    return or_special or isfinite(number)


def around(rs: np.random.RandomState, shape: Shape, kind: str, role: str, number: float) -> Array:
    """`near`: a number itself, and just above and below it; `some`: these among normal numbers;
    `times`: normal numbers times the number; `weights`: all weights are the number; `alone`: one of
    normal numbers is the number.

    Of a number below 1 the distances are as much smaller; of 0 they are not.
    """
    values = normal(rs, shape)
    if kind == "weights" and role == "weight":
        return np.full(shape, number)
    if kind == "weights" or role != "data":
        return values
    if kind == "times":
        return values * number
    if kind == "alone":
        values.flat[rs.randint(0, values.size) if values.size else slice(0)] = number
        return values
    exact = rs.randint(0, 4, size=shape) == 0
    there = number + np.where(exact, 0, values * min(1.0, abs(number) or 1.0))
    return there if kind == "near" else np.where(rs.randint(0, 4, size=shape) == 0, there, values)
