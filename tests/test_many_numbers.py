"""What explains a large array looks at a few of its numbers first, at cases before they are drawn, and
says the same."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from layercheck.cases.parse import parse
from layercheck.diagnosis import simpler
from layercheck.diagnosis.evidence import Evidence
from layercheck.diagnosis.relations import elementwise, stepped
from layercheck.diagnosis.relations.shown import FEW, MANY, Shown
from layercheck.diagnosis.sides import Sides
from layercheck.diagnosis.steps import relation
from layercheck.judging.bounds import Bound

SIZE = 40 * MANY
RIGHT = np.random.RandomState(0).standard_normal((4, SIZE // 4))


def shown(got: Any, right: Any = RIGHT) -> Shown:
    bound = Bound(np.full(right.shape, 1e-16), np.full(right.shape, 1e-15), 2.0**-53)
    facts = SimpleNamespace(bounds={"out": bound})
    seen: Any = SimpleNamespace(case=SimpleNamespace(dtype="float64"), facts=facts)
    return Shown(seen, "out", got, right)


def test_of_many_numbers_a_few_refuse_what_does_not_hold() -> None:
    asked: list[int] = []

    def squared(values: Any) -> Any:
        asked.append(values.size)
        return np.square(values)

    assert not elementwise.is_done(shown(2 * RIGHT), squared)
    assert not stepped.is_rounded(shown(2 * RIGHT), squared)
    assert 0 < max(asked) <= 3 * FEW


@pytest.mark.parametrize("place", [0, SIZE // 2 + 7, SIZE - 1])
def test_one_number_of_many_speaks_against_it_wherever_it_is(place: int) -> None:
    got = np.square(RIGHT)
    assert elementwise.is_done(shown(got), np.square)
    assert shown(got).equals(np.square(RIGHT))
    got.flat[place] += 1
    assert not elementwise.is_done(shown(got), np.square)
    assert not shown(got).equals(np.square(RIGHT))


def test_many_numbers_in_steps_are_told_as_few_are() -> None:
    sentence = "out is what it should be, rounded down to multiples of 1/256"
    got = np.floor(RIGHT * 256) / 256
    assert sentence in [*stepped.true(shown(got))]
    assert sentence in [*stepped.true(shown(got[:, :20], RIGHT[:, :20]))]
    got[3, 7] = RIGHT[3, 7]
    assert sentence not in [*stepped.true(shown(got))]


def test_a_case_that_is_not_worth_the_time_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(simpler, "is_askable", lambda case: bool(drawn.append(str(case)) or True))
    layer: Any = SimpleNamespace(
        op="relu", refuses=lambda case: "", goes_beyond=lambda case: "", functions=list
    )
    sides = Sides(Evidence(layer, ["forward"], [], lambda case: None))
    base = parse("relu x=9x1x1x1 dtype=float64 fill=normal seed=1")
    assert sides.changed(base, {"N": 36_000}, lambda case: True) is None
    assert sides.changed(base, {"N": 0}, lambda case: True) is None
    assert drawn == []
    assert sides.changed(base, {"N": 7}, lambda case: False) is None
    made = sides.changed(base, {"N": 7}, lambda case: True)
    assert made is not None
    assert drawn == [str(made)]


def test_what_holds_of_the_same_cases_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def true(one: Shown) -> list[str]:
        asked.append(one.name)
        return ["it holds"]

    monkeypatch.setattr(relation, "relations", lambda: (SimpleNamespace(true=true),))
    one, other = shown(RIGHT), shown(2 * RIGHT)
    evidence: Any = SimpleNamespace(held={})
    kept = relation.relations()
    monkeypatch.setattr(relation, "relations", lambda: kept)
    assert [*relation.holding([one], evidence)] == [["it holds"]]
    assert [*relation.holding([one], evidence)] == [["it holds"]]
    assert len(asked) == 1
    assert [*relation.holding([one, other], evidence)] == [["it holds"]]
    assert len(asked) == 3
