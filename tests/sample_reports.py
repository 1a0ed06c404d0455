"""Small reports to show, one of each kind of subject; `large_report.py` has one like a real run's."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from layercheck.pipeline.collect import CLOSEST, FAILURES, Collector, fair_share
from layercheck.pipeline.options import Options
from layercheck.pipeline.subject import Subject
from layercheck.reporting.records import Attributes, Beyond, Check, Comparison, Defect, NotChecked
from layercheck.reporting.report import Manifest, Report, Summary, counts
from layercheck.reporting.terminal import print_report
from layercheck.reporting.verdict import Verdict, worst

SMALL = "conv2d x=1x2x4x3 w=2x2x3x2 stride=2 dtype=float32 fill=normal seed=1"
LARGE = "conv2d x=2x6x9x7 w=5x6x3x2 stride=2 dtype=float32 fill=normal seed=0"
NORM = "batch_norm x=7x6x5x3 gamma=6 beta=6 unbiased_running_var=true dtype=float32 seed=4"

RIGHT: dict[str, Any] = {
    "shape": "2x5x4x3",
    "expected_shape": "2x5x4x3",
    "compared": 120,
    "max_abs": 2.5e-7,
    "max_rel": 3e-6,
    "max_ulp": 12.0,
    "limit_used": 0.25,
    "of_worst": 0.004,
    "needed_tolerance": 1.25e-7,
    "worst_index": (0, 1, 2, 0),
    "got": 0.12345679,
    "expected": 0.12345678,
    "error": 1e-8,
}
"""The numbers of a right float32 answer."""

WRONG: dict[str, Any] = {
    "limit_used": 31234.0,
    "max_abs": 0.625,
    "max_ulp": 4.2e6,
    "needed_tolerance": 0.25,
    "of_worst": 812.0,
    "got": 0.5,
    "expected": 1.0,
    "error": 0.5,
}
"""Those of a wrong one, where they differ."""


def compared(
    case: str = SMALL, array: str = "out", verdict: str = "rounding", **given: Any
) -> Comparison:
    """A comparison with the numbers of a right answer, but for what is given."""
    made = {
        "case": case,
        "op": case.partition(" ")[0],
        "array": array,
        "part": "backward" if array.startswith("d") else "forward",
        "subject": "hw.py",
        "against": "torch",
        "dtype": "float32",
        "verdict": Verdict(verdict),
        **RIGHT,
    }
    return Comparison(**{**made, **given})


def bad(case: str, array: str = "dx", verdict: str = "wrong", **given: Any) -> Comparison:
    """A comparison with the numbers of a wrong one."""
    return compared(case, array, verdict, **{**WRONG, **given})


def unmeasured(case: str, verdict: str, reason: str, **given: Any) -> Comparison:
    """A comparison without any numbers."""
    empty = dict.fromkeys(RIGHT, None) | {"shape": "", "expected_shape": "", "compared": 0}
    array = given.pop("array", "")
    return compared(case, array, verdict, **{**empty, "reason": reason, **given})


def check(target: str, verdict: str, cases: int, failed: int = 0, **given: Any) -> Check:
    """A check in which all cases were compared, but for what is given."""
    found = Verdict(verdict)
    made = {
        "target": target,
        "op": "conv2d",
        "verdict": found,
        "passed": found.passes,
        "cases": cases,
        "compared": cases,
        "failed": failed,
        "replay": "hw.py",
    }
    return Check(**{**made, **given})


def report_of(comparisons: Sequence[Comparison], checks: Sequence[Check], **given: Any) -> Report:
    """The report of these comparisons, kept as a run keeps them."""
    report = Report(**{"subject": "hw.py", "checks": list(checks), **given})
    own = [c for c in comparisons if c.subject == report.subject]
    by_case: dict[str, list[Verdict]] = {c.case: [] for c in comparisons}
    for comparison in own:
        by_case[comparison.case].append(comparison.verdict)
    report.cases.text = list(by_case)
    report.cases.verdict = [str(worst(found)) for found in by_case.values()]
    places = {case: place for place, case in enumerate(by_case)}
    for comparison in comparisons:
        report.comparisons.add(places[comparison.case], comparison)
    report.failures = shared(c for c in own if report.fails(c.verdict))
    report.closest = nearest(c for c in own if not report.fails(c.verdict))
    passed = Collector(Subject(report.subject, []), Options(), report).passed(report)
    verdicts = counts(report.cases.verdict)
    report.summary = Summary(passed, len(by_case), len(comparisons), verdicts)
    return report


def shared(failures: Iterable[Comparison]) -> list[Comparison]:
    """Those that a run keeps in full."""
    groups: dict[tuple[str, str, str], list[Comparison]] = {}
    for c in failures:
        groups.setdefault((c.op, c.array, c.against), []).append(c)
    return fair_share(groups.values(), FAILURES)


def nearest(passing: Iterable[Comparison]) -> list[Comparison]:
    """Of each op those that used most of their limit."""
    groups: dict[str, list[Comparison]] = {}
    for c in passing:
        if c.limit_used is not None:
            groups.setdefault(c.op, []).append(c)
    return [
        c
        for group in groups.values()
        for c in sorted(group, key=lambda c: -(c.limit_used or 0))[:CLOSEST]
    ]


def printed(report: Report, width: int = 100, verbose: bool = False) -> str:
    """What the terminal shows."""
    from rich.console import Console

    file = io.StringIO()
    print_report(report, Console(file=file, width=width, force_terminal=False), verbose)
    return file.getvalue()


# ---------------------------------------------------------------------- small ones


def passing() -> Report:
    """Two cases of one function, all right."""
    return report_of(
        [compared(LARGE), compared(SMALL), compared(SMALL, against="tensorflow")],
        [check("conv2d", "rounding", 2)],
        environment={"numpy": "2.4.1", "exact": {"library": "python-flint", "bits": 200}},
        manifest=Manifest(["torch", "tensorflow"], planned=2, run=2),
    )


def failing() -> Report:
    """A wrong backward beside a right forward, defects known and new, and skips."""
    smallest = bad(SMALL, against="tensorflow")
    report = passing()
    report.manifest.partial = True
    report.manifest.skipped = {"too large": 3, "no int8 here": 1200}
    reason = "one channel, N > 1, output width 1"
    return report_of(
        [
            *(compared(LARGE), compared(SMALL), compared(SMALL, against="tensorflow")),
            *(bad(LARGE), smallest, compared(SMALL, "dw")),
        ],
        [check("conv2d", "rounding", 2), failing_check(smallest)],
        environment=report.environment,
        manifest=report.manifest,
        defects=[
            Defect("torch", LARGE, "garbage", "torch-avx512", reason),
            Defect("torch", SMALL, "garbage", "torch-avx512", reason),
            Defect("tensorflow", SMALL, "the worker died of SIGSEGV"),
        ],
    )


def failing_check(wrong: Comparison, **given: Any) -> Check:
    """The check of `failing` that fails, by this record."""
    arrays = {"arrays_wrong": [wrong.array], "arrays_right": ["dw"]}
    return check("conv2d_backward", "wrong", 2, 2, first_wrong=wrong, **{**arrays, **given})


def failing_with(wrong: Comparison, **given: Any) -> Report:
    """The report `failing`, but for its failing record."""
    checks = [check("conv2d", "rounding", 2), failing_check(wrong, op=wrong.op, **given)]
    kept = failing()
    return report_of([compared(SMALL), wrong], checks, manifest=kept.manifest, defects=kept.defects)


def homework() -> Report:
    """A file of an assignment: every verdict, each with its own record, and what is not checked."""
    subject = "examples/homework/layers_with_mistakes.py"
    slow = bad(NORM, "dx", "inaccurate", reason="right when run in float64: the arithmetic is unstable", subject=subject)  # fmt: skip
    first = bad(SMALL, "out", subject=subject, against="exact", called="padding=0 in place of `same`")  # fmt: skip
    crash = unmeasured(LARGE, "error", "raised: IndexError: index 3 is out of bounds\n  File \"layers.py\", line 12, in conv_backward_naive\n    dx[n, :, i, j] += w[f]", subject=subject, part="backward", against="exact")  # fmt: skip
    unjudged = unmeasured(NORM, "not judged", "its forward raised", subject=subject, part="backward", against="exact")  # fmt: skip
    missing = unmeasured(SMALL, "skipped", "its signature has no dilation", subject=subject, against="exact")  # fmt: skip
    right = compared(LARGE, subject=subject, against="exact")
    beyond = Beyond("padding != 0", 4, 2, replace(first, array="out"))
    shared_by = {"replay": f"{subject} --profile cs231n", "op": "conv2d"}
    norm = {**shared_by, "op": "batch_norm"}
    return report_of(
        [first, crash, slow, unjudged, missing, right],
        [
            check("affine_forward", "rounding", 8, **shared_by),
            check("conv_forward_naive", "wrong", 10, 4, first_wrong=first, arrays_wrong=["out"],
                  note="the bias is added once a channel", **shared_by),
            check("conv_backward_naive", "error", 10, 3, first_wrong=crash, arrays_right=["dw", "db"],
                  compared=9, note="dx is wrong in 4 cases", **shared_by),
            check("spatial_batchnorm_backward", "inaccurate", 12, 1, first_wrong=slow, arrays_wrong=["dx"],
                  arrays_right=["dgamma", "dbeta"], **norm),
            check("batchnorm_backward_alt", "not judged", 12, compared=0, note="its forward raised", **norm),
            check("spatial_groupnorm_forward", "not implemented", 4, compared=0, **norm),
            check("max_pool_forward_naive", "incomplete", 6, compared=4,
                  note="not implemented in 2 of 6 cases: stride > 1", **shared_by),
            check("svm_loss", "convention", 5, note="gradient 0 at a kink, as with kink=0", **shared_by),
            check("conv_forward_fast", "rounding", 5, beyond=beyond, attributes=Attributes(["stride"], ["padding"]),
                  note="beyond the assignment: fails in 2 of 4 cases where padding != 0", **shared_by),
        ],
        subject=subject,
        profile="cs231n",
        environment={"numpy": "2.4.1"},
        manifest=Manifest([], "recorded", "quick", 72, 60, isolation="bubblewrap",
                          skipped={"torch: refuses dilation with padding='same'": 7, "its signature has no dilation": 2}),
        not_checked=[
            NotChecked("rel_error", "no profile knows it; declare it with layercheck.implements"),
            NotChecked("spatial_local_response_norm_backward", "no op of that kind; expected one of: batch_norm, group_norm"),
        ],
    )  # fmt: skip
