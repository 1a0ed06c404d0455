"""Whether an error is that of unstable arithmetic: rounding that the formula made larger.

Such an error is as many units of roundoff in float32 as in float64, and it scatters: at inputs that
differ a little its sign differs. What is too coarse in one precision alone, or off to one side
whatever the input, is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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

CLOSE = 16.0
"""So alike, it need not scatter: a constant that is rounded is off to one side, too."""

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


@dataclass(frozen=True)
class Growth:
    """How many times its limit an error is, at its worst: in the case's dtype, and in the other."""

    case: Case
    own: float
    other: float

    @property
    def is_alike(self) -> bool:
        """Whether it grows as rounding does."""
        finite = np.isfinite(self.own) and np.isfinite(self.other)
        more, less = self.own > ALIKE * max(1.0, self.other), self.other > ALIKE * self.own
        return bool(finite and not more and not less)

    @property
    def is_close(self) -> bool:
        """Whether it is beyond its limit in both, and much the same share of it."""
        most, least = max(self.own, self.other), min(self.own, self.other)
        return 1 < least <= most < CLOSE * least

    def __str__(self) -> str:
        other = OTHER[self.case.dtype]
        both = f"{self.own:.3g} times the limit in {self.case.dtype}, {self.other:.3g} in {other}"
        return f"unstable arithmetic: its error grows as rounding does, {both}"


def growth(subject: AnswersQuestions, known: Facts, array: str, got: Array) -> Growth:
    """An array's error in both precisions; the other one is asked at several values."""
    case = known.case
    others = nearby(replace(case, dtype=OTHER[case.dtype])) if case.dtype in OTHER else []
    shares = [share_of(subject, one, array) for one in others]
    answered = [share for share in shares if share is not None]
    return Growth(case, share_used(known, array, got), max(answered, default=np.nan))


def nearby(case: Case) -> list[Case]:
    """The case, and the same with other values."""
    return [case.with_seed(case.seed + 1000 * i) for i in range(SEEDS)]


def share_of(subject: AnswersQuestions, case: Case, array: str) -> float | None:
    """The share of its limit that an array's error is at a case; None where it is not answered."""
    try:
        known = facts(case)
    except ValueError:
        return None
    reply = subject.answer(case)
    got: Any = reply.arrays.get(array) if isinstance(reply, Answer) else None
    right = known.truth.arrays[array]
    fits = isinstance(got, np.ndarray) and got.shape == right.shape
    return share_used(known, array, got) if fits else None


def share_used(known: Facts, array: str, got: Array) -> float:
    """The largest error in its limit, which here is one rounding at least; infinite where what
    should be finite is not."""
    truth = known.truth.arrays[array]
    unit = float(np.finfo(known.case.dtype).eps) / 2
    with np.errstate(all="ignore"):
        limit = np.maximum(known.bounds[array].limit, unit * np.abs(truth))
        error = np.abs(np.asarray(got, np.longdouble) - truth)
        alike = (got == truth) | (np.isnan(got) & np.isnan(truth))
        shares = np.where(alike, 0, np.where(np.isfinite(truth), error / limit, np.inf))
    return float(np.max(np.where(np.isnan(shares), np.inf, shares), initial=0))


def is_one_sided(subject: AnswersQuestions, known: Facts, array: str, got: Array) -> bool:
    """Whether the elements beyond their limit are off to the same side at inputs nearby."""
    question, truth = known.case.question, known.truth.arrays[array]
    limit = known.bounds[array].limit
    beyond = np.abs(got - truth) > limit
    if not beyond.any():  # what is off is no number
        return True
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
