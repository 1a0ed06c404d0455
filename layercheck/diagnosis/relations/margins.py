"""A hinge loss that takes small margins for none, or large ones for smaller."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from oracles.oracle import Array
from ref_layers.reduction import is_label, reduce, reduce_backward

from .cut import ROUND
from .instead import is_by_formula
from .shown import Shown

RANK = 18

Counted = Callable[[Array, float], Array]
WAYS: dict[str, Counted] = {
    "margins below {:g} counted as 0": lambda m, t: np.where(m < t, 0, m),
    "margins of at most {:g} counted as 0": lambda m, t: np.where(m <= t, 0, m),
    "margins above {:g} counted as 0": lambda m, t: np.where(m > t, 0, m),
    "margins cut off above {:g}": np.minimum,
    "{:g} taken off each margin": lambda m, t: np.where(m > 0, m - t, 0),
}
"""What is made of those that are above 0."""


def true(shown: Shown) -> Iterator[str]:
    """`out is what comes of margins below 0.3 counted as 0`."""
    for sentence, value in values(shown):
        if shown.wants(sentence) and is_by_formula(
            shown, value, shown.bound.likely, shown.bound.worst
        ):
            yield sentence


def says(shown: Shown, text: str) -> bool:
    """Whether a sentence is one of these."""
    return "margin" in text and text.startswith(f"{shown.name} is what comes of ")


def would_differ(shown: Shown, text: str) -> bool:
    """Whether an array of a case would be another one, were it as a sentence says."""
    return any(shown.would_fail_as(value) for said, value in values(shown) if said == text)


def values(shown: Shown) -> Iterator[tuple[str, Array]]:
    """The array by other margins, in words."""
    question = shown.seen.question
    if question.op != "svm_loss" or shown.name not in ("out", "dx") or not shown.fits:
        return
    x, y, named = (
        question.inputs["x"].astype(np.longdouble),
        question.inputs["y"],
        {**question.attributes},
    )
    own = is_label(y, x.shape[1])
    x = x.astype(np.longdouble)
    excess = x - np.take_along_axis(x, y[:, None], 1) + named["margin"]
    margins = np.where((excess > 0) & ~own, excess, 0)
    for words, counted in WAYS.items():
        for number in ROUND:
            made = counted(margins, number)
            if not np.array_equal(made, margins):
                sentence = f"{shown.name} is what comes of {words.format(number)}"
                yield sentence, of_margins(shown, made, own, named["reduction"])


def of_margins(shown: Shown, margins: Array, own: Array, reduction: str) -> Array:
    """The loss, or its gradient where each margin counts that is not 0."""
    if shown.name == "out":
        return np.asarray(reduce(margins.sum(axis=1), reduction, len(own)))
    dout = shown.seen.question.dout.astype(np.longdouble)
    pushed = np.where(margins > 0, reduce_backward(dout, reduction, len(own)), 0)
    return np.where(own, -pushed.sum(axis=1, keepdims=True), pushed)
