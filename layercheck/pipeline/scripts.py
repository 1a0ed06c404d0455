"""`layercheck replay --script`: what a layer did at a case, as a script."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from layercheck.diagnosis.elements import differing
from layercheck.diagnosis.script.found import find
from layercheck.diagnosis.script.text import Failing, script
from layercheck.errors import UsageError
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import CHANGED_INPUTS, Answer
from layercheck.implementations.submission import Submitted
from layercheck.implementations.trace import Trace, trace_of_functions
from layercheck.processes.death import ChildDied
from layercheck.reporting.records import Comparison

from .outcome import Outcome, is_misfit

NOTEBOOK = ".ipynb"


def script_of(outcome: Outcome, shown: Comparison | None, spec: str, place: Path) -> str:
    """The text of the script; raises UsageError where there is nothing to show, or no way to.

    shown: the failing record · spec: the subject · place: where the script will lie.
    """
    if shown is None:
        raise UsageError("--script: nothing fails here, so that a script would show nothing")
    if spec.lower().endswith(NOTEBOOK):
        raise UsageError("--script: a script cannot call a notebook; save its cells as a .py file")
    case, known = outcome.task.case, outcome.gathered.facts
    trace = traced(outcome)
    names = {**case.inputs, "dout": case.question.dout}
    last = len(trace.calls) - 1
    if not shown.array or (shown.array in case.inputs and CHANGED_INPUTS in shown.reason):
        if not shown.array and not any(call.raised for call in trace.calls):
            raise UsageError(f"--script: what fails is no array ({shown.reason}); see --full")
        return script(Failing(str(case), trace, last, names, shown.array), spec, place)
    if differing(known, outcome.answer or Answer({}), shown.array) is None and not is_misfit(shown):
        raise UsageError(f"--script: no number is wrong by itself ({shown.reason}); see --full")
    found = find(trace, shown.array, case.question.dout)
    expected, limit = known.truth.arrays[shown.array], known.bounds[shown.array].limit
    if expected.dtype.kind == "f":
        expected = expected.astype(case.dtype)
        limit = limit + np.abs(expected.astype(np.float64)) * np.finfo(case.dtype).eps / 2
    failing = Failing(str(case), trace, found.call, names, shown.array, expected, limit, found)
    return script(failing, spec, place)


def traced(outcome: Outcome) -> Trace:
    """The calls, made once more."""
    layer, case = outcome.task.layer, outcome.task.case
    implementation = layer.implementation
    if isinstance(implementation, Submitted):
        try:
            return implementation.trace(case)
        except ChildDied as died:
            raise UsageError(f"--script: its process died ({died}); a script would, too") from None
    reply = implementation.answer(case)
    if isinstance(implementation, Module) and isinstance(reply, Answer):
        question = case.question.without(implementation.takes[case.op].fixed)
        return trace_of_functions(question, reply)
    raise UsageError("--script is for files and modules; an oracle is asked in its own process")
