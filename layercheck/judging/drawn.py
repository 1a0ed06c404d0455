"""A dropout that draws its own mask is judged by the mask that its output shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.protocol import Answer, Reply
from oracles.oracle import Array, Question

from .chance import findings, of_expected, unlikely
from .facts import Facts, near_facts

OPERATIONS = 8
"""Roundings between `dx * x` and `dout * out` of a layer that multiplies both by one number."""


def facts_as_drawn(case: Case, reply: Reply) -> Facts:
    """What a case is judged by under the mask that was drawn; as it is where none can be seen."""
    return near_facts(case, question_as_drawn(case, reply))


def question_as_drawn(case: Case, reply: Reply) -> Question:
    """The case's question, with the mask that an answer to it shows; as it is where none can be
    seen."""
    question = case.question
    mask = inferred(case, reply) if isinstance(reply, Answer) else None
    if mask is None:
        return question
    inputs = {"x": question.inputs["x"], "mask": mask.astype(question.dtype)}
    return replace(question, inputs=inputs)


def inferred(case: Case, answer: Answer) -> Array | None:
    """Which elements were kept: where x is 0, by the gradient; None if no such array came."""
    x, out = case.inputs["x"], shaped(answer, "out", case.shapes["x"])
    if out is None:
        return None
    dx, dout = shaped(answer, "dx", x.shape), case.question.dout
    where_zero = np.ones(x.shape, bool) if dx is None else (dx != 0) | (dout == 0)
    return np.asarray(np.where(x != 0, out != 0, where_zero), bool)


def shaped(answer: Answer, name: str, shape: tuple[int, ...]) -> Array | None:
    """An array of an answer, if it has this shape."""
    value = answer.arrays.get(name)
    fits = isinstance(value, np.ndarray) and value.shape == shape and value.dtype.kind in "fiub"
    return value if fits else None  # type: ignore[return-value]


def oddities(case: Case, answer: Answer) -> Iterator[tuple[str, str]]:
    """(array, what is odd about the mask that it shows)."""
    mask, share = inferred(case, answer), 1 - float(case.all_attributes["p"])
    if mask is None:
        return
    seen = case.inputs["x"] != 0
    if seen.all():
        yield from (("out", told) for told in findings(mask, share))
    elif unlikely(mask[seen].sum(), int(seen.sum()), share):
        yield "out", f"keeps {of_expected(mask[seen].sum(), int(seen.sum()), share)}"
    hidden = ~seen & (case.question.dout != 0)
    if "dx" in answer.arrays and unlikely(mask[hidden].sum(), int(hidden.sum()), share):
        told = of_expected(mask[hidden].sum(), int(hidden.sum()), share)
        yield "dx", f"where x is 0, dx is not 0 at {told}: keep the mask itself in the cache"


def oddities_of_calls(case: Case, outs: Array) -> Iterator[str]:
    """What is odd about the masks of many calls. outs: (calls, *shape)."""
    masks, share = outs != 0, 1 - float(case.all_attributes["p"])
    if (masks == masks[0]).all() and 0 < share < 1:
        yield "the mask is the same each time; expected one drawn anew, unless a seed is given"
    axes = ("the calls", *(f"axis {axis}" for axis in range(outs.ndim - 1)))
    yield from findings(masks, share, axes)
    kept, n = masks.sum(axis=0), len(masks)
    odd = unlikely(kept, n, share, tests=kept.size)
    if odd.any():
        place = tuple(map(int, np.argwhere(odd)[0]))
        yield f"element {list(place)} is kept in {of_expected(kept[place], n, share, 'calls')}"


def follows_own_output(case: Case, answer: Answer) -> bool:
    """Whether dx is the derivative of the output that came: both are scaled alike."""
    x, dout = case.inputs["x"], case.question.dout
    out, dx = (shaped(answer, name, x.shape) for name in ("out", "dx"))
    if out is None or dx is None or not dx.any():
        return False
    wide = np.longdouble
    there, own = dx.astype(wide) * x, out.astype(wide) * dout
    limit = OPERATIONS * np.finfo(dout.dtype).eps
    return bool((abs(there - own) <= limit * abs(own)).all())
