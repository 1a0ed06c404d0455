"""The page as text: what it holds, how large it is, and that no text it is given breaks it."""

from __future__ import annotations

import dataclasses
import html as entities
import re
from pathlib import Path

import pytest
from large_report import large
from sample_reports import SMALL, bad, check, compared, failing, failing_with, homework, report_of

from layercheck.cases.parse import parse
from layercheck.pipeline.summed import terms_of
from layercheck.reporting.formats import html
from layercheck.reporting.page.accuracy import accuracies
from layercheck.reporting.page.breaks import LONGEST, soft
from layercheck.reporting.page.summed import HEIGHT, levels, summed, y_of
from layercheck.reporting.records import NotChecked
from layercheck.reporting.report import Report

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"


def text_of(page: str) -> str:
    """What a page says, without its markup."""
    bare = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return entities.unescape(re.sub(r"<[^>]*>", "", bare))


@pytest.mark.parametrize(
    "field", ["case", "op", "array", "against", "reason", "called", "shape", "dtype"]
)
def test_the_page_escapes_whatever_text_it_is_given(field: str) -> None:
    report = failing_with(dataclasses.replace(bad(SMALL), **{field: HOSTILE}))
    target = dataclasses.replace(report.checks[1], target=HOSTILE, note=HOSTILE, replay=HOSTILE)
    report.checks = [target]
    report.not_checked = [NotChecked(HOSTILE, HOSTILE)]
    report.profile = report.manifest.isolation = HOSTILE
    report.environment = {HOSTILE: {HOSTILE: HOSTILE}}
    report.manifest.skipped = {HOSTILE: 1}
    page = html.render(report)
    assert page.count("<script") == 1
    assert "<img" not in page
    assert HOSTILE in text_of(page)


def test_a_hostile_subject_is_text_too() -> None:
    report = report_of([bad(SMALL)], [check("f", "wrong", 1, 1, first_wrong=bad(SMALL))])
    report.subject = HOSTILE
    page = html.render(report)
    assert page.count("<script") == 1
    assert "<img" not in page


def test_the_page_holds_200_failures_of_many_and_says_how_many_it_leaves_out() -> None:
    wrong = [bad(f"conv2d x=1x{i}x3 seed=0", "dx") for i in range(1, 400)]
    last = bad("conv2d x=9x9x9 seed=0", "db")
    report = report_of([*wrong, last], [check("conv2d_backward", "wrong", 400, 400)])
    page = html.render(report)
    assert "200 more failures left out here" in text_of(page)
    assert "400 failures, 200 shown" in text_of(page)
    assert '<th scope="row">db</th>' in page  # the last and only failure of another array


def test_the_page_of_30000_comparisons_is_small() -> None:
    report = large(590)
    assert len(report.comparisons) > 30_000
    assert len(html.render(report).encode()) < 1_000_000


def test_the_page_writes_to_a_new_folder(tmp_path: Path) -> None:
    html.write(failing(), tmp_path / "a" / "report.html")
    written = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert written.startswith("<!doctype html>")


@pytest.mark.parametrize("report", [failing(), homework()], ids=["module", "file"])
def test_the_page_names_every_function_and_what_was_not_checked(report: Report) -> None:
    said = text_of(html.render(report))
    for one in report.checks:
        assert one.target in said
        assert one.note in said
    for left_out in report.not_checked:
        assert left_out.name in said
        assert left_out.reason in said


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("max_pool_backward", "max_<wbr>pool_<wbr>backward"),
        ("layers.py", "layers.<wbr>py"),
        ("examples/hw.py", "examples/<wbr>hw.<wbr>py"),
        ("--profile", '<span class="whole">--profile</span>'),
        ("0.25, 1e-7", "0.25, 1e-7"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("x" * LONGEST, "x" * LONGEST),
        ("x" * (LONGEST + 1), f'<span class="long">{"x" * (LONGEST + 1)}</span>'),
    ],
)
def test_names_may_break_at_their_joints_only(text: str, marked: str) -> None:
    assert str(soft(text)) == marked


def test_implementations_stand_side_by_side_by_their_distance_from_the_exact_result() -> None:
    shares = {"layers.py": [0.1, 0.2, 0.9], "torch": [0.3, 0.1, 0.2], "tensorflow": []}
    entries = [
        compared(SMALL, subject=who, against=against, limit_used=used)
        for against in ("exact", "torch")
        for who, of_one in shares.items()
        for used in of_one
    ]
    report = report_of(entries, [check("f", "rounding", 1)], subject="layers.py")
    (of_op,) = accuracies(report).values()
    assert [(one.who, one.count, one.half, one.largest) for one in of_op] == [
        ("layers.py", 3, 0.2, 0.9),
        ("torch", 3, 0.2, 0.3),
    ]
    assert "Beside the frameworks" in text_of(html.render(report))
    alone = report_of(
        [one for one in entries if one.subject == "layers.py"], [], subject="layers.py"
    )
    assert accuracies(alone) == {}
    assert "Beside the frameworks" not in text_of(html.render(alone))


def with_terms(pairs: list[tuple[int, float | None]]) -> Report:
    entries = [
        compared(f"{SMALL} {n}", subject="hw.py", limit_used=used)
        for n, (_, used) in enumerate(pairs)
    ]
    report = report_of(entries, [], subject="hw.py")
    for terms, _ in pairs:
        report.cases.add_terms(entries[0].op, {entries[0].array: terms})
    return report


def test_errors_stand_by_how_many_terms_are_summed_below_and_beyond_the_limit() -> None:
    report = with_terms(
        [(6, 0.2), (6, 0.2), (7, 0.5), (600, 0.0), (600, 30.0), (0, 0.1), (6, None)]
    )
    (chart,) = summed(report)
    assert [(one.told, one.count, one.largest) for one in chart.lengths] == [
        ("6 to 7 terms", 3, 0.5),
        ("600 terms", 2, 30.0),
    ]
    limit = {text: y for y, text in levels()}["1"]
    assert [(dot.y > limit, dot.beyond) for dot in chart.dots] == [
        (True, False),
        (True, False),
        (True, False),
        (False, True),
    ]
    assert all(0 < dot.y < HEIGHT for dot in chart.dots)
    assert chart.dots[2].y == y_of(0)
    assert chart.dots[0].x < chart.dots[-1].x
    page = html.render(report)
    assert 'by terms summed: 6 to 7 terms: at most 0.5; 600 terms: at most 30"' in page
    assert page.count("<circle") == 4


@pytest.mark.parametrize("pairs", [[(0, 0.2), (0, 0.3)], [(6, 0.2), (6, 0.3)], [(6, None)]])
def test_where_all_sums_are_as_long_or_there_are_none_there_is_no_chart(
    pairs: list[tuple[int, float | None]],
) -> None:
    report = with_terms(pairs)
    assert summed(report) == []
    assert "Error by length of sums" not in html.render(report)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (
            "conv2d x=2x6x9x7 w=5x6x3x2 b=5",
            {"out": 6 * 3 * 2 + 1, "dw": 2 * 7 * 6, "db": 2 * 7 * 6},
        ),
        ("conv2d x=2x6x9x7 w=6x2x3x3 groups=3 padding=1", {"out": 2 * 9, "dx": 2 * 9, "dw": 126}),
        ("affine x=3x4x5x6 w=120x7", {"out": 120, "dx": 7, "dw": 3}),
        ("relu x=3x4", {}),
    ],
)
def test_terms_are_counted_by_the_shapes(case: str, expected: dict[str, int]) -> None:
    found = terms_of(parse(case))
    assert {name: found[name] for name in expected} == expected
    assert bool(found) is bool(expected)
