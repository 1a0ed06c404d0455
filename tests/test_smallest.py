"""The smallest failing case: small, the same each time, and failing as the first one does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layercheck.cases.case import Case
from layercheck.cases.combined import make_case
from layercheck.cases.draws import draw
from layercheck.cases.grids import GRIDS
from layercheck.cases.parse import parse
from layercheck.cases.row import row_of
from layercheck.diagnosis.failing import FailsAlike, Kind, failed_at
from layercheck.diagnosis.simpler import effort, neighbours
from layercheck.diagnosis.smallest import smallest
from layercheck.implementations.layer import Layer
from layercheck.implementations.mistaken import Mistaken
from layercheck.implementations.protocol import PARTS, Answer, Failure, Reply
from layercheck.mistakes import of_op
from layercheck.reporting.verdict import Verdict
from layercheck.submissions.profiles.target import Takes
from layercheck.upkeep.smallest_cases import explaining, first_failure, layer_of, shrunk
from ref_layers import OPS

LARGE = "conv2d x=2x6x9x7 w=5x6x3x2 b=5 stride=2 padding=1 dtype=float32 fill=normal seed=3"


def mistake(op: str, name: str):  # type: ignore[no-untyped-def]
    return next(m for m in of_op(op) if m.name == name)


# ---------------------------------------------------------------------- a case as its combination


@pytest.mark.parametrize("op", OPS)
def test_a_case_is_made_again_of_its_combination(op: str) -> None:
    for grid in ("standard", "quick", "architectures"):
        for case in GRIDS[grid]([op]):
            assert str(make_case(case.spec, row_of(case), case.seed)) == str(case)


@pytest.mark.parametrize("op", OPS)
def test_every_simpler_case_is_one_that_can_be_asked_and_written(op: str) -> None:
    case = max(GRIDS["quick"]([op]), key=lambda case: case.elements)
    found = list(neighbours(case))
    assert found
    for one in found[:200]:
        assert effort(one) < effort(case)
        assert str(parse(str(one))) == str(one)
        assert one.question.dout.shape == one.out_shape


# ---------------------------------------------------------------------- whole numbers


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 99))
@settings(max_examples=60, deadline=None)
def test_whole_numbers_are_few_small_and_apart(shape: list[int], seed: int) -> None:
    values = draw("whole_numbers", "data", tuple(shape), f"key {seed}")
    assert (values == values.astype(int)).all()
    assert len(set(values.flat)) == values.size
    assert not {-1, 0, 1} & set(values.flat)
    assert np.abs(values).max() <= values.size + 4


def test_every_array_of_a_case_of_whole_numbers_holds_them() -> None:
    case = parse(
        "batch_norm x=2x3x2x2 gamma=3 beta=3 running_mean=3 running_var=3 fill=whole_numbers"
    )
    for value in (*case.inputs.values(), case.question.dout):
        assert (value == value.astype(int)).all()
    assert (case.inputs["running_var"] > 0).all()


# ---------------------------------------------------------------------- shrinking


def test_what_depends_on_one_thing_shrinks_to_that() -> None:
    """Failing where there is padding and a bias: nothing else is kept."""
    found = smallest(
        parse(LARGE), lambda case: case.all_attributes["padding"] == 1 and "b" in case.shapes
    )
    assert str(found.case) == (
        "conv2d x=1x1x1x1 w=1x1x1x2 b=1 padding=1 dtype=float32 fill=whole_numbers seed=0"
    )
    assert found.finished


def test_the_search_is_the_same_each_time_and_asks_no_case_twice() -> None:
    asked: list[list[str]] = []
    for _ in range(2):
        asked.append([])

        def fails(case: Case) -> bool:
            asked[-1].append(str(case))
            return case.elements > 20 and case.shapes["w"][3] > 1

        first = smallest(parse(LARGE), fails, seconds=float("inf"))
    assert asked[0] == asked[1]
    assert len(set(asked[0])) == len(asked[0]) == first.asked


@pytest.mark.parametrize("limits", [{"seconds": 0.0}, {"most": 3}])
def test_a_search_that_is_cut_off_says_so_and_gives_a_failing_case(
    limits: dict[str, float],
) -> None:
    found = smallest(parse(LARGE), lambda case: True, **limits)  # type: ignore[arg-type]
    assert not found.finished
    assert found.asked <= 3


def test_values_that_cannot_be_easier_stay() -> None:
    found = smallest(parse(LARGE), lambda case: case.fill == "normal")
    assert (found.case.fill, found.case.seed) == ("normal", 3)
    assert found.case.elements == 2


@pytest.mark.parametrize("op", OPS)
def test_the_smallest_case_of_a_mistake_is_small_and_has_the_same_diagnosis(op: str) -> None:
    one = next(shrunk(of_op(op)))
    first = first_failure(one.mistake)
    subject = Mistaken(one.mistake)
    failed = failed_at(subject, PARTS, one.found.case, subject.answer(one.found.case))
    assert first is not None
    assert failed is not None
    assert one.found.finished
    assert failed.kind == first.kind
    assert one.mistake.name in explaining(op, failed) <= explaining(op, first)
    assert one.found.case.elements <= 24


# ---------------------------------------------------------------------- who is asked


def test_nothing_is_asked_that_the_signature_or_the_assignment_leaves_out() -> None:
    wrong = layer_of(mistake("conv2d", "kernel_flipped"))
    kind = Kind("out", Verdict.WRONG, "")
    case = parse("conv2d x=1x1x2x2 w=1x1x2x2 stride=2 fill=whole_numbers")
    assert FailsAlike(wrong, PARTS, kind)(case)
    narrow = replace(wrong, takes=Takes(fixed={"stride": 1}))
    assert not FailsAlike(narrow, PARTS, kind)(case)
    assert not FailsAlike(replace(wrong, beyond=("stride > 1",)), PARTS, kind)(case)
    assert not FailsAlike(wrong, PARTS[1:], kind)(case)
    assert not FailsAlike(wrong, PARTS, Kind("dx", Verdict.WRONG, ""))(case)
    assert not FailsAlike(wrong, PARTS, kind, lambda failed: False)(case)


class Dying:
    """Dies of its first question, and remembers it."""

    name, versions, asked = "dying", {}, 0

    def __init__(self) -> None:
        self.dead: dict[str, Failure] = {}

    def answer(self, case: Case, dtype: str | None = None) -> Reply:
        self.asked += 1
        self.dead["forward"] = Failure("timed out")
        return Answer({}, {"forward": Failure("timed out")})


def test_a_function_that_dies_is_asked_once() -> None:
    dying = Dying()
    fails = FailsAlike(Layer("relu", "f", "", dying), PARTS[:1], Kind("", Verdict.ERROR, "raised"))
    found = smallest(parse("relu x=2x3x4x5"), fails)
    assert (dying.asked, str(found.case)) == (1, str(parse("relu x=2x3x4x5")))
