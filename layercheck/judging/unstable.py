"""Whether an error is that of unstable arithmetic: rounding that the formula made larger.

Such an error is as many units of roundoff in float32 as in float64, and it scatters: at inputs that
differ a little its sign differs. What is too coarse in one precision alone, or off to one side
whatever the input, is wrong.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.protocol import Answer, Reply
from oracles import exact
from oracles.oracle import Array, Question

from .facts import Facts, facts

OTHER = {"float32": "float64", "float64": "float32"}
ALIKE = 256.0
"""How many times its limit an error may use more in one precision than in the other."""

SEEDS = 3
"""At how many values the other precision is asked: a single error may happen to be small."""

MOVES = 7
"""At how many inputs nearby the sign of the error is looked at."""

SIDED = 0.9
"""|mean| / rms of an error that is off to one side; of signs by chance it is far less."""


@runtime_checkable
class AnswersQuestions(Protocol):
    """An implementation that takes questions which are no case's."""

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """Its answer to a case."""
        ...

    def answer_question(self, question: Question) -> Reply:
        """Its answer to any question of an op that it has."""
        ...


def grows_as_rounding_does(subject: AnswersQuestions, case: Case, array: str, used: float) -> str:
    """In words how an error compares in both precisions; empty where they are not alike.

    used: how many times its limit the array's error is, in the case's own dtype.
    """
    other = OTHER.get(case.dtype)
    if other is None or not np.isfinite(used):
        return ""
    shares = [share_of(subject, c, array) for c in nearby(replace(case, dtype=other))]
    known = [share for share in shares if share is not None]
    if not known or used > ALIKE * max(1.0, *known) or max(known) > ALIKE * used:
        return ""
    told = f"{used:.3g} times the limit in {case.dtype}, {max(known):.3g} times in {other}"
    return f"unstable arithmetic: its error grows as rounding does, {told}"


def nearby(case: Case) -> list[Case]:
    """The case, and the same with other values."""
    return [case.with_seed(case.seed + 1000 * i) for i in range(SEEDS)]


def share_of(subject: AnswersQuestions, case: Case, array: str) -> float | None:
    """How much of its limit the array's error uses at a case; None where that cannot be told."""
    try:
        known = facts(case)
    except ValueError:
        return None
    reply = subject.answer(case)
    if not isinstance(reply, Answer) or reply.failures:
        return None
    found = [c.limit_used for c in known.compare_all("", reply) if c.array == array]
    return found[0] if found and found[0] is not None else None


def is_one_sided(subject: AnswersQuestions, known: Facts, array: str, got: Array) -> bool:
    """Whether the elements beyond their limit are off to the same side at inputs nearby."""
    question, truth = known.case.question, known.truth.arrays[array]
    limit = known.bounds[array].limit
    beyond = np.abs(got - truth) > limit
    errors = [scaled(got - truth, limit)[beyond]]
    for number in range(MOVES):
        moved = shifted(question, number)
        reply = subject.answer_question(moved)
        value: Any = reply.arrays.get(array) if isinstance(reply, Answer) else None
        if isinstance(value, np.ndarray) and value.shape == truth.shape:
            right = exact.truth(moved).arrays[array]
            errors.append(scaled(value - right, limit)[beyond])
    rms = np.sqrt(np.mean(np.square(errors), axis=0))
    with np.errstate(invalid="ignore", divide="ignore"):
        sided = np.abs(np.mean(errors, axis=0)) / rms
    return bool(np.median(sided) > SIDED)


def scaled(error: Array, limit: Array) -> Array:
    """Errors in their limits, as plain numbers."""
    with np.errstate(all="ignore"):
        return np.nan_to_num((error / limit).astype(np.float64), posinf=0.0, neginf=0.0)


def shifted(question: Question, number: int) -> Question:
    """The question with its numbers moved by up to one in a hundred."""
    rs = np.random.RandomState(number)
    inputs = {
        name: value * (1 + rs.randint(-8, 9, size=value.shape) / 1024).astype(value.dtype)
        if value.dtype.kind == "f"
        else value
        for name, value in question.inputs.items()
    }
    return replace(question, inputs=inputs)
