"""The words and numbers that every output shares."""

from __future__ import annotations

import math
import shlex
from dataclasses import replace

import pytest
from sample_reports import LARGE, SMALL, bad, check, compared, failing, failing_with

from layercheck.implementations.module import Module
from layercheck.pipeline.collect import replay_options
from layercheck.pipeline.options import Options
from layercheck.pipeline.subject import Subject
from layercheck.reporting import words
from layercheck.reporting.page.histogram import histogram
from layercheck.reporting.records import Attributes

LAYER = next(iter(Module("ref_layers").layers()))


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        (["dx"], ["dw"], "fails in 2 of 2 cases, in dx; dw passes"),
        (["dx"], ["out", "dw"], "fails in 2 of 2 cases, in dx; out and dw pass"),
        (["dx", "dw", "db"], [], "fails in 2 of 2 cases, in dx, dw and db"),
        ([], ["out"], "fails in 2 of 2 cases"),
    ],
)
def test_the_pattern_names_the_arrays_that_fail_and_those_that_pass(
    wrong: list[str], right: list[str], told: str
) -> None:
    made = check("conv2d_backward", "wrong", 2, 2, arrays_wrong=wrong, arrays_right=right)
    assert words.pattern(made) == told


@pytest.mark.parametrize(
    ("compared_cases", "note", "told"),
    [
        (0, "", "nothing was compared"),
        (3, "", "only 3 of 5 cases could be compared"),
        (0, "its forward raised\nin line 3", "its forward raised"),
    ],
)
def test_a_check_that_fails_without_a_failing_case_says_what_is_lacking(
    compared_cases: int, note: str, told: str
) -> None:
    made = check("conv2d", "not judged", 5, compared=compared_cases, note=note)
    assert words.pattern(made) == told


def test_values_are_told_with_enough_digits_to_differ() -> None:
    told = words.values_at_worst(compared(dtype="float64", got=1.0, expected=1.0000000000000002))
    assert told == "got 1, expected 1.0000000000000002 at [0, 1, 2, 0]"


def test_the_error_that_is_told_is_that_of_the_element_that_is_shown() -> None:
    wrong = bad(SMALL, got=0.5, expected=1.0, error=0.5, max_abs=0.625)
    assert words.error_there(wrong) == "error 0.5, 3.12e4 times the limit"
    assert words.largest_errors(wrong).startswith("largest error 0.625, ")


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "·"), (0.0, "0"), (1e22, "1e22"), (1234.0, "1.23e3"), (-0.5, "-0.5"),
     (math.inf, "inf"), (math.nan, "nan"), (5e-324, "4.94e-324")],
)  # fmt: skip
def test_numbers_are_short(value: float | None, text: str) -> None:
    assert words.number(value) == text


@pytest.mark.parametrize("case", ['a "b" $(rm) `c`', "a'b", "plain x=1x2", "a\\b !c"])
def test_a_replay_line_reaches_the_shell_as_it_was_meant(case: str) -> None:
    subject = Subject("my home/hw.py", [LAYER, LAYER])
    told = replay_options(subject, Options(profile="my own", strict=True), LAYER, "the; function")
    line = words.replay_line(case, told)
    assert shlex.split(line) == [
        *("layercheck", "replay", case, "my home/hw.py"),
        *("--op", "the; function", "--profile", "my own", "--strict"),
    ]


def test_any_comparison_is_replayed_as_the_check_of_its_function_says() -> None:
    """Without a check: the subject, quoted."""
    report = failing()
    report.checks = [replace(each, replay=f"hw.py --op {each.target}") for each in report.checks]
    for each in report.checks:
        one = replace(bad(LARGE), function=each.target)
        assert words.replay_line_of(report, one).endswith(f" hw.py --op {each.target}")
    report.checks, report.subject = [], "my home/hw.py"
    line = words.replay_line_of(report, bad(SMALL))
    assert shlex.split(line) == ["layercheck", "replay", SMALL, "my home/hw.py"]


def test_the_last_line_names_functions_and_each_once() -> None:
    report = failing_with(bad(SMALL))
    assert words.why_failed(report) == "conv2d_backward wrong, 1 new defect"


def test_a_function_names_what_was_never_varied_if_it_was_compared_at_all() -> None:
    lacking = Attributes(["stride"], ["padding", "fast"])
    assert words.never_varied(check("f", "rounding", 2, attributes=lacking)) == (
        "never varied: padding, fast"
    )
    assert words.never_varied(check("f", "skipped", 2, compared=0, attributes=lacking)) == ""


def test_a_histogram_counts_all_and_tells_the_limit_from_what_is_beyond() -> None:
    made = histogram("op", "torch", [0.0, 0.5, 1.0, 1.0001, math.inf, math.nan, None])
    assert (made.total, made.zero, made.beyond, made.unmeasured) == (6, 1, 3, 1)
    assert [b.label.split(": ")[1] for b in made.bars if b.beyond] == [
        "1 comparison",
        "2 comparisons",
    ]
