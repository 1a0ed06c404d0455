"""The reports: what they count, what they say, and that no text they are given breaks them."""

from __future__ import annotations

import dataclasses
import io
import json
import math
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from reports.histogram import histogram
from reports.json_report import read_json, schema, write_json
from reports.report import (
    VERDICTS,
    Check,
    Comparison,
    Defect,
    Report,
    counts,
    worst_verdict,
)
from reports.terminal import print_report

from reports import html, words

ROOT = Path(__file__).parents[1]
SMALL = "conv2d x=1x2x4x3 w=2x2x3x2 stride=2 dtype=float32 fill=normal seed=1"
LARGE = "conv2d x=2x6x9x7 w=5x6x3x2 stride=2 dtype=float32 fill=normal seed=0"


def compared(case: str = SMALL, array: str = "out", verdict: str = "rounding", **fields: Any):
    """A comparison with the numbers of a right float32 answer, but for what is given."""
    made = {
        "case": case, "op": case.partition(" ")[0], "array": array, "subject": "hw.py",
        "against": "torch", "dtype": "float32", "verdict": verdict, "shape": "2x5x4x3",
        "expected_shape": "2x5x4x3", "compared": 120, "max_abs": 2.5e-7, "max_rel": 3e-6,
        "max_ulp": 12.0, "headroom": 0.25, "of_worst": 0.004, "needed_tolerance": 1.25e-7,
        "worst_index": (0, 1, 2, 0), "got": 0.12345679, "expected": 0.12345678,
    }  # fmt: skip
    return Comparison(**{**made, **fields})


def bad(case: str, array: str = "dx", verdict: str = "wrong", **fields: Any) -> Comparison:
    wrong = {
        "headroom": 31234.0, "max_abs": 0.5, "max_ulp": 4.2e6, "needed_tolerance": 0.25,
        "of_worst": 812.0, "got": 0.5, "expected": 1.0,
    }  # fmt: skip
    return compared(case, array, verdict, **{**wrong, **fields})


def passing() -> Report:
    comparisons = [compared(LARGE), compared(SMALL), compared(SMALL, against="tensorflow")]
    return Report(
        subject="hw.py",
        environment={"numpy": "2.4.1", "exact": {"library": "python-flint", "bits": 200}},
        manifest={"planned": 2, "run": 2, "skipped": {}, "partial": False},
        checks=[Check("conv2d", "conv2d", "rounding", 2, 0)],
        comparisons=comparisons,
        case_verdicts={LARGE: "rounding", SMALL: "rounding"},
    )


def failing() -> Report:
    report = passing()
    first = bad(LARGE)
    report.comparisons += [first, bad(SMALL, against="tensorflow"), compared(SMALL, "dw")]
    report.checks = [Check("conv2d_backward", "conv2d", "wrong", 2, 2, first)]
    report.case_verdicts = {LARGE: "wrong", SMALL: "wrong"}
    report.manifest |= {"partial": True, "skipped": {"no int8 here": 1200, "too large": 3}}
    report.defects = [
        Defect("torch", LARGE, "garbage", "torch-avx512", "one channel, N > 1, output width 1"),
        Defect("torch", SMALL, "garbage", "torch-avx512", "one channel, N > 1, output width 1"),
        Defect("tensorflow", SMALL, "the worker died of SIGSEGV"),
    ]
    return report


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
    report = Report(
        subject="homework/layers.py",
        environment={
            "python": "3.11.7", "numpy": "2.4.1", "torch": "2.13.0", "tensorflow": "2.21.0",
            "processor": "Intel Xeon Platinum 8481C, AVX-512", "system": "Linux 6.1",
            "exact": {"library": "python-flint 0.8", "bits": 200},
        },
        manifest={
            "planned": cases * len(OPS), "run": cases * len(OPS), "grid": "standard",
            "oracles": ["torch", "tensorflow", "exact"], "partial": False,
            "skipped": {
                "tensorflow: max_pool has no dilation": 212,
                "torch: softmax_cross_entropy has no float16 on this processor": 36,
            },
        },
        defects=[
            Defect("torch", LARGE, "headroom 2.1e6", "torch-conv2d-avx512-garbage",
                   "float32 conv2d with one channel, N > 1, output width 1 on AVX-512")] * 14
        + [Defect("tensorflow", SMALL, "the worker died of SIGFPE: max_pool, window of 0 columns")],
    )  # fmt: skip
    for op, attributes in OPS.items():
        add_op(report, op, attributes, cases, draw)
    return report


