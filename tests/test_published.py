"""The published tolerance reports in `reports/` are still what this code gives."""

from __future__ import annotations

import re
import warnings
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import framework

from layercheck.cases.grids import GRIDS
from layercheck.reporting.verdict import Verdict
from layercheck.upkeep import ledger, publish
from oracles import ESTABLISHED
from ref_layers import OPS

SUBJECTS = ("ref_layers", *ESTABLISHED)


@pytest.mark.filterwarnings("always::UserWarning")  # on another processor: told, and no failure
@pytest.mark.parametrize("op", OPS)
def test_no_figure_moved_and_no_array_is_gone(op: str) -> None:
    running = {name: framework(name) for name in ESTABLISHED}
    now = {made.subject: made for made in publish.measure("sample", (op,), running)}
    verdicts = {v for line in now["ref_layers"].lines.values() for v in line.verdicts}
    assert all(Verdict(verdict).passes for verdict in verdicts)
    found: list[str] = []
    for subject in SUBJECTS:
        published = of_op(ledger.read(subject), op)
        measured = now.get(subject) or replace(published, lines={})  # a framework may lack the op
        assert ledger.gone(published, measured) == []
        moved = list(ledger.moved(published, measured))
        if moved and published.environment != measured.environment:
            told = f"published on {published.environment}, here {measured.environment}"
            warnings.warn(f"{told}: {moved}", stacklevel=1)
        else:
            found += moved
    assert found == []


def of_op(whole: ledger.Ledger, op: str) -> ledger.Ledger:
    return replace(whole, lines={key: line for key, line in whole.lines.items() if line.op == op})


def test_every_line_has_cases_that_are_asked_again() -> None:
    for subject in SUBJECTS:
        lines = ledger.read(subject).lines
        assert [k for k, v in lines.items() if v.whole.cases and not v.sample.cases] == []


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
    now = deepcopy(before)
    now.lines[key].verdicts = {"rounding": before.lines[key].sample.cases}
    assert ledger.gone(before, now) == []
    now.lines[key].verdicts["rounding"] -= 1
    assert ledger.gone(before, now) == [key]


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    before = ledger.read("ref_layers")
    before.write(tmp_path)
    assert ledger.read("ref_layers", tmp_path) == before
