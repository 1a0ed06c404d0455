"""Second opinions on a layer's wrong answers: another convention, unstable arithmetic, or right for
its own forward. Each is looked for at a few cases first, and has to hold in all that it explains.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer
from layercheck.judging.facts import EXACT, Facts
from layercheck.judging.in_norm import UNSHIFTED, beside_the_whole, unshifted
from layercheck.judging.own_forward import (
    HasOutputs,
    follows_own_forward,
    is_elsewhere,
    is_ordinarily_right,
)
from layercheck.judging.unstable import (
    AnswersQuestions,
    Growth,
    growth,
    is_one_sided,
)
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict
from oracles.oracle import Array

from .followed import HELD, UNLIKE_FORWARD, take_conventions
from .outcome import TRIED, Outcome, smallest

BESIDE_THE_LARGEST = (
    "unstable arithmetic: right beside the largest numbers of the array, "
    "small ones lose their digits"
)

Bounding = Callable[[Facts, Comparison, Answer], Comparison]
"""An array held against another bound."""

OFF = (Verdict.WRONG, Verdict.INACCURATE)
"""How a forward is that its gradient may owe an error to."""

CONTRADICTED = 24
"""At how many cases a wrong element is held against the slope of its own forward."""

MOST_ELEMENTS = 2000
"""Larger cases are not held against their forward: rounding of the derivative would hide much."""


def second_opinions(layer: Layer, outcomes: Sequence[Outcome]) -> None:
    """What is wrong by better names, where it has any."""
    if not any(outcome.is_wrong for outcome in outcomes):
        return
    take_conventions(layer, outcomes)
    tell_unstable(layer, outcomes)
    credit_own_forward(layer, outcomes)


# ---------------------------------------------------------------------- unstable arithmetic


def tell_unstable(layer: Layer, outcomes: Sequence[Outcome]) -> None:
    """An error that grows as rounding does is `inaccurate`."""
    subject = layer.implementation
    if not isinstance(subject, AnswersQuestions):
        return
    for array, cases in wrong_arrays(outcomes).items():
        first = [growth_of(subject, *one) for one in cases[:2]]
        if all(is_unstable(subject, grown, *one) for grown, one in zip(first, cases, strict=False)):
            rest = (growth_of(subject, *one) for one in cases[2:])
            for (outcome, comparison), grown in zip(cases, chain(first, rest), strict=True):
                if grown is None or not grown.is_alike:
                    continue
                if is_right(unshifted, outcome, comparison):
                    outcome.rename(Verdict.ROUNDING, UNSHIFTED, array)
                else:
                    outcome.rename(Verdict.INACCURATE, str(grown), array)
        elif all(is_right(beside_the_whole, *one) for one in cases):
            for outcome, _ in cases:
                outcome.rename(Verdict.INACCURATE, BESIDE_THE_LARGEST, array)


def wrong_arrays(outcomes: Sequence[Outcome]) -> dict[str, list[tuple[Outcome, Comparison]]]:
    """The arrays that differ from the exact result, each with its cases by size."""
    found: dict[str, list[tuple[Outcome, Comparison]]] = {}
    for outcome in sorted(outcomes, key=lambda one: one.task.case.elements):
        for comparison in outcome.wrong():
            unlike = comparison.reason.startswith(UNLIKE_FORWARD)
            if comparison.against == EXACT and not unlike:
                found.setdefault(comparison.array, []).append((outcome, comparison))
    return found


def is_right(bound: Bounding, outcome: Outcome, comparison: Comparison) -> bool:
    """Whether an error is rounding by another bound."""
    answer, known = outcome.answer, outcome.gathered.facts
    return answer is not None and bound(known, comparison, answer).verdict.passes


def is_unstable(
    subject: AnswersQuestions, grown: Growth | None, outcome: Outcome, comparison: Comparison
) -> bool:
    """Whether an error grows as rounding does, and scatters as rounding does."""
    if grown is None or not grown.is_alike:
        return False
    known, got = outcome.gathered.facts, array_of(outcome, comparison)
    return grown.is_close or not is_one_sided(subject, known, comparison.array, got)


def growth_of(subject: AnswersQuestions, outcome: Outcome, comparison: Comparison) -> Growth | None:
    """How an array's error compares in both precisions; None where its shape is off."""
    known, got = outcome.gathered.facts, array_of(outcome, comparison)
    if np.shape(got) != known.truth.arrays[comparison.array].shape:
        return None
    return growth(subject, known, comparison.array, got)


