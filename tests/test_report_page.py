"""The page as text: what it holds, how large it is, and that no text it is given breaks it."""

from __future__ import annotations

import dataclasses
import html as entities
import re
from pathlib import Path

import pytest
from large_report import large
from sample_reports import SMALL, bad, check, compared, failing, failing_with, homework, report_of

from layercheck.reporting.formats import html
from layercheck.reporting.page.accuracy import accuracies
from layercheck.reporting.page.breaks import LONGEST, soft
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