def add_op(report: Report, op: str, attributes: str, cases: int, draw: random.Random) -> None:
    cases_of_op = [f"{op} {attributes} dtype=float32 fill=normal seed={n}" for n in range(cases)]
    made = [
        dataclasses.replace(drawn(case, array, against, draw), subject=report.subject)
        for case in cases_of_op
        for array in ("out", "dx", "dw")
        for against in ("torch", "tensorflow", "exact")
        if not (op == "softmax_cross_entropy" and against == "tensorflow")
    ]
    verdicts: dict[str, list[str]] = {}
    for comparison in made:
        verdicts.setdefault(comparison.case, []).append(comparison.verdict)
    of_cases = {case: worst_verdict(found) for case, found in verdicts.items()}
    failed = [c for c in made if not c.passed]
    failed_cases = len({c.case for c in failed})
    worst = worst_verdict(of_cases.values())
    report.checks.append(Check(op, op, worst, cases, failed_cases, next(iter(failed), None)))
    report.comparisons += made
    report.case_verdicts |= of_cases


def drawn(case: str, array: str, against: str, draw: random.Random) -> Comparison:
    op, chance = case.partition(" ")[0], draw.random()
    headroom = 10 ** draw.gauss(-1.2, 0.4)
    numbers = {"against": against, "headroom": min(headroom, 0.97), "of_worst": headroom / 90}
    if op == "max_pool":
        return compared(case, array, "exact", against=against, headroom=0.0, max_abs=0.0,
                        max_rel=0.0, max_ulp=0.0, of_worst=0.0, needed_tolerance=0.0)  # fmt: skip
    if op == "conv2d" and array == "dx" and chance < 0.3:
        return bad(case, array, against=against, headroom=10 ** draw.gauss(4, 1))
    if op == "batch_norm" and array == "dx" and chance < 0.02:
        return bad(case, array, "inaccurate", against=against, headroom=3.3, of_worst=0.4,
                   reason="one-pass variance: right in float64")  # fmt: skip
    if op == "group_norm" and array == "dw" and chance < 0.01:
        reason = "shape: got (12,), expected (12, 1)"
        return Comparison(case, op, array, "", against, "float32", "error", reason, "12", "12x1")
    if op == "conv2d_transpose" and chance < 0.05:
        return compared(case, array, "convention", reason="output_padding as in torch", **numbers)
    return compared(case, array, **numbers)


def printed(report: Report, width: int = 100, verbose: bool = False) -> str:
    from rich.console import Console

    file = io.StringIO()
    print_report(report, Console(file=file, width=width, force_terminal=False), verbose)
    return file.getvalue()


# the data


def test_a_row_for_each_op_and_oracle_counts_cases_not_arrays() -> None:
    torch, tensorflow = failing().rows()
    assert (torch.against, torch.cases, tensorflow.against, tensorflow.cases) == (
        "torch", 2, "tensorflow", 1,
    )  # fmt: skip
    assert torch.verdicts == {**dict.fromkeys(VERDICTS, 0), "rounding": 1, "wrong": 1}
    assert (torch.headroom, torch.max_ulp, torch.needed_tolerance) == (31234.0, 4.2e6, 0.25)


def test_rows_leave_out_comparisons_of_oracles_with_each_other() -> None:
    report = passing()
    report.comparisons.append(bad(SMALL, subject="tensorflow", against="exact"))
    assert [row.against for row in report.rows()] == ["torch", "tensorflow"]
    assert report.rows() == passing().rows()


def test_counts_name_every_verdict_from_best_to_worst() -> None:
    assert list(counts(["wrong", "exact", "wrong"])) == list(VERDICTS)
    assert counts(["wrong", "exact", "wrong"])["wrong"] == 2


@pytest.mark.parametrize(
    ("found", "worst"),
    [
        (["exact", "rounding"], "rounding"),
        (["wrong", "exact"], "wrong"),
        (["error", "wrong", "exact"], "error"),
        (["skipped", "exact"], "exact"),
        (["skipped"], "skipped"),
        ([], "skipped"),
    ],
)
def test_the_worst_verdict_is_skipped_only_if_nothing_else_is(found: list[str], worst: str) -> None:
    assert worst_verdict(found) == worst


@pytest.mark.parametrize(
    "checks", [[], [Check("conv2d", "conv2d", "skipped", 0, 0)]], ids=["no check", "all skipped"]
)
def test_a_report_with_nothing_compared_is_not_passed(checks: list[Check]) -> None:
    report = Report("hw.py", checks=checks)
    assert not report.passed
    assert printed(report).splitlines()[-1].startswith("FAILED: ")
    assert "× Failed" in html.html_text(report)


def test_a_new_defect_fails_the_report_and_a_known_one_does_not() -> None:
    report = passing()
    report.defects = [Defect("torch", SMALL, "garbage", known="torch-avx512")]
    assert report.passed
    report.defects.append(Defect("torch", SMALL, "garbage"))
    assert not report.passed
    assert "FAILED: 1 new defect; 2 cases" in printed(report)


