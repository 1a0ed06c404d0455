"""Zeros among other numbers: what any relu hands on, and hands back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice

import numpy as np

from layercheck.judging.kinks import kinks
from oracles.oracle import Array, Question
from ref_layers import OPS

from .asked import Asked, Asks
from .moved import answers
from .remembered import Changes, after

THIRDS = (1, 2, 0)
"""Where leaving out every third number may begin: the first that leaves something is taken."""


def some_zeros(asked: Asked) -> Asks:
    """A third of dout, one sample of it, a third of x or of one parameter is zero. Judged by the
    bounds."""
    question = asked.question
    with_zeros: Changes = [*in_dout(asked), *in_inputs(question)]
    yield from after(asked, question, with_zeros, asked.once)


def in_dout(asked: Asked) -> Iterator[tuple[Question, str]]:
    """A dout of which a third is zero, and one of which the first sample is."""
    question = asked.question
    dout = question.dout
    if not asked.gradients or dout.size < 2:
        return
    thin = (replace(question, dout=thinned(dout, first)) for first in THIRDS)
    yield from told(question, thin, "with a dout of which a third is zero")
    if len(dout) > 1:
        rest = dout.copy()
        rest[0] = 0
        fewer = [replace(question, dout=rest)]
        yield from told(question, fewer, "with a dout that is zero for the first sample")


def in_inputs(question: Question) -> Iterator[tuple[Question, str]]:
    """An input or a parameter of which a third is zero."""
    for name, value in question.inputs.items():
        role = OPS[question.op].inputs[name].draw
        settled = role == "data" and kinks(question.op)  # a 0 may be a corner, or a tie
        if role in ("data", "weight") and value.size > 1 and not settled:
            thin = (
                replace(question, inputs={**question.inputs, name: thinned(value, first)})
                for first in THIRDS
            )
            yield from told(question, thin, f"with {name} of which a third is zero")


def told(
    question: Question, others: Iterable[Question], when: str
) -> Iterator[tuple[Question, str]]:
    """The first of some questions that has a right answer, with what was done, if there is one."""
    right = answers(question)
    yield from islice(((one, when) for one in others if is_telling(answers(one), right)), 1)


def thinned(value: Array, first: int) -> Array:
    """Every third number from the first on is zero."""
    flat = value.ravel().copy()
    flat[first::3] = 0
    thin: Array = flat.reshape(value.shape)
    return thin


def is_telling(found: Mapping[str, Array], right: Mapping[str, Array]) -> bool:
    """Whether an answer is one: no variance is 0 without an eps; and whether it leaves something of
    each array: the rounding of sums that come to 0 everywhere is no share of anything."""
    return all(
        bool(np.isfinite(value).all()) and bool(value.any()) >= bool(right[name].any())
        for name, value in found.items()
    )
