"""What a report counts, when it passes, and which record of a check it shows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from sample_reports import LARGE, SMALL, bad, compared, passing, printed, report_of

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer
from layercheck.judging.facts import facts
from layercheck.judging.judge import Judged
from layercheck.pipeline.answers import Gathered, Gatherer
from layercheck.pipeline.checks import CUT, FunctionCheck
from layercheck.pipeline.collect import Collector, begun
from layercheck.pipeline.layers import judge_layer
from layercheck.pipeline.options import Options
from layercheck.pipeline.outcome import Outcome, signed
from layercheck.pipeline.plan import Plan, Task
from layercheck.pipeline.subject import Subject
from layercheck.reporting.fields import VERDICTS
from layercheck.reporting.formats import html
from layercheck.reporting.records import Comparison, Defect
from layercheck.reporting.report import Report, counts
from layercheck.reporting.rows import rows
from layercheck.reporting.verdict import PASSING, Verdict, all_pass, worst

LAYER = next(layer for layer in Module("ref_layers").layers() if layer.op == "conv2d")


def outcome_of(case: Case, own: list[Comparison]) -> Outcome:
    """A case that came to this."""
    return Outcome(Gathered(Task(LAYER, case), facts(case), Answer({}), {}), Judged(case, own))


def checked(comparisons: list[Comparison], **given: Any) -> FunctionCheck:
    """The check of a backward that came to this, one task a case."""
    made = {"target": "conv2d_backward", "op": "conv2d", "passing": PASSING}
    function = FunctionCheck(**{**made, "may_refuse": False, "replay": "hw.py", **given})
    function.begin(LAYER, ("backward",))
    for text in dict.fromkeys(c.case for c in comparisons):
        own = [c for c in comparisons if c.case == text]
        case = parse(text)
        function.add(outcome_of(case, own), ("backward",))
    return function


def finished(checks: list[FunctionCheck]) -> Report:
    """The report of a run with these checks, which the pipeline's own collector makes."""
    collector = Collector(Subject("hw.py", []), Options(), Report("hw.py"))
    collector.checks = {one.target: one for one in checks}
    return collector.finish({}, partial=False)


# ---------------------------------------------------------------------- counts


def test_a_row_for_each_op_and_oracle_counts_cases_not_arrays() -> None:
    wrong = [bad(LARGE), bad(SMALL, against="tensorflow"), compared(SMALL, "dw")]
    right = [compared(LARGE), compared(SMALL), compared(SMALL, against="tensorflow")]
    torch, tensorflow = rows(report_of([*right, *wrong], []))
    assert (torch.against, torch.cases, torch.failed) == ("torch", 2, 1)
    assert (tensorflow.against, tensorflow.cases, tensorflow.failed) == ("tensorflow", 1, 1)
    assert torch.verdicts == {**dict.fromkeys(VERDICTS, 0), "rounding": 1, "wrong": 1}
    assert torch.worst is Verdict.WRONG
    figures = (torch.limit_used, torch.max_ulp, torch.needed_tolerance)
    assert figures == (31200.0, 4.2e6, 0.25)  # columns keep three digits


def test_a_row_takes_what_is_no_number_for_the_largest() -> None:
    nan, inf = float("nan"), float("inf")
    wrong = [bad(SMALL, limit_used=inf), bad(SMALL, "dw", limit_used=nan), bad(SMALL, "db")]
    (row,) = rows(report_of(wrong, []))
    assert str(row.limit_used) == "nan"


def test_rows_leave_out_comparisons_of_oracles_with_each_other() -> None:
    own = [compared(LARGE), compared(SMALL), compared(SMALL, against="tensorflow")]
    report = report_of([*own, bad(SMALL, subject="tensorflow", against="exact")], [])
    assert [row.against for row in rows(report)] == ["torch", "tensorflow"]
    assert rows(report) == rows(passing())
    assert [entry.subject for entry in report.entries(of_subject=False)][-1] == "tensorflow"


def test_counts_name_every_verdict_from_best_to_worst() -> None:
    assert list(counts(["wrong", "exact", "wrong"])) == list(VERDICTS)
    assert counts(["wrong", "exact", "wrong"])["wrong"] == 2


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (["exact", "rounding"], "rounding"),
        (["wrong", "exact"], "wrong"),
        (["error", "wrong", "exact"], "error"),
        (["skipped", "exact"], "exact"),
        (["not judged", "exact"], "exact"),
        (["skipped", "not judged"], "not judged"),
        (["incomplete", "inaccurate", "not implemented"], "incomplete"),
        (["skipped"], "skipped"),
        ([], "skipped"),
    ],
)
def test_the_worst_verdict_is_silent_only_if_nothing_else_is(
    verdicts: list[str], expected: str
) -> None:
    assert worst(map(Verdict, verdicts)) is Verdict(expected)


@pytest.mark.parametrize(
    ("verdicts", "passes"),
    [([], False), (["skipped"], False), (["skipped", "exact"], True), (["exact", "wrong"], False),
     (["not judged"], False), (["exact", "inaccurate"], False), (["convention", "exact"], True)],
)  # fmt: skip
def test_comparisons_pass_only_if_something_was_compared(verdicts: list[str], passes: bool) -> None:
    assert all_pass(map(Verdict, verdicts)) is passes


# ---------------------------------------------------------------------- passed


def skipped_check(may_refuse: bool) -> FunctionCheck:
    skipped = compared(SMALL, "", "skipped", part="backward", reason="too large", compared=0)
    return checked([skipped], may_refuse=may_refuse)