def test_importing_reports_imports_neither_rich_nor_jinja2_nor_an_engine() -> None:
    code = (
        "import sys, reports, reports.terminal, reports.html, reports.json_report\n"
        "names = {'rich', 'jinja2', 'numpy', 'layercheck', 'oracles', 'ref_layers'}\n"
        "print(sorted(names & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert done.stdout.strip() == "[]"


# words


def test_the_smallest_failure_is_not_the_first_but_the_one_with_the_fewest_numbers() -> None:
    report = failing()
    smallest = words.smallest_failure(report, report.checks[0])
    assert smallest is not None
    assert (smallest.case, report.checks[0].first_wrong.case) == (SMALL, LARGE)  # type: ignore[union-attr]


def test_the_pattern_names_the_arrays_that_fail_and_those_that_pass() -> None:
    report = failing()
    assert words.pattern(report, report.checks[0]) == (
        "fails in 2 of 2 cases, in dx; out and dw pass"
    )


def test_values_are_told_with_enough_digits_to_differ() -> None:
    told = words.values_at_worst(compared(dtype="float64", got=1.0, expected=1.0000000000000002))
    assert told == "got 1, expected 1.0000000000000002 at [0, 1, 2, 0]"


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "·"), (0.0, "0"), (1e22, "1e22"), (1234.0, "1.23e3"), (-0.5, "-0.5"),
     (math.inf, "inf"), (math.nan, "nan"), (5e-324, "4.94e-324")],
)  # fmt: skip
def test_numbers_are_short(value: float | None, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize("case", ['a "b" $(rm) `c`', "a'b", "plain x=1x2"])
def test_a_replay_line_reaches_the_shell_as_it_was_meant(case: str) -> None:
    import shlex

    line = words.replay_line(case, "my home/hw.py")
    assert shlex.split(line) == ["layercheck", "replay", case, "my home/hw.py"]


# JSON


def test_json_round_trips_and_fits_its_schema(tmp_path: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    report = failing()
    report.comparisons += [
        bad(SMALL, max_abs=math.inf, got=-math.inf, headroom=math.nan, expected=math.nan),
        Comparison(SMALL, "conv2d", "db", "hw.py", "torch", "float32", "error", reason="raised"),
    ]
    write_json(report, tmp_path / "report.json")
    data = read_json(tmp_path / "report.json")
    assert data == report.to_json()
    odd = data["comparisons"][-2]
    assert [odd[k] for k in ("max_abs", "got", "headroom")] == ["inf", "-inf", "nan"]
    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(data, schema(), cls=jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.pop("summary"),
        lambda data: data.update(extra=1),
        lambda data: data["comparisons"][0].update(verdict="fine"),
        lambda data: data["comparisons"][0].update(max_abs=-1.0),
        lambda data: data["checks"][0].update(cases="2"),
        lambda data: data["summary"]["verdicts"].pop("wrong"),
        lambda data: data["manifest"].update(skipped={"why": -1}),
    ],
)
def test_the_schema_rejects_what_is_no_report(spoil: Any) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    data = failing().to_json()
    spoil(data)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema(), cls=jsonschema.Draft202012Validator)


def test_the_schema_names_the_fields_and_verdicts_that_the_data_has() -> None:
    definitions = schema()["$defs"]
    for kind, extra in ((Comparison, set()), (Check, {"passed"}), (Defect, set())):
        named = set(definitions[kind.__name__.lower()]["properties"])
        assert named == {f.name for f in dataclasses.fields(kind)} - {"passing"} | extra
    assert tuple(definitions["verdict"]["enum"]) == VERDICTS
    assert tuple(definitions["summary"]["properties"]["verdicts"]["required"]) == VERDICTS


def test_the_page_on_the_schema_describes_every_field_and_verdict() -> None:
    page = (ROOT / "docs" / "report-schema.md").read_text(encoding="utf-8")
    spoken = set(re.findall(r"`(\w+)`", page))
    definitions = schema()["$defs"].values()
    fields = {name for part in (schema(), *definitions) for name in part.get("properties", {})}
    assert fields | set(VERDICTS) <= spoken


def test_json_has_a_comparison_a_line(tmp_path: Path) -> None:
    write_json(failing(), tmp_path / "report.json")
    lines = (tmp_path / "report.json").read_text().splitlines()
    found = [json.loads(line.rstrip(",")) for line in lines if line.startswith('{"case"')]
    assert found == failing().to_json()["comparisons"]


