"""What the answers to a question should be: computed once for all the routes that it is put to."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.space import space_of
from layercheck.implementations.protocol import Answer
from layercheck.judging.conventions import conventions, is_right_under
from layercheck.judging.facts import Facts, near_facts
from oracles.oracle import Question
from ref_layers.op import Array

REFUSALS = (ValueError, ArithmeticError, IndexError)
"""What a layer raises where it has no answer."""

CLOSE = 64.0
"""Within so many roundings of its own size a number is not looked at further."""


@dataclass(frozen=True)
class Definition:
    """A case with the arrays of the reference layer, in float64; None where it refuses the case."""

    case: Case

    @cached_property
    def reference(self) -> Mapping[str, Array] | None:
        """By name; the values of `out` decide the shape of the cotangent."""
        case, op = self.case, self.case.spec
        given = {n: v.astype(np.float64) if v.dtype.kind == "f" else v for n, v in self.inputs()}
        try:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of means of nothing
                out, cache = op.forward(**given, **case.attributes)
                first = out[0] if isinstance(out, tuple) else out
                case.__dict__["out_shape"] = np.shape(first)  # else it is computed once more
                dout = case.question.dout.astype(np.float64)
                gradients = op.name_gradients(op.backward(dout, cache), given)
        except REFUSALS:
            return None
        return {n: np.asarray(v) for n, v in {**op.name_outputs(out), **gradients}.items()}

    def inputs(self) -> Iterator[tuple[str, Array]]:
        """The case's arrays; none where its values cannot be drawn."""
        try:
            yield from self.case.inputs.items()
        except REFUSALS:
            return

    @property
    def question(self) -> Question:
        """With gradients where the definition has them."""
        defined = self.reference is not None
        return self.case.question if defined else self.case.forward_question

    @cached_property
    def facts(self) -> Facts:
        """The bounds of each element, and the formula in longdouble."""
        return near_facts(self.case, self.case.question)

    def is_close(self, name: str, got: Array) -> bool:
        """Whether an array is the reference's, each number but for the last few digits."""
        assert self.reference is not None
        right = self.reference[name]
        if got.shape != right.shape:
            return False
        if got.dtype.kind != "f" or right.dtype.kind != "f":
            return np.array_equal(got, right)
        unit = float(np.finfo(got.dtype).eps)
        off = np.abs(got - right) <= CLOSE * unit * np.abs(right)
        return bool((off | (got == right) | (np.isnan(got) & np.isnan(right))).all())

    def is_convention(self, answer: Answer) -> bool:
        """Whether an answer is right by another convention."""
        others = (one.facts(self.facts) for one in conventions(self.case.op))
        return any(other is not None and is_right_under(other, answer) for other in others)

    def unsaid(self, said: tuple[str, ...]) -> Iterator[Facts]:
        """The same question where what was left to the framework has another value."""
        levels = space_of(self.case.op).levels
        for name in sorted(self.case.spec.attributes.keys() - set(said)):
            for value in levels.get(name, ()):
                other = replace(self.case, attributes={**self.case.attributes, name: value})
                try:
                    yield near_facts(other, other.question)
                except REFUSALS:
                    continue
