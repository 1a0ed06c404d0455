"""A report on a terminal: what, where and how bad, and no text breaks it."""

from __future__ import annotations

import io

import pytest
from large_report import large
from sample_reports import SMALL, bad, failing, failing_with, homework, passing, printed

from layercheck.reporting.terminal import print_report


def test_the_terminal_tells_what_where_and_how_bad_in_that_order() -> None:
    text = printed(failing())
    told = [
        "conv2d_backward dx is wrong: fails in 2 of 2 cases, in dx",
        SMALL,
        "against tensorflow, float32, shape 2x5x4x3",
        "got 0.5, expected 1 at [0, 1, 2, 0]",
        "error 0.5, 3.12e4 times the limit",
        "largest error 0.625",
        f'layercheck replay "{SMALL}" hw.py',
        "tensorflow: the worker died of SIGSEGV",
        "skipped: 1,203",
        "1,200  no int8 here",
    ]
    places = [text.index(part) for part in told]
    assert places == sorted(places)
    assert "torch-avx512: torch, 2 times: one channel" in text
    assert text.splitlines()[-1] == (
        "FAILED: conv2d_backward wrong, 1 new defect; 2 cases, 6 comparisons "
        "(partial: interrupted before everything was asked)"
    )


def test_the_terminal_ends_a_passing_report_with_its_counts() -> None:
    assert printed(passing()).splitlines()[-1] == "passed: 2 cases, 3 comparisons"


@pytest.mark.parametrize("width", [80, 100, 140])
def test_the_table_fits_and_names_the_verdicts_that_occurred(width: int) -> None:
    lines = printed(large(3), width).splitlines()
    table = lines[: lines.index("")]
    assert all(len(line) <= width for line in table)
    row = next(line for line in table if line.startswith("max_pool"))
    assert row.split()[1:] == ["torch", "3", "3", "exact", "0", "0", "0"]


def test_a_replay_line_is_never_wrapped() -> None:
    case = f"conv2d x=1x2x4x3 {'padding=1 ' * 30}seed=0"
    assert f'layercheck replay "{case}" hw.py' in printed(failing_with(bad(case)), 60)


def test_verbose_lists_every_failure_and_the_environment() -> None:
    text = printed(failing(), verbose=True)
    for wrong in failing().failures:
        assert f"wrong dx against {wrong.against}: {wrong.case} (error 0.5, 3.12e4" in text
    assert "exact: library python-flint, bits 200" in text
    assert "wrong dx against torch" not in printed(failing())


def test_the_terminal_writes_out_escapes_and_takes_no_markup() -> None:
    text = printed(failing_with(bad(SMALL, reason="[bold]oops[/bold] \x1b[2J\x07 \u202e \ud800")))
    assert "[bold]oops[/bold] \\x1b[2J\\x07 \\u202e \\ud800" in text


@pytest.mark.parametrize("report", [failing_with(bad(SMALL, reason="größer")), homework()])
def test_a_terminal_without_unicode_can_show_a_report(report: object) -> None:
    from rich.console import Console

    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding="ascii")
    print_report(report, Console(file=file, width=100))  # type: ignore[arg-type]
    file.flush()
    raw.getvalue().decode("ascii")
    if report.subject == "hw.py":  # type: ignore[attr-defined]
        assert b"gr\\xf6\\xdfer" in raw.getvalue()


# ---------------------------------------------------------------------- a file


def test_a_files_functions_come_in_its_order_with_what_each_came_to() -> None:
    report = homework()
    lines = printed(report, 140).splitlines()
    assert lines[0] == (
        "examples/homework/layers_with_mistakes.py (cs231n): 3 of 9 functions pass; "
        "recorded answers, isolation: bubblewrap"
    )
    heads = [line for line in lines[1:] if line.startswith("  ") and line[2] != " "]
    for check, head in zip(report.checks, heads, strict=False):
        word = "ok" if check.passed else str(check.verdict).upper()
        assert head.startswith(f"  {word:<15} {check.target} ")


def test_a_failing_function_is_shown_by_its_own_record() -> None:
    text = printed(homework(), 140)
    blocks = {c.target: block_of(text, c.target) for c in homework().checks}
    for check in homework().checks:
        block, wrong = blocks[check.target], check.first_wrong
        if wrong is None:
            assert "layercheck replay" not in block
            continue
        assert f'layercheck replay "{wrong.case}" {check.replay}' in block
        assert f"{wrong.array or 'the call'}: " in block
        assert "padding=0 in place of `same`" in block or not wrong.called
    assert 'File "layers.py", line 12' in blocks["conv_backward_naive"]
    assert "error 0.5, 3.12e4 times the limit" in blocks["conv_forward_naive"]
    assert "its forward raised" in blocks["batchnorm_backward_alt"]
    assert "never varied: padding" in blocks["conv_forward_fast"]


def block_of(text: str, target: str) -> str:
    """The line of a function and those indented below it."""
    lines = text.splitlines()
    start = next(i for i, line in enumerate(lines) if f" {target} " in line)
    end = next(i for i in range(start + 1, len(lines)) if not lines[i].startswith("      "))
    return "\n".join(lines[start:end])


def test_what_is_not_checked_is_listed_with_the_reason() -> None:
    text = printed(homework(), 140)
    assert "not checked: 2" in text
    for one in homework().not_checked:
        assert any(one.name in line and one.reason in line for line in text.splitlines())
