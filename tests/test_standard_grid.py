"""Every op against every oracle at every case of the standard grid, as the command line does it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from conftest import framework
from sentences import sentence
from trivial import accepted

from layercheck.cases.case import Case
from layercheck.cases.grids import GRIDS
from layercheck.implementations.module import Module
from layercheck.judging.facts import facts
from layercheck.judging.judge import Judged, judge
from layercheck.reporting.records import Comparison
from layercheck.reporting.verdict import Verdict
from oracles import ESTABLISHED

CASES = list(GRIDS["standard"](None))
SUBJECT = Module("ref_layers")
BESIDE = ThreadPoolExecutor(len(ESTABLISHED))
"""The frameworks answer while this process works out what is right."""


def told(comparisons: list[Comparison]) -> str:
    """What failed, for the assertion's message."""
    bad = [c for c in comparisons if c.verdict.fails]
    return "\n".join(f"{c.array} against {c.against}: {c.verdict} {c.reason} {c}" for c in bad)


@pytest.mark.parametrize("case", CASES, ids=sentence)
def test_agrees_and_nothing_trivial_does(case: Case) -> None:
    """The layer, the oracles and the exact result agree within the bound of rounding.

    The case is a copy: its values go with it.
    """
    oracles = {name: framework(name) for name in ESTABLISHED}
    asked = {name: BESIDE.submit(oracle.answer, case) for name, oracle in oracles.items()}
    known = facts(replace(case))
    assert not accepted(known)
    answers = {name: reply.result() for name, reply in asked.items()}
    judged = judge(known, SUBJECT, SUBJECT.answer(known.case), answers, oracles)
    assert judged.verdict.passes, told(judged.comparisons)
    assert not [d for d in judged.defects if d.known is None], judged.defects
    contradicted = [c for c in judged.comparisons if c.subject == "exact"]
    assert not contradicted, told(contradicted)
    silent = set(ESTABLISHED) - judged_by(judged)
    assert all(refused(judged.comparisons, name) for name in silent), silent


def judged_by(judged: Judged) -> set[str]:
    """The oracles that confirm the exact result here, and those whose known defect shows."""
    return {*judged.confirmed_by, *(defect.oracle for defect in judged.defects)}


def refused(comparisons: list[Comparison], oracle: str) -> bool:
    """Whether the oracle cannot express the case; the reason stands in the report."""
    return any(
        c.against == oracle and c.verdict is Verdict.SKIPPED and c.reason for c in comparisons
    )
