"""The gradient of an elementwise layer, as another product than dout times the slope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import permutations
from math import pi, sqrt

import numpy as np

from oracles.oracle import Array

from .instead import is_by_formula
from .scale import named_factors
from .shown import Shown

RANK = 18
NEAR = 1e-3
"""How far a factor that is seen may be from one with a name to be tried exactly."""

ROOTS = {"sqrt(2)": sqrt(2), "sqrt(pi)": sqrt(pi), "sqrt(2 pi)": sqrt(2 * pi), "2 pi": 2 * pi}
ROOTS |= {"pi sqrt(pi)": pi * sqrt(pi)}
"""Constants of the normal distribution, beside those of every relation."""


def true(shown: Shown) -> Iterator[str]:
    """`dx is dout times x`, `dx is dout times (sigmoid(x) + x sigmoid(x))`."""
    dout, out = shown.seen.question.dout, shown.seen.truth.get("out")
    x = shown.seen.question.inputs.get("x")
    if shown.name != "dx" or not shown.fits or x is None or out is None:
        return
    if not x.shape == dout.shape == out.shape or len(shown.seen.question.inputs) > 1:
        return
    with np.errstate(all="ignore"):
        wide = dout.astype(np.longdouble)
        for text, slope in {**slopes({"x": x, "out": out}), **sums(x)}.items():
            for sentence, value in told(shown, text, wide, slope):
                if shown.wants(sentence) and is_by_formula(shown, value):
                    yield sentence
        yield from counted(shown, x, wide)


def told(shown: Shown, text: str, dout: Array, slope: Array) -> Iterator[tuple[str, Array]]:
    """A product everywhere, and where the array is wrong: a piece of it may be right. Of one that
    is wrong everywhere both are told: other cases tell which it is. One that is 0 or 1 wherever it
    counts is nothing that anybody wrote."""
    yield f"dx is dout times {text}", dout * slope
    if not np.isin(slope[shown.wrong], (-1, 0, 1)).all():
        partly = np.where(shown.wrong, dout * slope, shown.right)
        yield f"dx is dout times {text} where it is wrong", partly


def slopes(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """What stands in the slope's place."""
    found: dict[str, Array] = {}
    for name, value in arrays.items():
        wide = value.astype(np.longdouble)
        found |= {
            name: wide,
            f"(1 - {name})": 1 - wide,
            f"(1 + {name})": 1 + wide,
            f"{name}^2": wide * wide,
            f"(1 - {name})^2": (1 - wide) ** 2,
            f"(1 - {name}^2)": 1 - wide * wide,
            f"{name} (1 - {name})": wide * (1 - wide),
            f"{name} (1 - {name}^2)": wide * (1 - wide * wide),
            f"{name}^2 (1 - {name})": wide * wide * (1 - wide),
            f"|{name}|": np.abs(wide),
            f"the sign of {name}": np.sign(wide),
            f"exp({name})": np.exp(wide),
            f"1/{name}": 1 / wide,
        }
    return found


def sums(x: Array) -> dict[str, Array]:
    """One term, or two, of what the slope of a smooth layer is made of."""
    wide = x.astype(np.longdouble)
    share, tanh = 1 / (1 + np.exp(-wide)), np.tanh(wide)
    terms = {
        "sigmoid(x)": share,
        "x sigmoid(x)": wide * share,
        "sigmoid(x)^2": share * share,
        "x sigmoid(x)^2": wide * share * share,
        "sigmoid(x) (1 - sigmoid(x))": share * (1 - share),
        "x sigmoid(x) (1 - sigmoid(x))": wide * share * (1 - share),
        "tanh(x)": tanh,
        "x tanh(x)": wide * tanh,
        "tanh(x)^2": tanh * tanh,
        "exp(-x)": np.exp(-wide),
    }
    more = {**terms, "1": np.ones_like(wide), "x": wide}
    both = {f"({a} + {b})": more[a] + more[b] for a, b in permutations(more, 2) if a < b}
    less = {f"({a} - {b})": more[a] - more[b] for a, b in permutations(more, 2)}
    return {**terms, **both, **less}


def counted(shown: Shown, x: Array, dout: Array) -> Iterator[str]:
    """One of the two terms of a product's slope, f + x f', that counts more or less than once."""
    share = np.divide(shown.seen.truth["out"], x, dtype=np.longdouble)
    first = np.where(x == 0, shown.right, dout * share)
    terms = {"out / x": first, "x times the slope of out / x": shown.right - first}
    for name, term in terms.items():
        place = int(np.argmax(np.where(np.isfinite(term), np.abs(term), 0)))
        rest = shown.right - term
        seen = float((shown.got.flat[place] - rest.flat[place]) / term.flat[place])
        for how, factor in factors(shown, seen):
            sentence = f"dx is right, but {name}, one term of its slope, counts {how}"
            if shown.wants(sentence) and is_by_formula(shown, rest + factor * term):
                yield sentence


def factors(shown: Shown, seen: float) -> Iterator[tuple[str, float]]:
    """A factor with a name that is near the one that is seen; 0 for a term that is missing."""
    if abs(seen) <= NEAR:
        yield "not at all", 0.0
    if abs(seen + 1) <= NEAR:
        yield "with the wrong sign", -1.0
    for text, value in {**named_factors(shown), **ROOTS}.items():
        for told_as, factor in ((f"{text} times", value), (f"1/{text} times", 1 / value)):
            for sign, turned in (("", factor), ("-", -factor)):
                if abs(turned - seen) <= NEAR * abs(seen):
                    yield f"{sign}{told_as}", turned
