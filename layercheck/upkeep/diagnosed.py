"""What is told of a named mistake where somebody makes it: its own name, another one, or none.

`python benchmarks/diagnosis.py` puts every mistake in every form. A file is asked in this process,
by the code that reads and calls files in the sandbox; that files come to the same there is shown by
tests/test_diagnosis.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.grids import GRIDS
from layercheck.diagnosis.failing import facts_of
from layercheck.diagnosis.illustration import illustrate
from layercheck.implementations.functions import answer_once, outputs_alone
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Answer, Reply
from layercheck.judging.facts import Facts, near_facts
from layercheck.mistakes import Mistake, mistakes
from layercheck.pipeline.answers import Gathered, Gatherer
from layercheck.pipeline.explain import explain
from layercheck.pipeline.opinions import second_opinions
from layercheck.pipeline.options import Options
from layercheck.pipeline.outcome import Outcome
from layercheck.pipeline.plan import Task
from layercheck.pipeline.subject import Subject
from layercheck.pipeline.tally import is_failing
from layercheck.pipeline.unordinary import unordinary
from layercheck.pipeline.verdicts import outcome_of
from layercheck.reporting.records import Diagnosis, Part
from layercheck.reporting.verdict import PASSING
from oracles.oracle import Array, Question

from .forms import forms_of
from .nearby import layer_of
from .planted import LOOPS, STYLES, planted


@dataclass(frozen=True)
class Planted:
    """Answers as a file with this forward and backward does."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    name: str = "layers.py"
    versions: dict[str, str] = field(default_factory=dict)

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        """As a file's functions would answer."""
        return self.answer_question(case.question if dtype is None else case.question.astype(dtype))

    def answer_question(self, question: Question) -> Reply:
        """The same for a question that is no case's."""
        return answer_once(self.forward, self.backward, question)

    def outputs(self, case: Case, question: Question) -> Array | None:
        """`out` alone, for other values; None if it fails."""
        out: Any = outputs_alone(self.forward, question)
        return out if isinstance(out, np.ndarray) else None


def in_style(forward: Any, backward: Any, style: str) -> Planted:
    """A layer in one of the styles of planted files."""
    if style == "vectorised":
        return Planted(forward, backward)
    names: dict[str, Any] = {"np": np, "_wrong_forward": forward, "_wrong_backward": backward}
    exec(compile(LOOPS, "loops", "exec"), names)
    return Planted(names["_forward"], names["_backward"])


@cache
def layer_in(form: str, op: str) -> Layer:
    """The layer of a file in this form; one by its own signature is asked everything, as in a
    module."""
    right = next(iter(mistakes([op])))
    if form == "own":
        return Layer(op, op, f"{op}_backward", Planted(right.forward, right.backward))
    return layer_of(planted(right, STYLES[0], form), op)


def layer_with(mistake: Mistake, style: str, form: str) -> Layer:
    """A layer with a mistake."""
    if form == "own":
        made = in_style(mistake.forward, mistake.backward, style)
        return replace(layer_in(form, mistake.op), implementation=made)
    return layer_of(planted(mistake, style, form), mistake.op)


@lru_cache(maxsize=2048)
def facts_at(case: Case) -> Facts:
    """What a case is judged by."""
    return near_facts(case, case.question)


class Asker(Gatherer):
    """Asks in this process."""

    def ask(self, task: Task, known: Facts | None = None) -> Callable[[], Gathered]:
        """What a task comes to."""
        answers = task.layer.implementation
        reply = answers.answer(task.case)
        drawn = task.case.op == "dropout" and isinstance(reply, Answer)
        facts = facts_of(answers, task.case, reply) if drawn else known or facts_at(task.case)
        return lambda: Gathered(task, facts, reply, {})


