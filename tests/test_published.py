"""The published tolerance reports in `reports/` are still what this code gives."""

from __future__ import annotations

import re
import warnings
from copy import deepcopy
from pathlib import Path

import pytest
from conftest import framework

from layercheck.cases.grids import GRIDS
from layercheck.cases.parse import parse
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer, Implementation
from layercheck.judging.facts import facts
from layercheck.reporting.report import Cases, Report
from layercheck.upkeep import ledger, publish
from oracles import ESTABLISHED

SUBJECTS = ("ref_layers", *ESTABLISHED)
SAMPLE = publish.sample()


def answering(subject: str) -> Implementation:
    return framework(subject) if subject in ESTABLISHED else Module(subject)


def measured(subject: str, cases: list[str]) -> ledger.Ledger:
    """The ledger of these cases, asked now."""
    who = answering(subject)
    report = Report(subject, cases=Cases(list(cases), [""] * len(cases)))
    for place, case in enumerate(map(parse, cases)):
        reply = who.answer(case)
        if isinstance(reply, Answer):
            for comparison in facts(case).compare_all(subject, reply):
                report.comparisons.add(place, comparison)
    made = list(
        ledger.ledgers(report, cases, lambda name: publish.environment_of(name, who.versions))
    )
    return made[0]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_no_figure_moved_and_no_array_is_gone(subject: str) -> None:
    published, now = ledger.read(subject), measured(subject, SAMPLE)
    assert ledger.gone(published, now) == []
    found = list(ledger.moved(published, now))
    if found and published.environment != now.environment:
        told = f"published on {published.environment}, here {now.environment}"
        warnings.warn(f"{told}: {found}", stacklevel=1)
        return
    assert found == []


@pytest.mark.parametrize("subject", SUBJECTS)
def test_what_is_published_covers_every_op_and_the_whole_grid(subject: str) -> None:
    """The layers themselves all of it; a framework may refuse a case, and has its defects."""
    lines = ledger.read(subject).lines.values()
    planned = list(GRIDS["standard"](None))
    assert {line.op for line in lines} == {case.op for case in planned}
    for op in {line.op for line in lines}:
        out = [line for line in lines if line.op == op and line.array == "out"]
        asked = sum(sum(line.verdicts.values()) for line in out)
        assert asked == sum(case.op == op for case in planned) or subject in ESTABLISHED
        assert asked > 0


def test_the_page_shows_every_subject_and_its_file() -> None:
    page = (ledger.FOLDER / "README.md").read_text()
    assert page == publish.page([ledger.read(subject) for subject in SUBJECTS])
    for target in re.findall(r"\]\(([^)]+)\)", page):
        assert (ledger.FOLDER / target).exists()


# ---------------------------------------------------------------------- the ledger can fail


def test_a_figure_that_doubled_and_an_array_that_is_gone_are_told(tmp_path: Path) -> None:
    before = ledger.read("ref_layers")
    now = deepcopy(before)
    key = next(k for k, line in now.lines.items() if line.sample.max_ulp > 0)
    assert list(ledger.moved(before, now)) == []
    now.lines[key].sample.max_ulp *= 1.9
    assert list(ledger.moved(before, now)) == []
    now.lines[key].sample.max_ulp *= 2
    assert [text.partition(":")[0] for text in ledger.moved(before, now)] == [f"ref_layers {key}"]
    del now.lines[key]
    assert ledger.gone(before, now) == [key]


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    before = ledger.read("ref_layers")
    before.write(tmp_path)
    assert ledger.read("ref_layers", tmp_path) == before
