"""How many of the named mistakes are diagnosed where somebody makes them, and how many are given a
wrong name. `python -m layercheck.upkeep.diagnosed [OP...]`

The functions answer in this process, by the questions that a file in their form is asked; that
files come to the same is shown by tests/test_diagnosis.py.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.cases.grids import GRIDS
from layercheck.implementations.functions import answer_once, outputs_alone
from layercheck.implementations.layer import Layer
from layercheck.implementations.protocol import Reply
from layercheck.implementations.submission import SubmittedFile
from layercheck.judging.facts import Facts, near_facts
from layercheck.mistakes import Mistake, mistakes
from layercheck.pipeline.answers import Gathered, Gatherer
from layercheck.pipeline.checks import is_failing
from layercheck.pipeline.explain import explain
from layercheck.pipeline.opinions import second_opinions
from layercheck.pipeline.options import Options
from layercheck.pipeline.outcome import Outcome
from layercheck.pipeline.plan import UNORDINARY, Task
from layercheck.pipeline.subject import Subject
from layercheck.pipeline.verdicts import outcome_of
from layercheck.reporting.records import Diagnosis
from layercheck.reporting.verdict import PASSING
from oracles.oracle import Array, Question

from .planted import COURSE, LOOPS, STYLES, planted

FORMS = ("course", "own")
"""The questions of a file in CS231n's signatures, or in those of the reference layers."""


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
    """The layer of a file in this form, with nobody in it yet."""
    right = next(iter(mistakes([op])))
    if form == "own":
        return Layer(op, op, f"{op}_backward", Planted(right.forward, right.backward))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layers.py"
        path.write_text(planted(right, STYLES[0], form == "course"), encoding="utf-8")
        with SubmittedFile(path) as file:
            return next(layer for layer in file.layers() if layer.op == op)


@cache
def facts_of(case: Case) -> Facts:
    """What a case is judged by."""
    return near_facts(case, case.question)


def diagnoses(planted_layer: Planted, form: str, op: str) -> list[Diagnosis] | None:
    """What is told of a layer's functions; None where nothing of it fails."""
    layer = replace(layer_in(form, op), implementation=planted_layer)
    gatherer = Asker(Subject("layers.py", [layer]), {}, recorded=False)
    cases = [c for c in GRIDS["quick"]([op]) if not layer.refuses(c) and not layer.goes_beyond(c)]
    ordinary = [c for c in cases if c.fill not in UNORDINARY]
    outcomes = [asked(gatherer, Task(layer, case)) for case in ordinary]
    with np.errstate(all="ignore"):
        second_opinions(layer, outcomes)
    if not any(is_failing(c.verdict, PASSING) for o in outcomes for c in o.judged.own):
        return None
    told: list[Diagnosis] = []
    for _, parts in layer.functions():
        told += explain(layer, parts, outcomes, gatherer, Options())
    return told


def asked(gatherer: Gatherer, task: Task) -> Outcome:
    """A case put and judged."""
    gathered = gatherer.ask(task)()
    return outcome_of(gatherer, gathered)


class Asker(Gatherer):
    """Asks in this process."""

    def ask(self, task: Task) -> Callable[[], Gathered]:
        """What a task comes to."""
        reply = task.layer.implementation.answer(task.case)
        return lambda: Gathered(task, facts_of(task.case), reply, {})


@dataclass(frozen=True)
class Told:
    """One mistake in one style and form, and what was told of it.

    came_to: `named`, `wrong name`, `described` by a relation, `condition`, `silent`; `passes` where
    nothing of it shows in this form.
    """

    mistake: str
    style: str
    form: str
    came_to: str
    diagnoses: Sequence[Diagnosis] = ()


def tell(mistake: Mistake, style: str, form: str) -> Told:
    """Plant a mistake, and see what is said."""
    found = diagnoses(in_style(mistake.forward, mistake.backward, style), form, mistake.op)
    came_to = "passes" if found is None else outcome(found, mistake.name)
    return Told(f"{mistake.op} {mistake.name}", style, form, came_to, found or ())


def outcome(found: Sequence[Diagnosis], name: str) -> str:
    """What diagnoses come to for whoever made this mistake."""
    groups = [one.names for one in found if one.kind == "mistake"]
    if any(name not in group for group in groups):
        return "wrong name"
    if groups:
        return "named"
    kinds = {one.kind for one in found}
    return "described" if "relation" in kinds else "condition" if kinds else "silent"


def sweep(ops: Sequence[str] | None, forms: Sequence[str] = FORMS) -> Iterator[Told]:
    """Every mistake in every style and form that there is for its op."""
    for mistake in mistakes(ops):
        for form in forms if mistake.op in COURSE else FORMS[1:]:
            for style in STYLES:
                yield tell(mistake, style, form)


def main(ops: Sequence[str]) -> None:
    """Print what was not named, and how many were."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for told in sweep(ops or None):
        counted[told.form, told.style, told.came_to] += 1
        if told.came_to not in ("named", "passes"):
            texts = "; ".join(f"{d.kind}: {d.names or d.text}" for d in told.diagnoses)
            print(
                f"{told.mistake} ({told.style}, {told.form}): {told.came_to}. {texts}", flush=True
            )
    for key, count in sorted(counted.items()):
        print(*key, count)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(sys.argv[1:])