@dataclass(frozen=True)
class Asked:
    """A layer with what it came to in the quick grid."""

    layer: Layer
    gatherer: Gatherer
    outcomes: Sequence[Outcome]

    @classmethod
    def of(cls, layer: Layer) -> Asked:
        """Ask it."""
        gatherer = Asker(Subject("layers.py", [layer]), {}, recorded=False)
        grid = (case for case in GRIDS["quick"]([layer.op]) if not unordinary(case))
        cases = [case for case in grid if not layer.refuses(case) and not layer.goes_beyond(case)]
        outcomes = [outcome_of(gatherer, gatherer.ask(Task(layer, case))()) for case in cases]
        with np.errstate(all="ignore"):
            second_opinions(layer, outcomes)
        return cls(layer, gatherer, outcomes)

    def failing(self, parts: Sequence[Part]) -> list[Case]:
        """The cases at which these parts fail, the small ones first."""
        found = [
            outcome.task.case
            for outcome in self.outcomes
            if any(c.part in parts and is_failing(c.verdict, PASSING) for c in outcome.judged.own)
        ]
        return sorted(found, key=lambda case: case.elements)

    @property
    def failing_parts(self) -> list[tuple[Part, ...]]:
        """The parts of each function that fails."""
        return [parts for _, parts in self.layer.functions() if self.failing(parts)]

    @property
    def cannot_compute(self) -> bool:
        """Whether it is our own number that a call failed of."""
        replies = [one.answer for one in self.outcomes if one.answer is not None]
        told = [str(failure) for reply in replies for failure in reply.failures.values()]
        return any(text in one for one in told for text in NO_NUMBER)

    def why(self, parts: Sequence[Part], smallest: Case | None = None) -> list[Diagnosis]:
        """What is told of the function of these parts."""
        return explain(self.layer, parts, self.outcomes, self.gatherer, Options(), smallest)


def diagnoses(planted_layer: Planted, form: str, op: str) -> list[Diagnosis] | None:
    """What is told of a layer's functions; None where nothing of it fails."""
    asked = Asked.of(replace(layer_in(form, op), implementation=planted_layer))
    failing = asked.failing_parts
    return [one for parts in failing for one in asked.why(parts)] if failing else None


NO_NUMBER = ("loop of ufunc does not support", "not supported for the input types", "'_Number'")
"""What NumPy says of a function that objects have not."""


@dataclass(frozen=True)
class Told:
    """One mistake in one style and form, and what was told of it.

    came_to: `named` by itself alone, `in a group` that gives the same numbers, `wrong name`,
    `described` by a relation, `condition`, `silent`; `passes` where nothing of it shows in this
    form, `not written` where the numbers of `loops` lack a function that the mistake uses ·
    numbers: in all inputs of each smallest case together · alike: whether the same is told with the
    smallest case among those that it has to hold for.
    """

    mistake: Mistake
    style: str
    form: str
    came_to: str
    diagnoses: Sequence[Diagnosis] = ()
    numbers: Sequence[int] = ()
    alike: bool = True


def every_pair(ops: Sequence[str] | None = None) -> list[tuple[Mistake, str, str]]:
    """Every mistake in every style and form that there is for its op."""
    return [
        (mistake, style, form)
        for mistake in mistakes(ops)
        for form in forms_of(mistake.op)
        for style in STYLES
    ]


def tell(mistake: Mistake, style: str, form: str, small: bool = False) -> Told:
    """Plant a mistake, and see what is said; with `small` also how far a failing case shrinks."""
    asked = Asked.of(layer_with(mistake, style, form))
    failing = asked.failing_parts
    if not failing:
        return Told(mistake, style, form, "passes")
    if asked.cannot_compute:
        return Told(mistake, style, form, "not written")
    found = {parts: asked.why(parts) for parts in failing}
    said = [one for several in found.values() for one in several]
    told = Told(mistake, style, form, outcome(said, mistake.name), said)
    return with_smallest(told, asked, found) if small else told


def with_smallest(told: Told, asked: Asked, found: dict[tuple[Part, ...], list[Diagnosis]]) -> Told:
    """The same with the smallest cases, and whether they have the same diagnosis."""
    numbers, alike = [], True
    for parts, said in found.items():
        shown = illustrate(asked.layer, parts, asked.failing(parts)[0])
        if shown is not None:
            case = shown.smallest.case
            numbers.append(case.elements)
            alike = alike and causes(asked.why(parts, case)) == causes(said)
    return replace(told, numbers=numbers, alike=alike)


def causes(found: Sequence[Diagnosis]) -> list[str]:
    """What is told of why: names, else the sentence."""
    return [", ".join(sorted(one.names)) or one.text for one in found if not one.is_condition]


def outcome(found: Sequence[Diagnosis], name: str) -> str:
    """What diagnoses come to for whoever made this mistake."""
    groups = [one.names for one in found if one.kind == "mistake"]
    if any(name not in group for group in groups):
        return "wrong name"
    if groups:
        return "named" if all(len(group) == 1 for group in groups) else "in a group"
    kinds = {one.kind for one in found}
    return "described" if "relation" in kinds else "condition" if kinds else "silent"
