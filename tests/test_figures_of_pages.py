"""Every figure of a page is what its label says: counted anew from the JSON report beside it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from layercheck.pipeline.many import check_file
from layercheck.pipeline.options import Options
from layercheck.reporting.classroom.page import render as render_class
from layercheck.reporting.classroom.records import Class, Grade, Mark, Required
from layercheck.reporting.formats import csv, html, markdown
from layercheck.reporting.formats.json import plain_report
from layercheck.reporting.numbers import number
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import PASSING, Verdict, worst

NOT_FINITE = """
import numpy as np

def dropout(x, mask, p=0.5):
    return x * mask / (1 - p)

def dropout_backward(dout, x, mask, p=0.5):
    return dout * mask / (1 - p)

def relu(x):
    return np.maximum(0, x)

def relu_backward(dout, x):
    return dout * (x > 0)
"""
"""Right, but where everything is dropped: 0 / 0 there."""

INFINITE = NOT_FINITE.replace("* mask / (1 - p)", "/ (1 - p) * mask")
"""Right, but where everything is dropped: x / 0 there, which is beyond any limit."""

WRONG = NOT_FINITE.replace("dout * (x > 0)", "dout * (x > 0) * 2")


class Compared(NamedTuple):
    """A comparison of the subject, as the JSON report has it."""

    op: str
    case: str
    against: str
    verdict: Verdict
    used: float | None
    beyond: bool


@pytest.fixture(scope="module", params=[NOT_FINITE, INFINITE, WRONG], ids=["nan", "inf", "failed"])
def report(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Report:
    file = tmp_path_factory.mktemp("figures") / "hw.py"
    file.write_text(request.param)
    return check_file(file, Options())


@pytest.fixture(scope="module")
def data(report: Report) -> dict[str, Any]:
    return plain_report(report)


def comparisons(data: dict[str, Any]) -> Iterator[Compared]:
    columns, cases = data["comparisons"], data["cases"]
    names = columns["names"]
    for place, subject, against, verdict, used in zip(
        *(columns[n] for n in ("case", "subject", "against", "verdict", "limit_used")), strict=True
    ):
        if names[subject] == data["subject"]:
            text = cases["text"][place]
            share = None if used is None else float(used)
            own = (names[against], Verdict(names[verdict]), share, place in cases["beyond"])
            yield Compared(text.split()[0], text, *own)


def most(found: list[Compared]) -> str:
    """The largest share of a limit; who follows another framework's convention has none."""
    passes = [c for c in found if c.verdict is not Verdict.CONVENTION]
    return number(max((c.used for c in passes if c.used is not None), default=None))


def fails(verdict: Verdict) -> bool:
    return not verdict.passes and not verdict.is_silent


def told_failing(verdicts: Iterable[Verdict]) -> str:
    failing = [fails(verdict) for verdict in verdicts]
    return f"{sum(failing)} of {len(failing)} " + ("fails" if sum(failing) == 1 else "fail")


