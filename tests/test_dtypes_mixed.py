"""Layers are called with whole numbers too, and with arrays of two dtypes: nothing is cut to the
narrower one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layercheck.cases.case import Case
from layercheck.cases.grids import sample
from ref_layers import OPS

CASES = [max(sample([op]), key=lambda case: (len(case.shapes), str(case))) for op in OPS]
FLOAT32 = 1e-4
"""Relative: some of the arithmetic is in float32, whose spacing is 6e-8."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op)
def test_whole_numbers_are_taken_as_float64(case: Case) -> None:
    inputs, dout = arrays(case)
    rounded = {name: np.round(v) if is_float(v) else v for name, v in inputs.items()}
    whole = {name: v.astype(int) if is_float(v) else v for name, v in rounded.items()}
    assert_same(case, run(case, whole, dout), run(case, rounded, dout), 1e-12)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.op)
@pytest.mark.parametrize("narrow", ["first", "others", "dout"])
def test_nothing_is_cut_to_the_narrower_dtype(case: Case, narrow: str) -> None:
    inputs, dout = arrays(case)
    first = next(iter(inputs))
    mixed = {
        name: value.astype(np.float32)
        if is_float(value) and narrow == ("first" if name == first else "others")
        else value
        for name, value in inputs.items()
    }
    gradient = dout.astype(np.float32) if narrow == "dout" else dout
    got = run(case, mixed, gradient)
    assert_same(case, got, run(case, inputs, dout), FLOAT32)
    kinds = [v.dtype for name, v in mixed.items() if is_float(v) and name != "mask"]
    assert got["out"].dtype == np.result_type(*kinds)


def arrays(case: Case) -> tuple[dict[str, Any], Any]:
    """Quarters, so that float32 holds them; far from a float32's rounding apart."""
    question = case.question
    inputs = {n: quarters(v) if is_float(v) else v for n, v in question.inputs.items()}
    return inputs, quarters(question.dout)


def quarters(values: Any) -> Any:
    return np.round(np.asarray(values, float) * 4 * 4) / 4


def is_float(value: Any) -> bool:
    return bool(value.dtype.kind == "f")


def run(case: Case, inputs: dict[str, Any], dout: Any) -> dict[str, Any]:
    return OPS[case.op].run(inputs, case.question.attributes, dout)


def assert_same(case: Case, got: dict[str, Any], expected: dict[str, Any], rtol: float) -> None:
    for name, value in expected.items():
        size = np.abs(value[np.isfinite(value)]).max(initial=0)
        np.testing.assert_allclose(
            got[name], value, rtol=rtol, atol=rtol * size, err_msg=f"{case} {name}"
        )
