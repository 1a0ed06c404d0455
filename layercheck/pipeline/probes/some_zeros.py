"""Zeros among other numbers: what any relu hands on, and hands back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from layercheck.judging.kinks import kinks
from oracles.oracle import Array, Question
from ref_layers import OPS

from .asked import Asked, Asks
from .moved import answers
from .remembered import Changes, after


def some_zeros(asked: Asked) -> Asks:
    """A third of dout, one sample of it, a third of x or of one parameter is zero. Judged by the
    bounds."""
    question = asked.question
    with_zeros: Changes = [*in_dout(asked), *in_inputs(question)]
    finite = [(one, when) for one, when in with_zeros if is_finite(one)]
    yield from after(asked, question, finite, asked.once)


def in_dout(asked: Asked) -> Iterator[tuple[Question, str]]:
    """A dout of which a third is zero, and one of which the first sample is."""
    question = asked.question
    dout = question.dout
    if not asked.gradients or dout.size < 2:
        return
    yield replace(question, dout=thinned(dout)), "with a dout of which a third is zero"
    if len(dout) > 1:
        first = dout.copy()
        first[0] = 0
        yield replace(question, dout=first), "with a dout that is zero for the first sample"


def in_inputs(question: Question) -> Iterator[tuple[Question, str]]:
    """An input or a parameter of which a third is zero."""
    for name, value in question.inputs.items():
        role = OPS[question.op].inputs[name].draw
        settled = role == "data" and kinks(question.op)  # a 0 may be a corner, or a tie
        if role in ("data", "weight") and value.size > 1 and not settled:
            inputs = {**question.inputs, name: thinned(value)}
            yield replace(question, inputs=inputs), f"with {name} of which a third is zero"


def thinned(value: Array) -> Array:
    """Every third number from the second on is zero."""
    flat = value.ravel().copy()
    flat[1::3] = 0
    thin: Array = flat.reshape(value.shape)
    return thin


def is_finite(question: Question) -> bool:
    """Whether there is a right answer: no variance is 0 without an eps."""
    return all(bool(np.isfinite(value).all()) for value in answers(question).values())