def words_of(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", markup)).split())


def pairs_of(page: str, name: str) -> dict[str, str]:
    """A list of terms, by term."""
    found = re.findall(rf'<dl class="{name}">(.*?)</dl>', page, re.DOTALL)
    pairs = re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", "".join(found), re.DOTALL)
    return {words_of(term): words_of(told) for term, told in pairs}


def test_the_figures_on_top_are_of_what_counts(report: Report, data: dict[str, Any]) -> None:
    found = list(comparisons(data))
    counting = [c for c in found if not c.beyond]
    beyond = data["cases"]["beyond"]
    verdicts = [Verdict(verdict) for verdict in data["cases"]["verdict"]]
    assert beyond
    assert pairs_of(html.render(report), "facts") == {
        "Cases": f"{len(verdicts):,}",
        "Comparisons": f"{len(data['comparisons']['case']):,}",
        "Ops": str(len({c.op for c in found})),
        "Oracles": str(len({c.against for c in found})),
        "Most of a limit": most(counting),
        "New defects": str(sum(defect["known"] is None for defect in data["defects"])),
        "Beyond the contract": told_failing(verdicts[n] for n in beyond),
    }
    used = max(c.used for c in counting if c.used is not None)
    assert (used <= 1) is data["summary"]["passed"]


def test_the_legend_counts_every_case(report: Report, data: dict[str, Any]) -> None:
    counted = Counter(data["cases"]["verdict"])
    legend = pairs_of(html.render(report), "legend").items()
    shown = {term.split(" ", 1)[1]: int(told.split()[0]) for term, told in legend}
    assert {verdict: count for verdict, count in shown.items() if count} == counted


def test_a_cell_of_the_matrix_is_of_its_op_and_oracle(report: Report, data: dict[str, Any]) -> None:
    page = html.render(report)
    (table,) = re.findall(r'<table class="cards matrix">(.*?)</table>', page, re.DOTALL)
    found = list(comparisons(data))
    oracles = list(dict.fromkeys(c.against for c in found))
    for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]:
        op, *cells = map(words_of, re.findall(r"<t[hd].*?>(.*?)</t[hd]>", row, re.DOTALL))
        for oracle, cell in zip(oracles, cells, strict=True):
            own = [c for c in found if (c.op, c.against) == (op, oracle)]
            counting, beyond = ([c for c in own if c.beyond is side] for side in (False, True))
            cases, further = by_case(counting), by_case(beyond)
            told = told_failing(cases) if any(map(fails, cases)) else f"{len(cases)} cases"
            assert told in cell
            assert str(worst(cases)) in cell
            share = re.search(r"of limit (\S+)", cell)
            assert share is not None
            assert float(share[1]) == pytest.approx(float(most(counting)), rel=0.05)
            if further:
                assert f"beyond the contract {told_failing(further)}" in cell


def by_case(found: list[Compared]) -> list[Verdict]:
    cases: dict[str, list[Verdict]] = {}
    for one in found:
        cases.setdefault(one.case, []).append(one.verdict)
    return [worst(verdicts) for verdicts in cases.values()]


def test_worst_cases_and_charts_tell_what_counts(report: Report, data: dict[str, Any]) -> None:
    page, found = html.render(report), list(comparisons(data))
    heads = re.findall(r'<details id="op-\d+".*?<summary>(.*?)</summary>', page, re.DOTALL)
    for head in map(words_of, heads):
        own = [c for c in found if c.op == head.split()[0]]
        failing = Counter(c.beyond for c in own if fails(c.verdict))
        assert head.endswith(f"most of a limit {most([c for c in own if not c.beyond])}")
        told = re.search(r"(\d+) failures?\b(?! beyond)", head)
        assert int(told[1] if told else 0) == failing[False]
        apart = re.search(r"(\d+) failures? beyond the contract", head)
        assert int(apart[1] if apart else 0) == failing[True]
    labels = re.findall(r'aria-label="(\w+) against (\S+): ([\d,]+) .*? worst (\S+), ', page)
    assert labels
    for op, oracle, count, largest in labels:
        own = [c for c in found if (c.op, c.against) == (op, oracle) and not c.beyond]
        used = [c.used for c in own if c.used is not None and not c.verdict.is_silent]
        assert (int(count), largest) == (len(used), number(max(used)))


def test_tables_say_what_is_beyond(report: Report, data: dict[str, Any], tmp_path: Path) -> None:
    rows = csv.render(report).splitlines()
    beyond = {data["cases"]["text"][place] for place in data["cases"]["beyond"]}
    assert rows[0].endswith(",beyond")
    assert {row.partition(",")[0] for row in rows if row.endswith(",True")} == beyond
    assert "beyond ordinary numbers: fails in 1 of 1 cases" in markdown.render(report)


def test_a_class_tells_how_many_are_right_and_what_the_verdicts_are_of() -> None:
    marks = {"anna": ("exact", "wrong"), "bob": ("exact", "rounding"), "cy": ("missing", "exact")}
    names = {"relu_forward": 1.0, "relu_backward": 2.0}
    grades = [
        Grade(
            who,
            marks=[
                Mark(name, verdict, verdict in PASSING, points * (verdict in PASSING), points)
                for (name, points), verdict in zip(names.items(), verdicts, strict=True)
            ],
        )
        for who, verdicts in marks.items()
    ]
    page = render_class(Class(Required(names), True, grades))
    told = words_of(page)
    assert "1 of 3 has all of them right." in told
    assert "among the 6 functions of all students" in told
    legend = pairs_of(page, "legend seen").items()
    counted = Counter(verdict for verdicts in marks.values() for verdict in verdicts)
    assert {term.split(" ", 1)[1]: int(text.split()[0]) for term, text in legend} == counted
