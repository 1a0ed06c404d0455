"""Layers that are wrong in a known way: what they answer, and within which bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import numpy as np

from layercheck.implementations.functions import answer_once, gradients_of, outputs_of
from layercheck.implementations.protocol import Answer
from layercheck.judging.bounds import Bound, bound_of, bounded
from layercheck.mistakes import Mistake, mistakes
from oracles.oracle import Question
from ref_layers import OPS

from .evidence import Evidence, Seen
from .relations.shown import unit_of
from .views import VIEWS, View, as_asked, in_double, reshaped, shape_of

Made = TypeVar("Made")


@dataclass(eq=False)
class Candidate:
    """mistakes: which it makes · forward, backward: the layer that makes them · view: in which form
    it is asked, where that is not the case's own · convention: attributes that it is asked with,
    which the function cannot be given."""

    mistakes: tuple[Mistake, ...]
    forward: Callable[..., Any]
    backward: Callable[..., Any]
    view: View | None = None
    convention: Mapping[str, Any] = field(default_factory=dict)
    answers: dict[int, Answer] = field(default_factory=dict)
    limits: dict[int, Mapping[str, Bound]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`dx_assigned`; of two `kernel_flipped + bias_missing`."""
        return " + ".join(mistake.name for mistake in self.mistakes)

    def answer(self, seen: Seen) -> Answer:
        """What it answers to a case, in the case's own dtype."""
        return kept(self.answers, seen, lambda: self.answer_question(seen.question))

    def answer_question(self, question: Question) -> Answer:
        """The same for any question."""
        asked = self.asked(question)
        if self.view is None:
            return answer_once(self.forward, self.backward, asked)
        viewed = self.view(asked)
        found = answer_once(self.forward, self.backward, viewed)
        return replace(found, arrays=as_asked(found.arrays, viewed, question))

    def asked(self, question: Question) -> Question:
        """The question by its convention."""
        return replace(question, attributes={**question.attributes, **self.convention})

    def bounds(self, seen: Seen) -> Mapping[str, Bound]:
        """How far rounding may take its arrays; those that cannot be told are missing."""
        return kept(self.limits, seen, lambda: self.bounds_of(seen.question))

    def bounds_of(self, question: Question) -> Mapping[str, Bound]:
        """The same for any question: the layer run on arrays that know their rounding error."""
        if self.view is not None:
            found = Candidate(self.mistakes, self.forward, self.backward, None, self.convention)
            bounds = found.bounds_of(self.view(question))
            shaped = {n: reshaped(b, shape_of(n, question)) for n, b in bounds.items()}
            return {n: self.with_last_rounding(b, n, question) for n, b in shaped.items()}
        inputs, dout = bounded(question)
        try:
            with np.errstate(all="ignore"):
                returned = self.forward(**inputs, **self.asked(question).attributes)
                outputs, cache = outputs_of(question.op, returned, question.inputs)
                gradients = gradients_of(question.op, inputs, dout, self.backward, cache)
                arrays = {**outputs, **gradients}
                return {name: bound_of(value) for name, value in arrays.items()}
        except Exception:  # what a mistake is made of need not have rules for bounds
            return {}

    def with_last_rounding(self, bound: Bound, name: str, question: Question) -> Bound:
        """The bound of what was computed in a wider precision and is returned in the case's."""
        value, unit = self.answer_question(question).arrays.get(name), unit_of(question.dout.dtype)
        if unit <= bound.unit or not isinstance(value, np.ndarray):
            return bound
        if value.shape != bound.likely.shape:
            return bound
        last = unit * np.abs(value.astype(np.float64))
        return Bound(bound.likely + last, bound.worst + last, unit)


def kept(store: dict[int, Made], seen: Seen, make: Callable[[], Made]) -> Made:
    """What was computed for a case, once."""
    if id(seen) not in store:
        store[id(seen)] = make()
    return store[id(seen)]


def candidates(evidence: Evidence) -> list[Candidate]:
    """One for each named mistake that the function may make; where arrays may have been made rows,
    in that form too."""
    own = VIEWS.get(evidence.op)
    views = [None, *([] if own is None else [own])]
    return [Candidate((one,), one.forward, one.backward, v) for v in views for one in may(evidence)]


def by_convention(evidence: Evidence) -> list[Candidate]:
    """The same mistakes beside a convention of frameworks that the function cannot be told."""
    every = may(evidence)
    ways = untold(evidence)
    return [Candidate((m,), m.forward, m.backward, None, way) for way in ways for m in every]


def untold(evidence: Evidence) -> Iterator[dict[str, Any]]:
    """The conventions that the function may follow unasked, an attribute with a value each."""
    for attribute, values in OPS[evidence.op].conventions.items():
        if attribute not in evidence.layer.accepted:
            yield from ({attribute: value} for value in values[1:])


def in_float64(evidence: Evidence) -> list[Candidate]:
    """The same mistakes by a function that computes in float64 whatever it is given."""
    every = may(evidence)
    return [Candidate((one,), one.forward, one.backward, in_double) for one in every]


def may(evidence: Evidence) -> list[Mistake]:
    """The mistakes that the function may make."""
    op = OPS[evidence.op]
    every = list(mistakes([op.name]))
    if "backward" in evidence.parts:
        return every
    return [one for one in every if one.forward is not op.forward]
