"""What a probe has to ask with, and what it finds: arrays that should be the same bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import CHANGED_INPUTS, NOT_IMPLEMENTED, Failure, part_of
from layercheck.implementations.script import NOT_ASKED, Performed, Script
from layercheck.reporting.numbers import joined
from layercheck.reporting.records import Comparison, Part
from layercheck.submissions.profiles.performing import Step
from oracles.oracle import Array, Question
from ref_layers import OPS

from ..outcome import Outcome


@dataclass(frozen=True)
class Held:
    """An array that should be another one, bit for bit.

    when: what was done, in words · than: what the other one is.
    """

    part: Part
    array: str
    when: str
    got: Any
    expected: Array
    than: str = "that of the same call alone, bit for bit"


@dataclass(frozen=True)
class Broke:
    """A function that failed when it was asked so."""

    part: Part
    when: str
    failure: Failure


@dataclass(frozen=True)
class Alone:
    """A case that is wrong without anything before it: it is judged like any other."""

    case: Case


Found = Held | Broke | Comparison | Alone
"""What a probe finds: of arrays that are judged by their bounds the failing comparison."""

Asks = Generator[Script | Found, Any, None]
"""A probe that is put: it yields what it finds, and scripts, of which it is sent what came."""


@dataclass
class Asked:
    """One layer at one of its cases.

    calls: how often the layer was asked before, all its cases together · other: a case of another
    shape that it answers · unfailing: whether none of its cases fails: then what fails here is the
    probe's finding · wrong_gradient: whether its backward fails in some · sound: whether none has
    another convention either: then what is beyond its bounds for other values is, too · notes: what
    else there is to tell · keeps_to: whether a case is within the assignment's contract, or such
    that the layer answers it rightly all the same · dtypes: those of the cases that it was asked.
    """

    layer: Layer
    outcome: Outcome
    calls: int
    other: Callable[[], Case | None]
    sound: bool = True
    unfailing: bool = True
    wrong_gradient: bool = False
    notes: list[tuple[Part, str]] = field(default_factory=list)
    keeps_to: Callable[[Case], bool] = lambda case: True
    dtypes: frozenset[str] = frozenset()

    @property
    def case(self) -> Case:
        """Which it is."""
        return self.outcome.task.case

    @property
    def question(self) -> Question:
        """With its values."""
        return self.case.question

    @cached_property
    def outputs(self) -> dict[str, Array]:
        """What its forward gave when it was asked alone."""
        return self._arrays("forward")

    @cached_property
    def gradients(self) -> dict[str, Array]:
        """What its backward gave; empty where there is none."""
        return self._arrays("backward")

    @property
    def once(self) -> list[Step]:
        """The steps of one call: forward, and backward where it has one."""
        return [("forward", 0, 0), *([("backward", 0, 0)] if self.gradients else [])]

    def _arrays(self, part: Part) -> dict[str, Array]:
        answer = self.outcome.answer
        arrays = {} if answer is None else answer.arrays
        outputs = OPS[self.case.op].outputs
        return {
            name: np.asarray(value)
            for name, value in arrays.items()
            if part_of(name, outputs) == part and isinstance(value, np.ndarray | np.generic)
        }

    def script(self, steps: Sequence[Step], *questions: Question, **more: Any) -> Script:
        """Calls in a given order; without questions, of its own."""
        return Script(questions or (self.question,), steps, **more)

    def overwrote(self, performed: Performed, steps: Sequence[Step], when: str) -> Iterator[Broke]:
        """The first step that overwrote inputs, which no step before it did."""
        for number, names in performed.changed.items():
            part: Part = "backward" if steps[number][0] == "backward" else "forward"
            failure = Failure(CHANGED_INPUTS, joined(names))
            yield Broke(part, f"{when}, step {number + 1} of {len(steps)}", failure)
            return

    def note(self, part: Part, text: str) -> None:
        """Tell something of what a function did."""
        self.notes.append((part, text))

    def broken(
        self, performed: Performed, steps: Sequence[Step], when: str, *, may_refuse: bool = False
    ) -> Iterator[Broke]:
        """The step that failed.

        may_refuse: whether the file's text says that it may be impossible to ask: a child that
        claims so otherwise is not believed.
        """
        for number, failure in performed.failures.items():
            part: Part = "backward" if steps[number][0] == "backward" else "forward"
            if failure.kind == NOT_ASKED and may_refuse:
                self.note(part, f"{when}: {failure}")
            elif failure.kind == NOT_IMPLEMENTED and not self.unfailing:
                continue  # the cases tell
            else:
                yield Broke(part, f"{when}, step {number + 1} of {len(steps)}", failure)


def other_values(question: Question) -> Question:
    """The same question with its numbers in other places."""
    inputs = {name: backwards(value) for name, value in question.inputs.items()}
    return replace(question, inputs=inputs, dout=backwards(question.dout))


def backwards(value: Array) -> Array:
    """The numbers of an array in the opposite order."""
    return value.ravel()[::-1].reshape(value.shape)


def turned_within(question: Question) -> Question:
    """The question with the inner numbers of x in the opposite order."""
    inputs = {**question.inputs, "x": within(question.inputs["x"])}
    return replace(question, inputs=inputs)


def within(value: Array) -> Array:
    """The first and the last number in their places, those between them turned."""
    if value.size < 3:
        return value
    flat = value.ravel()
    return np.concatenate([flat[:1], flat[1:-1][::-1], flat[-1:]]).reshape(value.shape)


def held(
    performed: Performed, step: int, when: str, expected: Mapping[str, Array], part: Part
) -> Iterator[Held]:
    """The arrays of one step, if it was made."""
    if performed.failures and step >= min(performed.failures):
        return
    made = performed.steps[step] if step < len(performed.steps) else {}
    for name, value in expected.items():
        yield Held(part, name, when, in_dtype_of(made.get(name), value), value)


def in_dtype_of(got: Any, expected: Array) -> Any:
    """Float64 of narrower inputs is cast back, as in the answer that it is held against."""
    is_wide = isinstance(got, np.ndarray) and got.dtype == np.float64
    return got.astype(expected.dtype) if is_wide and expected.dtype.kind == "f" else got
