"""A small number against log(0) or a division by 0, in a softmax or its loss."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from oracles.oracle import Array

from .instead import is_by_formula
from .shown import Shown

RANK = 11
SMALL = tuple(float(f"1e-{n}") for n in range(2, 17))
"""What people add, or cut off at."""

Guarded = Callable[[Array, Array, float], Array]
GUARDS: dict[str, Guarded] = {
    "added to the shares before the logarithm": lambda logs, total, e: np.log(np.exp(logs) + e),
    "as the least share of which the logarithm is taken": lambda logs, total, e: np.log(
        np.maximum(np.exp(logs), e)
    ),
    "as the least and 1 less that as the largest share": lambda logs, total, e: np.log(
        np.clip(np.exp(logs), e, 1 - e)
    ),
    "added to the sum": lambda logs, total, e: logs - np.log1p(e / total),
}
"""What is done with it: the logarithm of the shares, of them and of the sum of exp(x - max)."""


def true(shown: Shown) -> Iterator[str]:
    """`out is what comes of 1e-12 added to the shares before the logarithm`."""
    found = LAYERS.get(shown.seen.case.op)
    if found is None or shown.name not in ("out", "loss") or not shown.fits or not shown.got.size:
        return
    question = shown.seen.question
    x = question.inputs["x"].astype(np.longdouble)
    axis = int(question.attributes.get("dim", -1 if shown.name == "out" else 1))
    shifted = x - x.max(axis=axis, keepdims=True)
    total = np.exp(shifted).sum(axis=axis, keepdims=True)
    with np.errstate(all="ignore"):
        for text, guard in GUARDS.items():
            for small in SMALL:
                sentence = f"{shown.name} is what comes of {small:g} {text}"
                value = found(shown, guard(shifted - np.log(total), total, small))
                if value is None or not shown.wants(sentence):
                    continue
                if is_by_formula(shown, value, shown.bound.likely, shown.bound.worst):
                    yield sentence


def of_loss(shown: Shown, logarithms: Array) -> Array | None:
    """The plain mean, or another reduction, over the labels; None of a loss with more to it."""
    named = shown.seen.question.attributes
    y = shown.seen.question.inputs["y"]
    plain = {"reduction", "ignore_index", "label_smoothing"}
    if named.keys() - plain or named.get("label_smoothing") or (y < 0).any():
        return None
    if named.get("ignore_index") is not None and (y == named["ignore_index"]).any():
        return None
    each = -logarithms[np.arange(len(y)), y]
    reduced = {"mean": each.mean(), "sum": each.sum(), "none": each}
    return np.asarray(reduced[named.get("reduction", "mean")])


LAYERS: dict[str, Callable[[Shown, Array], Array | None]] = {
    "log_softmax": lambda shown, logarithms: logarithms,
    "softmax": lambda shown, logarithms: np.exp(logarithms),
    "softmax_cross_entropy": of_loss,
}
"""What each layer makes of the logarithms of the shares."""
