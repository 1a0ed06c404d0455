"""An array of the right size that holds an answer of another size, and zeros beyond."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from layercheck.cases.parse import parse
from layercheck.diagnosis.relations.instead import true
from layercheck.diagnosis.relations.shown import Shown
from layercheck.judging.facts import facts
from ref_layers.conv2d import conv2d


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("off", "told"), [(0, True), (2, True), (10_000, False)])
def test_it_is_told_where_its_numbers_are_those(off: int, told: bool, dtype: str) -> None:
    """off: by how many units of roundoff its numbers are."""
    case = parse(f"conv2d x=2x3x6x5 w=4x3x3x2 padding=1 dtype={dtype} seed=3")
    known, question = facts(case), case.question
    bare, _ = conv2d(question.inputs["x"], question.inputs["w"])
    got = np.zeros(known.truth.arrays["out"].shape, dtype)
    got[:, :, : bare.shape[2], : bare.shape[3]] = bare * (1 + off * np.finfo(dtype).eps)
    right = known.truth.arrays["out"]
    seen: Any = SimpleNamespace(question=question, facts=known, truth=known.truth.arrays, case=case)
    assert (
        "out begins with what padding = 0 gives" in true(Shown(seen, "out", got, right))
    ) == told
