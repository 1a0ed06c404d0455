"""A question in another form: as a layer for two axes is asked it, where a mistake that divides by
N counts rows; in float64, where an unstable formula loses fewer digits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np

from layercheck.judging.bounds import Bound
from oracles.oracle import Question
from ref_layers import OPS

View = Callable[[Question], Question]


def as_rows(question: Question) -> Question:
    """The axes that are normalized together made one, and all before them: x is (rows, columns)."""
    x, dims = question.inputs["x"], question.attributes["normalized_dims"]
    shape = (prod(x.shape[: x.ndim - dims]), prod(x.shape[x.ndim - dims :]))
    inputs = {n: v.reshape(shape if n == "x" else shape[1:]) for n, v in question.inputs.items()}
    return replace(
        question,
        inputs=inputs,
        attributes={**question.attributes, "normalized_dims": 1},
        dout=question.dout.reshape(shape),
    )


def in_double(question: Question) -> Question:
    """The question in float64, as loops over Python's numbers compute it."""
    return question.astype("float64")


def rounded(value: Any, question: Question) -> Any:
    """What was computed in float64 as it is returned: in the question's own precision."""
    own = question.dout.dtype
    wide = isinstance(value, (np.ndarray, np.generic)) and value.dtype == np.float64
    return np.asarray(value).astype(own) if wide else value


VIEWS: dict[str, View] = {name: as_rows for name, op in OPS.items() if op.of_last_axes}
"""By the op whose layers are often written for two axes."""


def shape_of(name: str, question: Question) -> tuple[int, ...] | None:
    """The shape of an array of a question's answer; None where it is not an input's."""
    given = question.inputs.get(name.removeprefix("d"))
    return question.dout.shape if name == "out" else None if given is None else given.shape


def as_asked(arrays: Mapping[str, Any], viewed: Question, question: Question) -> dict[str, Any]:
    """The arrays of an answer to the question as it was viewed, in the shapes and the precision of
    the question itself; what has not the shape that it should have is left as it is."""
    right = {n for n, value in arrays.items() if np.shape(value) == shape_of(n, viewed)}
    shaped = {
        n: in_shape(value, shape_of(n, question)) if n in right else value
        for n, value in arrays.items()
    }
    return {n: rounded(value, question) for n, value in shaped.items()}


def in_shape(value: Any, shape: tuple[int, ...] | None) -> Any:
    """An array in another shape, if it has as many elements."""
    fits = isinstance(value, np.ndarray) and shape is not None and value.size == prod(shape)
    return value.reshape(shape) if fits else value


def reshaped(bound: Bound, shape: tuple[int, ...] | None) -> Bound:
    """The same of a bound."""
    return Bound(in_shape(bound.likely, shape), in_shape(bound.worst, shape), bound.unit)