def array_of(outcome: Outcome, comparison: Comparison) -> Array:
    """The array that was compared."""
    assert outcome.answer is not None
    return np.asarray(outcome.answer.arrays[comparison.array], np.longdouble)


# ---------------------------------------------------------------------- whose gradient it is


def credit_own_forward(layer: Layer, outcomes: Sequence[Outcome]) -> None:
    """A gradient that is right for its own wrong forward is `consistent`: that one is to blame.

    Also in cases whose values hide what is wrong with the forward, as at a kink.
    """
    beside_wrong = [o for o in outcomes if any(o.wrong("forward"))]
    beside_inaccurate = [o for o in outcomes if any(o.wrong("forward", OFF))]
    loses = bool(beside_inaccurate) and not beside_wrong
    verdicts = OFF if loses else OFF[:1]
    beside_wrong = beside_wrong or beside_inaccurate
    suspects: dict[str, list[Outcome]] = {}
    for outcome in outcomes if beside_wrong else ():
        for array in {c.array for c in outcome.wrong("backward", verdicts)}:
            suspects.setdefault(array, []).append(outcome)
    for array, cases in suspects.items():
        groups = [[o for o in cases if (o in beside_wrong) is wrong] for wrong in (True, False)]
        tell = partial(tellings, layer, array=array, loses=loses)
        told = [one for group in groups for one in islice(tell(group), TRIED)]
        if groups[0] and told and all(told) and not is_contradicted(layer, cases, array):
            beside = ", which loses its digits" if loses else "; the forward is wrong"
            reason = f"{array} is right for its own forward{beside}"
            for outcome in cases:
                outcome.rename(Verdict.CONSISTENT, reason, array, verdicts)
        elif False in told:
            for outcome in cases:
                outcome.note("backward", f"{array} is not the derivative of its own forward either")


def is_contradicted(layer: Layer, outcomes: Sequence[Outcome], array: str) -> bool:
    """Whether a wrong element of a gradient is not the slope of its own forward, where the case has
    its own values: what shows there alone is no consequence of the forward's mistake."""
    implementation = layer.implementation
    if not isinstance(implementation, HasOutputs):
        return False
    for outcome in smallest(outcomes, CONTRADICTED):
        for wrong in outcome.wrong("backward"):
            if wrong.array == array and wrong.worst_index is not None and is_small(outcome):
                place = tuple(wrong.worst_index)
                if is_elsewhere(implementation, outcome.task.case, array, place):
                    return True
    return False


def tellings(layer: Layer, outcomes: Sequence[Outcome], array: str, loses: bool) -> Iterator[bool]:
    """Of the smallest cases whether a gradient follows its forward, where that can be told. loses:
    whether the forward only loses digits, which it does at few values."""
    for outcome in smallest(outcomes, HELD):
        told = follows(layer, outcome.task.case, array) if is_small(outcome) else None
        if told is False:  # other values may be no kink
            case = outcome.task.case
            told = follows(layer, case.with_seed(case.seed + 1), array) or told
        if told and not (loses or owes(layer, outcome, array)):
            told = None
        if told is not None:
            yield told


def owes(layer: Layer, outcome: Outcome, array: str) -> bool:
    """Whether a gradient may owe its error to the forward: it is wrong at ordinary values, too, or
    wrong where the outputs are and nowhere else."""
    implementation, answer, known = layer.implementation, outcome.answer, outcome.gathered.facts
    if not (isinstance(implementation, HasOutputs) and answer is not None):
        return True
    if not is_ordinarily_right(implementation, outcome.task.case, array):
        return True
    off = [beyond(answer.arrays.get(name), name, known) for name in (array, "out")]
    return off[0].shape == off[1].shape and bool((off[0] <= off[1]).all())


def beyond(got: Any, name: str, known: Facts) -> Array:
    """Which elements are beyond their limit; nothing of what has another shape."""
    right = known.truth.arrays[name]
    if np.shape(got) != right.shape:
        return np.zeros(0, bool)
    with np.errstate(all="ignore"):
        error = np.abs(np.asarray(got, np.longdouble) - right)
    return np.asarray(~(error <= known.bounds[name].limit))


def is_small(outcome: Outcome) -> bool:
    """Whether the derivative's rounding error is small enough."""
    return bool(outcome.task.case.elements <= MOST_ELEMENTS)


def follows(layer: Layer, case: Case, array: str) -> bool | None:
    """Whether a gradient is the derivative of its own forward; None: cannot tell."""
    implementation = layer.implementation
    if not isinstance(implementation, HasOutputs):
        return None
    return follows_own_forward(implementation, case, array)
