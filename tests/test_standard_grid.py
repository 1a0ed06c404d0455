"""Every op against every oracle at every case of the standard grid, as the command line does it."""

from __future__ import annotations

import pytest
from conftest import facts_of, framework
from sentences import sentence

from layercheck.cases.case import Case
from layercheck.cases.grids import GRIDS
from layercheck.implementations.module import Module
from layercheck.judging.judge import judge
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict

CASES = list(GRIDS["standard"](None))
SUBJECT = Module("ref_layers")


def told(comparisons: list[Comparison]) -> str:
    """What failed, for the assertion's message."""
    bad = [c for c in comparisons if c.verdict.fails]
    return "\n".join(f"{c.array} against {c.against}: {c.verdict} {c.reason} {c}" for c in bad)


@pytest.mark.parametrize("oracle", ["torch", "tensorflow"])
@pytest.mark.parametrize("case", CASES, ids=sentence)
def test_agrees(case: Case, oracle: str) -> None:
    """The layer, the oracle and the exact result agree within the bound of rounding."""
    asked = framework(oracle)
    known = facts_of(case)
    judged = judge(
        known, SUBJECT, SUBJECT.answer(case), {oracle: asked.answer(case)}, {oracle: asked}
    )
    assert judged.verdict.passes, told(judged.comparisons)
    assert not [d for d in judged.defects if d.known is None], judged.defects
    contradicted = [c for c in judged.comparisons if c.subject == "exact"]
    assert not contradicted, told(contradicted)
    assert judged.confirmed_by or judged.defects or refused(judged.comparisons, oracle)


def refused(comparisons: list[Comparison], oracle: str) -> bool:
    """Whether the oracle cannot express the case; the reason stands in the report."""
    return any(
        c.against == oracle and c.verdict is Verdict.SKIPPED and c.reason for c in comparisons
    )
