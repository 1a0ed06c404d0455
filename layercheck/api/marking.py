"""The points of one function of a notebook: what tests and cells of grading platforms ask for."""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from layercheck.errors import UsageError
from layercheck.implementations.given.namespace import NAME, read_namespace
from layercheck.implementations.given.subject import Given
from layercheck.pipeline import run
from layercheck.pipeline.classroom.required import assigned
from layercheck.pipeline.options import Options
from layercheck.reporting.classroom.grading import NOT_IN_FILE, mark_of
from layercheck.reporting.classroom.platforms.told import of_mark
from layercheck.reporting.classroom.records import MISSING, Checked, Mark, Required
from layercheck.reporting.formats.json import plain_report
from layercheck.reporting.hints import HINTS
from layercheck.reporting.report import Report
from layercheck.reporting.terminal.functions import print_function

from .report import printed
from .told import one_of

WIDTH = 100
EXPECTED = "expected a function of that name, defined before it is asked for by a cell that runs"


@dataclass(frozen=True)
class Marked(Mark):
    """What a namespace has of one function: `passed`, `points` of `most`, `verdict`, `reasons`.

    text: what the terminal says of the function.
    """

    text: str = ""


def mark(
    namespace: Mapping[str, Any],
    function: str,
    points: float = 1.0,
    *,
    partial: bool = False,
    tell: str = "full",
    strict: bool = False,
) -> Marked:
    """The points that a function of a namespace gets, as `layercheck grade` gives them.

    namespace: a notebook's `globals()` · function: its name; of a method `"ReLU.forward"` ·
    points: to be got · partial: whether one that fails gets the share of its cases that pass ·
    tell: how much of why it fails, as `--hints` · strict: as on the command line. What the function
    prints and warns of is left out. It runs in this process, in no sandbox: what else stands in the
    namespace may change what is told.

    >>> import layercheck
    >>> marked = layercheck.mark({}, "relu_forward", 3)
    >>> marked.verdict, marked.points, marked.most
    ('missing', 0.0, 3.0)
    """
    one_of("tell", tell, HINTS)
    options = Options(ops=(f"{function}()",), every=True, hints=tell, strict=strict)
    asked = {name: one for name, one in assigned().items() if name == function}
    required = Required({function: float(points)}, partial, asked)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        report, checked = checked_in(namespace, function, options)
    made = mark_of(function, [checked], required)
    return Marked(**vars(made), text=text_of(made, report))


def checked_in(
    namespace: Mapping[str, Any], function: str, options: Options
) -> tuple[Report | None, Checked]:
    """The report on a function of a namespace, in the place of one on a file; none where the
    function is not there, or cannot be asked."""
    read = read_namespace(namespace)
    names = {n for one in read.told.found for n in (one.target.forward, one.target.backward)}
    if function not in names:
        why = {name: text for name, text in read.not_checked.items() if name == function}
        return None, Checked(NAME, unasked=why)
    subject = Given(NAME, lambda strict: (read.layers(strict), None), read.not_checked)
    try:
        report = run.check(subject, options)
    except UsageError as error:
        return None, Checked(NAME, unasked={function: str(error)})
    return report, Checked(NAME, plain_report(report))


def text_of(made: Mark, report: Report | None) -> str:
    """What the terminal says of the function; of one that is not there, or is refused, why."""
    checks = [] if report is None else [c for c in report.checks if c.target == made.function]
    if checks and checks[0].verdict.value == made.verdict:
        return printed(lambda console: print_function(checks[0], made.function, console), WIDTH)
    if made.verdict == MISSING and all(why.startswith(NOT_IN_FILE) for why in made.reasons):
        return f"{made.function} is not there; {EXPECTED}"
    return f"{made.function}: {of_mark(made)}"
