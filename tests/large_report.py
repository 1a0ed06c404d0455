"""A report such as a real run leaves: some ops, three oracles, some failures of all kinds."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from sample_reports import LARGE, SMALL, bad, check, compared, report_of, unmeasured

from layercheck.reporting.records import Check, Comparison, Defect
from layercheck.reporting.report import Manifest, Report
from layercheck.reporting.verdict import Verdict, worst

OPS = {
    "conv2d": "x=2x6x9x7 w=5x6x3x2 b=5 stride=2 padding=1:0,0:1",
    "conv2d_transpose": "x=2x3x5x4 w=3x4x3x2 stride=2 output_padding=1",
    "max_pool": "x=2x6x9x7 kernel=3,2 stride=2",
    "batch_norm": "x=7x6x5x3 gamma=6 beta=6 unbiased_running_var=true",
    "softmax_cross_entropy": "logits=64x10 labels=64",
    "group_norm": "x=3x12x5x4 gamma=12 beta=12 groups=4",
}


def large(cases: int, seed: int = 7) -> Report:
    """A report such as a real run leaves: some ops, three oracles, some failures of all kinds."""
    draw = random.Random(seed)
    subject = "homework.layers"
    comparisons = [
        replace(drawn(f"{op} {given} seed={n}", array, against, draw), subject=subject)
        for op, given in OPS.items()
        for n in range(cases)
        for array in ("out", "dx", "dw")
        for against in ("torch", "tensorflow", "exact")
        if not (op == "softmax_cross_entropy" and against == "tensorflow")
    ]
    known = "torch-conv2d-avx512-garbage", "float32 conv2d with one channel, N > 1 on AVX-512"
    report = report_of(
        comparisons,
        [check_of(op, [c for c in comparisons if c.op == op]) for op in OPS],
        subject=subject,
        environment={
            **{"python": "3.11.7", "numpy": "2.4.1", "torch": "2.13.0", "tensorflow": "2.21.0"},
            **{"processor": "Intel Xeon Platinum 8481C, AVX-512", "system": "Linux 6.1"},
            "exact": {"library": "python-flint 0.8", "bits": 200},
        },
        manifest=Manifest(
            ["torch", "tensorflow"], grid="standard", planned=cases * len(OPS), run=cases * len(OPS),
            skipped={"tensorflow: max_pool has no dilation": 212, "torch: no float16 here": 36},
        ),
        defects=[Defect("torch", LARGE, "limit used 2.1e6", *known)] * 14
        + [Defect("tensorflow", SMALL, "the worker died of SIGFPE: max_pool, window of 0 columns")],
    )  # fmt: skip
    lengths = {"out": (6, 36, 288), "dx": (1, 18, 90), "dw": (64, 3136, 100_352)}
    for text in report.cases.text:
        if text.startswith("conv2d "):
            report.cases.add_terms("conv2d", {a: draw.choice(n) for a, n in lengths.items()})
    return report


def check_of(op: str, comparisons: Sequence[Comparison]) -> Check:
    """The check of one op over its comparisons."""
    by_case: dict[str, list[Verdict]] = {}
    for comparison in comparisons:
        by_case.setdefault(comparison.case, []).append(comparison.verdict)
    verdicts = [worst(found) for found in by_case.values()]
    verdict = worst(verdicts)
    first = next((c for c in comparisons if c.verdict is verdict and verdict.fails), None)
    wrong = list(dict.fromkeys(c.array for c in comparisons if c.verdict.fails))
    right = [name for name in ("out", "dx", "dw") if name not in wrong]
    return check(
        op, str(verdict), len(by_case), sum(v.fails for v in verdicts), op=op, first_wrong=first,
        arrays_wrong=wrong, arrays_right=right, replay="homework.layers",
    )  # fmt: skip


def drawn(case: str, array: str, against: str, draw: random.Random) -> Comparison:
    """One comparison, as chance has it for its op."""
    op, chance = case.partition(" ")[0], draw.random()
    used = min(10 ** draw.gauss(-1.2, 0.4), 0.97)
    figures = {"against": against, "limit_used": used, "of_worst": used / 90}
    none = dict.fromkeys(("limit_used", "max_abs", "max_rel", "max_ulp", "of_worst", "error"), 0.0)
    if op == "max_pool":
        return compared(case, array, "exact", against=against, needed_tolerance=0.0, **none)
    if op == "conv2d" and array == "dx" and chance < 0.3:
        return bad(case, array, against=against, limit_used=10 ** draw.gauss(4, 1))
    if op == "batch_norm" and array == "dx" and chance < 0.02:
        reason = "one-pass variance: right in float64"
        return bad(case, array, "inaccurate", against=against, limit_used=3.3, reason=reason)
    if op == "group_norm" and array == "dw" and chance < 0.01:
        shapes = {"shape": "12", "expected_shape": "12x1", "array": array, "part": "backward"}
        return unmeasured(
            case, "error", "shape: got (12,), expected (12, 1)", against=against, **shapes
        )
    if op == "conv2d_transpose" and chance < 0.05:
        return compared(case, array, "convention", reason="output_padding as in torch", **figures)
    return compared(case, array, **figures)