@pytest.mark.parametrize(
    "checks",
    [[], [skipped_check(False)], [skipped_check(True)]],
    ids=["no check", "all skipped", "all refused by an oracle"],
)
def test_a_report_with_nothing_compared_is_not_passed(checks: list[FunctionCheck]) -> None:
    report = finished(checks)
    assert not report.passed
    assert printed(report).splitlines()[-1].startswith("FAILED: ")
    assert "× Failed" in html.render(report)


def test_a_report_with_all_compared_and_right_is_passed() -> None:
    assert finished([checked([compared(SMALL, "dx")])]).passed


def test_a_new_defect_fails_the_report_and_a_known_one_does_not() -> None:
    made = passing()
    known = Defect("torch", SMALL, "garbage", known="torch-avx512")
    right = [compared(LARGE), compared(SMALL)]
    report = report_of(right, made.checks, defects=[known])
    assert report.passed
    report = report_of(right, made.checks, defects=[known, Defect("torch", SMALL, "garbage")])
    assert not report.passed
    assert "FAILED: 1 new defect; 2 cases" in printed(report)


@pytest.mark.parametrize(
    ("options", "inaccurate", "convention"),
    [({}, True, False), ({"allow": ("inaccurate",)}, False, False), ({"strict": True}, True, True)],
)
def test_a_report_fails_what_its_options_fail(
    options: dict[str, Any], inaccurate: bool, convention: bool
) -> None:
    subject, plan = Subject("hw.py", []), Plan("quick", [], [])
    report = begun(subject, Options(**options), plan, recorded=True, oracles=[])
    assert report.passing == Options(**options).passing
    assert report.fails(Verdict.INACCURATE) is inaccurate
    assert report.fails(Verdict.CONVENTION) is convention
    assert not report.fails(Verdict.SKIPPED)


def test_what_was_judged_before_an_interruption_is_kept() -> None:
    """In the middle of a layer too."""
    cases = [parse(f"conv2d x=1x2x4x3 w=2x2x3x2 seed={seed}") for seed in range(3)]
    gatherer = Gatherer(Subject("ref_layers", [LAYER], Module("ref_layers")), {}, recorded=False)

    def interrupted() -> Iterator[Gathered]:
        yield from islice(gatherer.gather(Task(LAYER, case) for case in cases), 2)
        raise KeyboardInterrupt

    outcomes: list[Outcome] = []
    try:
        for outcome in judge_layer(LAYER, gatherer, interrupted(), lambda judged: None):
            outcomes.append(outcome)  # noqa: PERF402 (one by one: the last one raises)
    except KeyboardInterrupt:
        outcomes.append(outcome_of(cases[2], []))  # it is told on
    assert len(outcomes) == 3
    outcomes.pop()
    assert [outcome.task.case for outcome in outcomes] == cases[:2]
    assert all(outcome.judged.verdict.passes for outcome in outcomes)


def test_a_run_that_was_cut_off_before_any_case_blames_no_signature() -> None:
    check = FunctionCheck("relu", "relu", passing=PASSING, may_refuse=False, replay="")
    check.is_cut = True
    assert check.all_notes(Verdict.INCOMPLETE) == [CUT]


# ---------------------------------------------------------------------- the failing record


@pytest.mark.parametrize("order", [1, -1])
def test_the_failing_record_is_of_the_case_with_the_fewest_numbers(order: int) -> None:
    """Whichever was met first."""
    function = checked([bad(LARGE), bad(SMALL, against="tensorflow")][::order])
    assert function.finish().first_wrong == signed(bad(SMALL, against="tensorflow"), LAYER)


def test_the_failing_record_has_the_verdict_of_its_check() -> None:
    """A smaller case with a milder verdict is not shown in its place."""
    raised = bad(LARGE, "", "error", part="backward", reason="raised: ValueError")
    made = checked([bad(SMALL), raised]).finish()
    assert made.verdict is Verdict.ERROR
    assert made.first_wrong == signed(raised, LAYER)


def test_a_check_names_the_arrays_that_fail_and_those_that_were_compared_and_do_not() -> None:
    skipped = compared(SMALL, "db", "skipped", compared=0, reason="no elements")
    made = checked([bad(SMALL), compared(SMALL, "dw"), skipped, compared(LARGE, "dx")]).finish()
    assert (made.arrays_wrong, made.arrays_right) == (["dx"], ["dw"])
    assert (made.cases, made.compared, made.failed) == (2, 2, 1)
    assert made.verdicts == {"rounding": 1, "wrong": 1}


def test_a_failing_check_is_shown_by_a_record_of_its_own_part() -> None:
    """The forward's wrong values come first in the case, and are not the backward's."""
    made = checked([bad(SMALL, "out", limit_used=1e9), bad(SMALL)]).finish()
    assert (made.first_wrong, made.arrays_wrong) == (signed(bad(SMALL), LAYER), ["dx"])


# ---------------------------------------------------------------------- what it needs

IMPORTS = """
import importlib, pkgutil, sys
import layercheck.reporting as package
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
ours = [n for n in sys.modules if n.startswith("layercheck.") and ".reporting" not in n]
ours = [n for n in ours if n != "layercheck.errors"]  # which imports nothing of ours
others = {"rich", "jinja2", "numpy", "oracles", "ref_layers", "pydantic"} & set(sys.modules)
print(sorted(ours), sorted(others))
"""


def test_importing_all_of_reporting_imports_neither_rich_nor_jinja2_nor_an_engine() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[] []"
