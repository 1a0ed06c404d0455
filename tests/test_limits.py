"""Elements that have no limit: they are counted, have to be finite, and alone are no pass."""

from __future__ import annotations

import numpy as np
import pytest
from test_compare import PAIRING

from layercheck.cases.case import Case
from layercheck.cases.grids import GRIDS
from layercheck.cases.parse import parse
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer
from layercheck.judging.bounds import SLACK, Bound, bounds
from layercheck.judging.compare import Pair, compared
from layercheck.judging.facts import facts
from layercheck.pipeline import plan, run
from layercheck.pipeline.one import ask_one
from layercheck.pipeline.options import Options
from layercheck.reporting.records import Comparison
from layercheck.reporting.replay import described
from ref_layers import OPS
from ref_layers.op import Array

NOISE = parse("batch_norm x=4x3x5x6 dtype=float16 fill=offset seed=1")
"""The variance is all rounding: nothing can be said of any element."""

SOME = parse("batch_norm x=4x3x5x6 eps=1e-12 dtype=float32 fill=constant_channels seed=1")
"""The variance of two channels in three is."""


def made(got: list[float], limits: list[float]) -> Comparison:
    """Beside the truth 1, 1, ..."""
    allowed = np.array(limits) / SLACK
    pair = Pair(
        PAIRING, "forward", "out", np.float32(got), np.ones(len(got), np.longdouble),
        Bound(allowed, allowed, 2.0**-24),
    )  # fmt: skip
    (found,) = compared([pair])
    return found


@pytest.mark.parametrize("none", [np.inf, np.nan, 1e39], ids=["infinite", "nan", "beyond float32"])
def test_an_element_without_a_limit_only_has_to_be_finite(none: float) -> None:
    right = made([1, 7e7], [1e-6, none])
    assert (right.verdict, right.compared, right.unlimited) == ("rounding", 1, 1)
    for lost in (np.inf, -np.inf, np.nan):
        found = made([1, lost], [1e-6, none])
        assert (found.verdict, found.worst_index) == ("error", (1,))
    assert made([2, 7e7], [1e-6, none]).verdict == "wrong"  # the others keep their limits


def test_an_array_of_which_no_element_has_a_limit_is_no_pass() -> None:
    found = made([1, 1], [np.inf, np.nan])
    assert (found.verdict, found.compared, found.unlimited) == ("skipped", 0, 2)
    assert "no more can be asked" in found.reason
    assert made([1, np.nan], [np.inf, np.nan]).verdict == "error"


def test_one_element_without_a_limit_gives_the_whole_array_none() -> None:
    """The second chance of sums: what is 1e30 off stays wrong beside an infinite bound."""
    level = np.array([1.0, np.inf, np.nan, 2.0])
    uniform = Bound(level, level, 2.0**-24).in_norm()
    np.testing.assert_array_equal(uniform.likely, np.full(4, 4.0))
    np.testing.assert_array_equal(uniform.worst, np.full(4, 4.0))


def zeros(answer: Answer) -> Answer:
    return Answer({name: np.zeros_like(value) for name, value in answer.arrays.items()})


def test_zeros_do_not_pass_where_everything_is_noise() -> None:
    reply = Module("ref_layers").answer(NOISE)
    assert isinstance(reply, Answer)
    for answer in (reply, zeros(reply)):
        found = facts(NOISE).compare_all("", answer)
        assert {str(c.verdict) for c in found} == {"skipped"}
        assert all(c.unlimited == c.compared + c.unlimited == 360 for c in found)


def test_the_count_is_told_and_nothing_else_is_no_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a check's note, which every output shows, and in a replay."""
    options = Options(grid="quick", ops=("batch_norm",), oracles=(), hunt=False)
    monkeypatch.setattr(plan, "GRIDS", {"quick": lambda ops: [SOME]})
    checks = run.check("ref_layers", options).checks
    assert [check.passed for check in checks] == [True, True]
    told = "240 elements may be anything by rounding; they only had to be finite"
    assert [check.note for check in checks] == [f"out: {told}", f"dx: {told}"]
    monkeypatch.setattr(plan, "GRIDS", {"quick": lambda ops: [SOME, NOISE]})
    checks = run.check("ref_layers", options).checks
    assert [(str(c.verdict), c.passed) for c in checks] == [("incomplete", False)] * 2
    replayed = ask_one("ref_layers", SOME, options)
    assert all("120 compared, 240 without a limit" in described(c) for c in replayed.comparisons)


@pytest.mark.parametrize("op", OPS)
def test_every_finite_element_of_the_quick_grid_has_a_limit(op: str) -> None:
    """Also of float32 gelu's gradient at `wide`."""
    for case in GRIDS["quick"]([op]):
        largest = float(np.finfo(case.dtype).max)
        for name, bound in bounds(case.question).items():
            without = ~(bound.limit < largest)
            assert not (without.any() and is_finite(case, name)[without].any()), (str(case), name)


def is_finite(case: Case, name: str) -> Array:
    return np.isfinite(facts(case).truth.arrays[name])
