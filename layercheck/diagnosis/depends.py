"""On which numbers of the question an element of the right answer depends, by probing the layer.

A group of numbers is replaced by NaN, then by large ones: where neither moves the element, it
depends on none of them; else the group is halved. NaN goes through every sum and every maximum, so
that of a pooling the whole window shows, and not the winner alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from oracles.oracle import Array, Question
from ref_layers import OPS

FAR = (2.0**20, -(2.0**20))
"""Beside NaN, numbers that change every winner and every sign."""

Index = tuple[int, ...]
Dependencies = Mapping[str, Array]
"""By input, and `dout`: a mask of the numbers that the element depends on."""


def depends(question: Question, array: str, index: Index) -> dict[str, Array]:
    """The numbers that element `index` of the right `array` depends on.

    Of a gradient also what it would depend on if its own number won its windows, or were positive:
    a gate that happens to be shut hides none of them.
    The result has a mask for every input and, for a gradient, one of `dout`. Raises KeyError for an
    array that the op does not give, IndexError for an element that is not there.
    """
    probes = [Probe(base, array, index) for base in bases(question, array, index)]
    masks = ({name: probe.mask(name) for name in probe.names} for probe in probes)
    found = next(masks)
    for more in masks:
        found = {name: mask | more[name] for name, mask in found.items()}
    return found


def bases(question: Question, array: str, index: Index) -> Iterator[Question]:
    """The question with a dout that no sum cancels; of a gradient also with its number large."""
    wide = question.astype(np.longdouble)
    dout = 1 + np.arange(wide.dout.size, dtype=np.longdouble).reshape(wide.dout.shape) / 8
    yield (plain := replace(wide, dout=dout))
    own = plain.inputs.get(array[1:]) if array.startswith("d") else None
    if own is not None and own.dtype.kind == "f":
        raised = own.copy()
        raised[index] = FAR[0]
        yield replace(plain, inputs={**plain.inputs, array[1:]: raised})


class Probe:
    """One element of one array, and how it is before anything is changed."""

    def __init__(self, question: Question, array: str, index: Index) -> None:
        self.question, self.array, self.index = question, array, index
        self.op = OPS[question.op]
        self.is_output = array in self.op.outputs
        self.before = self.element(question)

    @property
    def names(self) -> Sequence[str]:
        """The arrays whose numbers are tried."""
        return [*self.question.inputs, *(() if self.is_output else ("dout",))]

    def element(self, question: Question) -> Array:
        """The element for other values; raises KeyError or IndexError."""
        with np.errstate(all="ignore"):
            out, cache = self.op.forward(**question.inputs, **question.attributes)
            if self.is_output:
                named = self.op.name_outputs(out)
            else:
                gradients = self.op.backward(question.dout, cache)
                named = self.op.name_gradients(gradients, question.inputs)
        return np.asarray(np.asarray(named[self.array])[self.index])

    def mask(self, name: str) -> Array:
        """Which numbers of an input matter."""
        value = self.question.dout if name == "dout" else self.question.inputs[name]
        found = np.zeros(value.size, bool)
        found[list(self.mattering(name, value, 0, value.size))] = True
        return found.reshape(value.shape)

    def mattering(self, name: str, value: Array, first: int, last: int) -> Iterator[int]:
        """Those among the numbers first to last - 1, in row-major order."""
        if first == last or not self.moves(name, value, first, last):
            return
        if last - first == 1:
            yield first
            return
        middle = (first + last) // 2
        yield from self.mattering(name, value, first, middle)
        yield from self.mattering(name, value, middle, last)

    def moves(self, name: str, value: Array, first: int, last: int) -> bool:
        """Whether the element is another one when these numbers are."""
        for other in self.others(name, value, first, last):
            changed = value.copy()
            changed.reshape(-1)[first:last] = other
            after = self.element(self.with_value(name, changed))
            if not np.array_equal(after, self.before, equal_nan=True):
                return True
        return False

    def others(self, name: str, value: Array, first: int, last: int) -> Iterator[Array]:
        """What is put in their place: of labels each other class, of a mask the opposite."""
        role = "data" if name == "dout" else self.op.inputs[name].draw
        now = value.reshape(-1)[first:last]
        if role.startswith("labels"):
            classes = self.question.inputs["x"].shape[1]
            yield from (np.mod(np.maximum(now, 0) + step, classes) for step in range(1, classes))
        elif role == "mask":
            yield 1 - now
        else:
            yield from (np.full_like(now, other) for other in (np.nan, *FAR))

    def with_value(self, name: str, value: Array) -> Question:
        """The question with another array in the place of one."""
        if name == "dout":
            return replace(self.question, dout=value)
        return replace(self.question, inputs={**self.question.inputs, name: value})
