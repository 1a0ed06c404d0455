"""The limits are as narrow as they were: the smallest errors that are still seen."""

from __future__ import annotations

import numpy as np
import pytest

from layercheck.judging.bounds import bound
from layercheck.judging.facts import Facts
from layercheck.upkeep.sensitivity import (
    GROWN,
    Seen,
    grown,
    is_seen,
    measure,
    ordinary_facts,
    outdated,
    read,
)
from ref_layers import OPS

WRITTEN = read()


@pytest.fixture(scope="module")
def cases() -> list[Facts]:
    return list(ordinary_facts())


def test_no_error_has_to_be_larger_than_before_to_be_seen(cases: list[Facts]) -> None:
    now = measure(cases)
    assert grown(WRITTEN, now) == []
    assert outdated(WRITTEN, now) == []


def test_every_op_is_there_in_both_dtypes() -> None:
    there = {tuple(key.split()[:2]) for key in WRITTEN}
    assert there == {(op, dtype) for op in OPS for dtype in ("float32", "float64")}


def test_the_judge_sees_what_is_written_and_not_much_less(cases: list[Facts]) -> None:
    """Twice as large an error is rejected; half as large a one is not, unless it rounds away."""
    by_text = {known.text: known for known in cases}
    for key, seen in WRITTEN.items():
        _, dtype, array = key.split()
        known = by_text[seen.at]
        assert is_seen(known, array, 2 * seen.smallest), key
        if seen.smallest > 4 * np.finfo(dtype).eps:
            assert not is_seen(known, array, seen.smallest / 2), key


@pytest.mark.parametrize("factor", [2, 1000])
def test_a_looser_limit_is_told(
    factor: float, cases: list[Facts], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice the slack, in every array that is rounded; and a thousand times, which once passed."""
    rounded = {k for k, v in WRITTEN.items() if v.smallest > 2 * np.finfo(k.split()[1]).eps}
    assert len(rounded) > 100
    monkeypatch.setattr(bound, "SLACK", factor * bound.SLACK)
    told = {line.partition(":")[0] for line in grown(WRITTEN, measure(cases))}
    assert told >= rounded


def test_half_the_slack_is_told_as_out_of_date(
    cases: list[Facts], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bound, "SLACK", 0.4 * bound.SLACK)
    told = outdated(WRITTEN, measure(cases))
    assert len(told) > 100
    assert "python -m layercheck.upkeep.sensitivity" in told[0]


def test_an_array_that_nobody_sees_any_more_is_told() -> None:
    before = {"relu float32 dx": Seen(1e-7, "a case"), "relu float32 out": Seen(1e-7, "a case")}
    now = {"relu float32 out": Seen(GROWN * 1.01e-7, "a case")}
    assert [line.partition(":")[0] for line in grown(before, now)] == list(before)
    assert outdated({}, now) != []
