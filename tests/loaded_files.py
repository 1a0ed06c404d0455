"""Files read by the profiles and run in this process, for the tests of profiles."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from layercheck.cases.case import Case
from layercheck.implementations.promoted import promoted
from layercheck.implementations.protocol import Answer
from layercheck.judging.drawn import facts_as_drawn
from layercheck.judging.facts import facts
from layercheck.judging.in_norm import second_chance
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import PASSING
from layercheck.submissions.expressible import expressible
from layercheck.submissions.profiles import (
    notebooks,
    running,
)
from layercheck.submissions.profiles import reading as profile_reading
from layercheck.submissions.profiles.call import Call
from layercheck.submissions.profiles.inventory import File
from layercheck.submissions.profiles.reading import Reading
from layercheck.submissions.profiles.target import Target

ROOT = Path(__file__).parents[1]
HOMEWORK = ROOT / "examples" / "homework" / "layers.py"
MISTAKES = ROOT / "examples" / "homework" / "layers_with_mistakes.py"


class Submission:
    """A source with what its profiles find in it, loaded in this process."""

    def __init__(self, source: str, name: str = "layers.py", profile: str = "", **table: Any):
        self.reading: Reading = profile_reading.read(source, name, profile, table)
        self.namespace: Mapping[str, Any] = running.load(source, name)

    @property
    def targets(self) -> list[Target]:
        return [found.target for found in self.reading.found]

    def target(self, name: str) -> Target:
        return next(t for t in self.targets if name in (t.forward, t.backward))

    def ask(self, target: Target, case: Case) -> tuple[dict[str, Any], Call]:
        """What comes back of a forward and perhaps a backward, and the call as it is afterwards."""
        inputs = {name: value.copy() for name, value in case.inputs.items()}
        dout = case.question.dout.copy() if has_gradient(target, case) else None
        call = Call(case.op, inputs, case.all_attributes, None if dout is None else dout.shape)
        profile = next(f.profile for f in self.reading.found if f.target is target)
        with np.errstate(all="ignore"):
            session = profile.open_session(self.namespace, call, target)
            answer = dict(session.forward())
            if dout is not None:
                answer |= session.backward(dout)
        session.call.settle()
        return answer, session.call

    def compare(self, target: Target, case: Case) -> list[Comparison]:
        answer, call = self.ask(target, case)
        for name, value in case.inputs.items():
            np.testing.assert_array_equal(call.inputs[name], value, f"{name} was changed")
        for array in promoted(answer, case.question):
            answer[array] = answer[array].astype(case.dtype)
        told = Answer(answer, misfits=call.misfits)
        drawn = case.op == "dropout" and case.all_attributes["training"]
        own = drawn and "mask" not in case.shapes
        known = facts_as_drawn(case, told) if own else facts(case)
        comparisons = [second_chance(known, c, told) for c in known.compare_all("submission", told)]
        return [c for c in comparisons if has_gradient(target, case) or c.part == "forward"]


def has_gradient(target: Target, case: Case) -> bool:
    return bool(target.backward) and target.takes.has_gradient(case.all_attributes)


def read(path: Path) -> Submission:
    source = notebooks.source_of(path) if path.suffix == ".ipynb" else path.read_text()
    return Submission(source, path.name)


def failures(submission: Submission, target: Target, count: int) -> dict[str, Comparison]:
    """The functions that fail, with one comparison that shows it."""
    cases = expressible(target.op, target.takes, count)
    assert cases, f"no case for {target.forward}"
    found = {}
    for case in cases:
        for comparison in submission.compare(target, case):
            if comparison.verdict not in PASSING:
                of_gradient = comparison.part == "backward"
                found[target.backward if of_gradient else target.forward] = comparison
    return found


def file_of(text: str, table: Mapping[str, Any] | None = None) -> File:
    return File(ast.parse(text), text, table or {})