def test_a_write_that_fails_leaves_the_old_report_and_no_other_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    write_json(passing(), path)
    before = path.read_bytes()
    report = passing()
    report.environment["odd"] = object()
    with pytest.raises(TypeError):
        write_json(report, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("text", ['{"version": 99}', "[]"], ids=["version", "list"])
def test_another_format_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    with pytest.raises(ValueError, match="expected 1"):
        read_json(tmp_path / "report.json")


# the terminal


def test_the_terminal_tells_what_where_and_how_bad_in_that_order() -> None:
    text = printed(failing())
    told = [
        "conv2d dx (conv2d_backward) is wrong: fails in 2 of 2 cases, in dx",
        SMALL, "against tensorflow", "headroom 3.12e4", "got 0.5, expected 1 at [0, 1, 2, 0]",
        f'layercheck replay "{SMALL}" hw.py', "tensorflow: the worker died of SIGSEGV",
        "skipped: 1,203", "1,200  no int8 here",
    ]  # fmt: skip
    places = [text.index(part) for part in told]
    assert places == sorted(places)
    assert "torch-avx512: torch, 2 times: one channel" in text
    assert text.splitlines()[-1] == (
        "FAILED: conv2d wrong, 1 new defect; 2 cases, 6 comparisons "
        "(partial: not every planned case was run)"
    )


def test_the_terminal_ends_a_passing_report_with_its_counts() -> None:
    assert printed(passing()).splitlines()[-1] == "passed: 2 cases, 3 comparisons"


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_table_fits_and_names_the_verdicts_that_occurred(width: int) -> None:
    report = large(3)
    lines = printed(report, width).splitlines()
    table = lines[: lines.index("")]
    assert all(len(line) <= width for line in table)
    row = next(line for line in table if line.startswith("max_pool"))
    assert row.split()[1:] == ["torch", "3", "3", "exact", "0", "0", "0"]


def test_a_replay_line_is_never_wrapped() -> None:
    case = f"conv2d x=1x2x4x3 {'padding=1 ' * 30}seed=0"
    report = failing()
    report.comparisons = [bad(case)]
    assert f'layercheck replay "{case}" hw.py' in printed(report, 60)


def test_verbose_lists_every_failure_and_the_environment() -> None:
    text = printed(failing(), verbose=True)
    assert "wrong dx against torch: " + LARGE in text
    assert "exact: library python-flint, bits 200" in text


def test_the_terminal_writes_out_escapes_and_takes_no_markup() -> None:
    report = failing()
    report.comparisons = [bad(SMALL, reason="[bold]oops[/bold] \x1b[2J\x07 \u202e \ud800")]
    text = printed(report)
    assert "[bold]oops[/bold] \\x1b[2J\\x07 \\u202e \\ud800" in text


def test_a_terminal_without_unicode_can_show_a_report() -> None:
    from rich.console import Console

    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    report = failing()
    report.comparisons = [bad(SMALL, reason="größer")]
    print_report(report, Console(file=file, width=100))
    file.flush()
    assert b"gr\\xf6\\xdfer" in raw.getvalue()


# the page


@pytest.mark.parametrize("field", ["case", "op", "array", "against", "reason"])
def test_the_page_escapes_whatever_text_it_is_given(field: str) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
    report = failing()
    report.comparisons = [dataclasses.replace(bad(SMALL), **{field: hostile})]
    report.checks = [Check(hostile, report.comparisons[0].op, "wrong", 1, 1)]
    report.manifest = {hostile: {hostile: hostile}, "skipped": {hostile: 1}}
    page = html.html_text(report)
    assert page.count("<script") == 1
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_page_holds_200_failures_of_many_and_says_how_many_it_leaves_out() -> None:
    report = failing()
    report.comparisons = [bad(f"conv2d x=1x{i}x3 seed=0", "dx") for i in range(1, 400)]
    report.comparisons += [bad("conv2d x=9x9x9 seed=0", "db")]
    page = html.html_text(report)
    assert "200 more failures left out here" in page
    assert '<th scope="row">db</th>' in page  # the last and only failure of another array


def test_the_page_of_30000_comparisons_is_small() -> None:
    report = large(590)
    assert len(report.comparisons) > 30_000
    assert len(html.html_text(report).encode()) < 1_000_000


def test_a_histogram_counts_all_and_tells_the_limit_from_what_is_beyond() -> None:
    made = histogram("op", "torch", [0.0, 0.5, 1.0, 1.0001, math.inf, math.nan, None])
    assert (made.total, made.zero, made.beyond, made.unmeasured) == (6, 1, 3, 1)
    assert [b.label.split(": ")[1] for b in made.bars if b.beyond] == [
        "1 comparison", "2 comparisons",
    ]  # fmt: skip


def test_the_page_writes_to_a_new_folder(tmp_path: Path) -> None:
    html.write_html(failing(), tmp_path / "a" / "report.html")
    assert (
        (tmp_path / "a" / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")
    )
