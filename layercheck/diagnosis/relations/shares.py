"""A softmax's gradient, whose sum counts more or less than once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from oracles.oracle import Array

from .instead import is_by_formula
from .products import factors
from .shown import Shown

RANK = 19
SUBTRACTED: dict[str, Callable[[Array, Array, int], Array]] = {
    "softmax": lambda dout, out, dim: out * (dout * out).sum(axis=dim, keepdims=True),
    "log_softmax": lambda dout, out, dim: np.exp(out) * dout.sum(axis=dim, keepdims=True),
}
"""What is subtracted, by the op."""


def true(shown: Shown) -> Iterator[str]:
    """`dx is right, but the sum that it subtracts counts 2 times`."""
    question, out = shown.seen.question, shown.seen.truth.get("out")
    if question.op not in SUBTRACTED or shown.name != "dx" or out is None or not shown.fits:
        return
    dout, dim = question.dout.astype(np.longdouble), question.attributes["dim"]
    with np.errstate(all="ignore"):
        term = SUBTRACTED[question.op](dout, out, dim)
        place = int(np.argmax(np.where(np.isfinite(term), np.abs(term), 0)))
        if not term.flat[place]:
            return
        seen = 1 - float((shown.got.flat[place] - shown.right.flat[place]) / term.flat[place])
        for how, factor in factors(shown, seen):
            sentence = f"dx is right, but the sum that it subtracts counts {how}"
            if shown.wants(sentence) and is_by_formula(shown, shown.right + (1 - factor) * term):
                yield sentence
