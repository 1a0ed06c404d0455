"""Other conventions: another value of an attribute on which frameworks differ, another choice at a
kink. An answer follows one where it is right under it as a whole, or where its outputs are, which a
wrong gradient says nothing against.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from layercheck.implementations.protocol import Answer
from layercheck.reporting.verdict import all_pass
from oracles import exact
from oracles.oracle import Question
from ref_layers import OPS

from .bounds import bound_of, bounded
from .facts import Facts, facts
from .kinks import Given, Kink, kinks


@dataclass(frozen=True)
class Convention:
    """text: what it is, in words · attribute: the one that it is a value of; empty at a kink ·
    facts: what a case is judged by under it; None where it makes no difference."""

    text: str
    attribute: str
    facts: Callable[[Facts], Facts | None]


def conventions(op_name: str) -> Iterator[Convention]:
    """Every other convention of an op."""
    for attribute, values in OPS[op_name].conventions.items():
        for value in values:
            yield of_attribute(attribute, value)
    for kink in kinks(op_name):
        yield of_kink(kink)


def is_right_under(other: Facts, answer: Answer) -> bool:
    """Whether the functions that answered are right when the case is judged by other facts."""
    made = other.compare_all("", answer)
    return all_pass(c.verdict for c in made if c.part not in answer.lost)


def suits(convention: Convention, known: Facts, other: Facts, answer: Answer) -> bool:
    """Whether an answer is one of a function that follows a convention: of an attribute's those
    outputs tell that it makes a difference to, at a kink all has to be right."""
    outputs = outputs_changed(known, other)
    if not (convention.attribute and outputs):
        return is_right_under(other, answer)
    made = [c for c in other.compare_all("", answer) if c.array in outputs]
    return "forward" not in answer.lost and all_pass(c.verdict for c in made)


def outputs_changed(known: Facts, other: Facts) -> set[str]:
    """The outputs that are others, beyond rounding, when the case is judged by other facts."""
    outputs = {n for n in other.truth.arrays if known.part_of(n) == "forward"}
    return {n for n in outputs if differs(n, known, other)}


def differs(name: str, known: Facts, other: Facts) -> bool:
    """Whether an array is another one, beyond rounding, when the case is judged by other facts."""
    mine, theirs = known.truth.arrays[name], other.truth.arrays[name]
    if mine.shape != theirs.shape:
        return True
    with np.errstate(invalid="ignore"):
        same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
        return bool((~same & ~(np.abs(mine - theirs) <= known.bounds[name].limit)).any())


def as_followed(known: Facts, answer: Answer, followed: Iterable[Convention]) -> Facts:
    """By what an answer is judged whose function follows these conventions: by the first that suits
    it, where one makes a difference."""
    for convention in followed:
        other = convention.facts(known)
        if other is not None and suits(convention, known, other, answer):
            return other
    return known


def of_attribute(attribute: str, value: Any) -> Convention:
    """An attribute with this value, whatever the case says."""

    def other(known: Facts) -> Facts | None:
        case = known.case
        if case.all_attributes[attribute] == value:
            return None
        try:
            found = facts(replace(case, attributes={**case.attributes, attribute: value}))
        except ValueError:  # the op rejects the case under that convention
            return None
        return None if alike(found, known) else found

    return Convention(f"as with {attribute}={value}", attribute, other)


def alike(one: Facts, other: Facts) -> bool:
    """Whether the same is right by both."""
    pairs = ((one.truth.arrays[n], value) for n, value in other.truth.arrays.items())
    return all(np.array_equal(*pair, equal_nan=True) for pair in pairs)


def of_kink(kink: Kink) -> Convention:
    """Another choice of the gradient at a kink."""

    def other(known: Facts) -> Facts | None:
        question = known.case.question.astype(np.longdouble)
        given = asked(question, question.inputs, question.dout)
        op, truth = OPS[question.op], known.truth
        with np.errstate(all="ignore"):
            plain = op.name_gradients(op.backward(given.dout, given.cache), given.inputs)
            chosen = kink.gradients(given)
            if all(np.array_equal(plain[n], v, equal_nan=True) for n, v in chosen.items()):
                return None
            rounding = kink.gradients(asked(known.case.question, *bounded(known.case.question)))
        arrays = {**truth.arrays, **chosen}
        limits = {name: bound_of(array) for name, array in rounding.items()}
        return replace(
            known,
            truth=exact.Truth(arrays, truth.unit_roundoff, truth.arithmetic),
            bounds={**known.bounds, **limits},
        )

    return Convention(kink.text, "", other)


def asked(question: Question, inputs: Mapping[str, Any], dout: Any) -> Given:
    """What a kink's gradients are made of, in any arithmetic."""
    with np.errstate(all="ignore"):
        _, cache = OPS[question.op].forward(**inputs, **question.attributes)
    return Given(inputs, question.attributes, cache, dout)
