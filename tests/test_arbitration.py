"""Who is right where oracles and the exact result differ: frameworks that are made up, and real ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from conftest import framework

from layercheck.cases.case import Case
from layercheck.cases.parse import parse
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer, Failure, Refusal, Reply
from layercheck.judging.facts import facts
from layercheck.judging.judge import Judged, judge
from layercheck.pipeline import run
from layercheck.pipeline.options import Options
from layercheck.reporting.verdict import Verdict

CASE = parse("affine x=3x5 w=5x4 b=4 seed=1")
IN_FLOAT64 = replace(CASE, dtype="float64")
BOTH = ("float32", "float64")


@dataclass(frozen=True)
class Fake:
    """Right, but for these arrays in these dtypes, which are `times` as large.

    oracle: the framework that it is when it is the subject · dies: it gives no answer.
    """

    name: str = "fake"
    arrays: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = BOTH
    times: float = 1.5
    oracle: str = ""
    dies: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        if self.dies:
            return Failure("crashed", "it died")
        if dtype == "longdouble":
            return Refusal("no extended precision")
        asked = dtype or case.dtype
        right = {n: v.astype(asked) for n, v in facts(case).truth.arrays.items()}
        wrong = self.arrays if asked in self.dtypes else ()
        factor = np.dtype(asked).type(self.times)
        return Answer({n: v * factor if n in wrong else v for n, v in right.items()})


RIGHT = Fake("right")
SHARES = Fake("layer", ("dw",))
"""A layer with the mistake of the framework that is wrong in both precisions."""

STUBBORN = Fake("stubborn", ("dw",))
COARSE = Fake("coarse", ("dw",), ("float32",))


def judged(subject: Fake, *oracles: Fake, case: Case = CASE) -> Judged:
    asked = {oracle.name: oracle for oracle in oracles}
    replies = {name: oracle.answer(case) for name, oracle in asked.items()}
    return judge(facts(case), subject, subject.answer(case), replies, asked)


def verdicts(found: Judged) -> dict[str, str]:
    """The worst verdict of each array of the subject."""
    told: dict[str, list[Verdict]] = {}
    for c in found.own:
        told.setdefault(c.array, []).append(c.verdict)
    ranks = list(Verdict)
    return {name: str(max(of_one, key=ranks.index)) for name, of_one in told.items() if name}


# ---------------------------------------------------------------------- one that is wrong alone


@pytest.mark.parametrize("case", [CASE, IN_FLOAT64], ids=lambda case: case.dtype)
@pytest.mark.parametrize("order", [(RIGHT, STUBBORN), (STUBBORN, RIGHT)])
def test_one_framework_that_agrees_is_enough(order: tuple[Fake, ...], case: Case) -> None:
    """The other is wrong in both precisions: its own defect all the same."""
    found = judged(RIGHT, *order, case=case)
    assert found.verdict.passes
    assert found.confirmed_by == ["right"]
    (defect,) = found.defects
    assert (defect.oracle, defect.known) == ("stubborn", None)
    assert defect.what.endswith("; right confirms the exact result")
    assert verdicts(judged(SHARES, *order, case=case))["dw"] == "wrong"


def test_a_framework_wrong_in_one_precision_only_has_a_defect_also_alone() -> None:
    found = judged(RIGHT, COARSE)
    assert found.verdict.passes
    assert [d.what.partition("; ")[2] for d in found.defects] == ["right in float64"]
    assert verdicts(judged(SHARES, COARSE))["dw"] == "wrong"
    in_float64_only = Fake("fine", ("dw",), ("float64",))
    found = judged(RIGHT, in_float64_only, case=IN_FLOAT64)
    assert found.verdict.passes
    assert [d.what.partition("; ")[2] for d in found.defects] == ["right in float32"]
    assert verdicts(judged(SHARES, in_float64_only, case=IN_FLOAT64))["dw"] == "wrong"


def test_a_framework_right_in_one_precision_confirms_the_formula() -> None:
    """So that the one that is wrong in both stands alone."""
    found = judged(RIGHT, STUBBORN, COARSE)
    assert found.verdict.passes
    assert {d.oracle for d in found.defects} == {"stubborn", "coarse"}
    assert verdicts(judged(SHARES, STUBBORN, COARSE))["dw"] == "wrong"


def test_each_array_has_its_own_witness() -> None:
    """Two frameworks are wrong, each confirms what the other has wrong."""
    other = Fake("other", ("db",))
    found = judged(RIGHT, STUBBORN, other)
    assert found.verdict.passes
    assert {d.oracle for d in found.defects} == {"stubborn", "other"}


# ---------------------------------------------------------------------- the exact result contradicted


@pytest.mark.parametrize("case", [CASE, IN_FLOAT64], ids=lambda case: case.dtype)
def test_the_only_framework_wrong_in_both_precisions_contradicts(case: Case) -> None:
    """Whether the layer shares the error or not: never a pass; what nobody says is wrong."""
    third = Fake("layer", ("dw",), times=3.0)
    for layer, expected in ((RIGHT, "contradicted"), (SHARES, "contradicted"), (third, "wrong")):
        found = judged(layer, STUBBORN, case=case)
        assert not found.verdict.passes
        assert verdicts(found) == {
            "out": "exact", "dx": "exact", "dw": expected, "db": "exact"
        }  # fmt: skip
        assert not found.defects
    reasons = {c.reason for c in judged(SHARES, STUBBORN).own if c.array == "dw"}
    assert len(reasons) == 1
    told = reasons.pop()
    assert "stubborn contradicts the exact result in both precisions" in told
    assert "this agrees with stubborn: name another --oracle, or report the case" in told


def test_all_frameworks_wrong_contradict_even_if_they_differ_among_themselves() -> None:
    alike, otherwise = replace(STUBBORN, name="alike"), Fake("otherwise", ("dw",), times=0.5)
    for second in (alike, otherwise):
        for layer in (RIGHT, SHARES):
            assert verdicts(judged(layer, STUBBORN, second))["dw"] == "contradicted"


def test_who_cannot_answer_confirms_nothing() -> None:
    assert verdicts(judged(RIGHT, STUBBORN, Fake("dead", dies=True)))["dw"] == "contradicted"


def test_a_framework_under_check_is_a_witness_itself() -> None:
    """Right and asked beside one that is wrong; wrong beside one that is right; both wrong."""
    subject = replace(RIGHT, name="oracle:one", oracle="one")
    found = judged(subject, STUBBORN)
    assert found.verdict.passes
    assert [d.oracle for d in found.defects] == ["stubborn"]
    wrong = replace(STUBBORN, name="oracle:one", oracle="one")
    assert verdicts(judged(wrong, RIGHT))["dw"] == "wrong"
    assert verdicts(judged(wrong, STUBBORN))["dw"] == "contradicted"
    assert verdicts(judged(wrong))["dw"] == "wrong"


# ---------------------------------------------------------------------- the real ones

WIDER_THAN_THE_IMAGE = (
    "avg_pool x=1x1x4x4 kernel_size=5 stride=1 padding=same count_include_pad=false"
)


@pytest.mark.parametrize("names", [("torch", "tensorflow"), ("tensorflow",)])
@pytest.mark.parametrize("dtype", BOTH)
def test_a_right_layer_passes_where_tensorflow_is_wrong_in_both_precisions(
    names: tuple[str, ...], dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its entry in the list; without it, by torch's word; with neither nobody can tell."""
    case = parse(f"{WIDER_THAN_THE_IMAGE} dtype={dtype} seed=1")
    layers, asked = Module("ref_layers"), {name: framework(name) for name in names}
    replies = {name: oracle.answer(case) for name, oracle in asked.items()}
    listed = judge(facts(case), layers, layers.answer(case), replies, asked)
    assert listed.verdict.passes
    assert [d.oracle for d in listed.defects] == ["tensorflow"]
    assert listed.defects[0].known == "tensorflow-avg-pool-gradient-window-larger-than-image"
    monkeypatch.setattr("layercheck.judging.defects.known_defects", tuple)
    new = judge(facts(case), layers, layers.answer(case), replies, asked)
    assert new.verdict == ("rounding" if "torch" in names else "contradicted")
    assert [d.known for d in new.defects] == ([None] if "torch" in names else [])


def test_a_run_with_a_contradicted_case_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check says so, with the record that shows it; a mistake shared with it is no pass."""
    from layercheck.pipeline import plan

    framework("tensorflow")
    monkeypatch.setattr("layercheck.judging.defects.known_defects", tuple)
    fine = "avg_pool x=1x2x4x6 kernel_size=2 seed=1"
    cases = [parse(f"{WIDER_THAN_THE_IMAGE} seed=1"), parse(fine)]
    monkeypatch.setattr(plan, "GRIDS", {"standard": lambda ops: cases})
    asked = {"tensorflow": framework("tensorflow")}
    options = Options(grid="standard", ops=("avg_pool",), oracles=("tensorflow",))
    report = run.check("ref_layers", options, asked)
    assert not report.passed
    forward, backward = report.checks
    assert (forward.verdict, forward.passed) == ("rounding", True)
    assert (backward.verdict, backward.passed) == ("contradicted", False)
    assert backward.first_wrong is not None
    assert "name another --oracle" in backward.first_wrong.reason
