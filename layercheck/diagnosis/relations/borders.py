"""What a layer gives for another border than its padding: repeated, mirrored, all on one side."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from oracles.oracle import Array, Question
from ref_layers import OPS

Sides = tuple[tuple[int, int], ...]
BORDERS: dict[str, Callable[[Array, Sides], Array]] = {
    "the edge of x repeated": partial(np.pad, mode="edge"),
    "x mirrored, its edge not repeated": partial(np.pad, mode="reflect"),
    "x mirrored, its edge repeated": partial(np.pad, mode="symmetric"),
    "the opposite edge of x": partial(np.pad, mode="wrap"),
    "ones": partial(np.pad, constant_values=1),
    "-1": partial(np.pad, constant_values=-1),
    "the mean of x": lambda x, sides: np.pad(x, sides, constant_values=x.mean()),
    "the smallest number of x": lambda x, sides: np.pad(x, sides, constant_values=x.min()),
    "the largest number of x": lambda x, sides: np.pad(x, sides, constant_values=x.max()),
}
"""What stands in the border, in words."""

PLACES: dict[str, Callable[[int], tuple[int, int]]] = {
    "all of it before the first row and column": lambda p: (p, 0),
    "all of it after the last row and column": lambda p: (0, p),
}
"""Where the border stands, in words."""


def bordered(question: Question) -> Iterator[tuple[str, Question]]:
    """The same arrays with another border, in words; nothing where there is none."""
    x, near = question.inputs.get("x"), sides_of(question)
    if x is None or not any(any(side) for side in near):
        return
    for text, border in BORDERS.items():
        try:
            wide = border(x, ((0, 0), (0, 0), *near))
        except ValueError:  # nothing to mirror
            continue
        yield f"what the layer gives with a border of {text}", unpadded(question, wide)
    for text, place in PLACES.items():
        wide = np.pad(x, ((0, 0), (0, 0), *(place(sum(side)) for side in near)))
        yield f"what the layer gives with its padding {text}", unpadded(question, wide)


def sides_of(question: Question) -> Sides:
    """How wide the border of an image is, before and after; nothing of a layer without one."""
    with np.errstate(all="ignore"):
        _, cache = OPS[question.op].forward(**question.inputs, **question.attributes)
    win = getattr(cache, "windows", None)
    return tuple(win.padding) if "padding" in question.attributes and win is not None else ()


def unpadded(question: Question, x: Array) -> Question:
    """The question for an image that has its border already."""
    attributes = {**question.attributes, "padding": 0}
    return replace(question, inputs={**question.inputs, "x": x}, attributes=attributes)
