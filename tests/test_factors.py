"""Layers whose factors have fewer digits than was asked for: TF32's, bfloat16's, float16's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import layercheck
from layercheck.diagnosis.relations.factors import Rounding, cut, rounded
from oracles.oracle import Array
from ref_layers import affine, affine_backward, conv2d, conv2d_backward


def reasons(report: layercheck.Report) -> dict[str, list[str]]:
    return {check.target: [d.text for d in check.diagnoses] for check in report.checks}


@pytest.mark.parametrize(
    ("how", "bits", "told"),
    [
        (rounded, 11, "rounded to 11 bits (TF32, float16)"),
        (cut, 11, "cut to 11 bits (TF32, float16)"),
        (rounded, 8, "rounded to 8 bits (bfloat16)"),
    ],
)
def test_a_product_of_fewer_digits_is_told(how: Rounding, bits: int, told: str) -> None:
    def forward(x: Array, w: Array, b: Any = None, stride: Any = 1, padding: Any = 0) -> Any:
        fewer = how(x, bits), how(w, bits)
        out, cache = conv2d(*fewer, b, stride=stride, padding=padding)
        return out, cache

    def backward(dout: Array, cache: Any) -> Any:
        dx, dw, _ = conv2d_backward(how(dout, bits), cache)
        return dx, dw, dout.sum(axis=(0, 2, 3))

    found = reasons(layercheck.check(conv2d=forward, conv2d_backward=backward, dtype="float32"))
    assert f"out is what the layer gives for x and w {told}." in found["conv2d"]
    (of_backward,) = found["conv2d_backward"]
    assert of_backward.endswith(f"{told}.")
    assert of_backward.startswith(("dx is what the layer gives for w", "dw is what the layer"))


@pytest.mark.parametrize(
    ("dtype", "told"),
    [
        ("float16", "out equals what the layer gives for x in float16."),
        ("float32", "out is what the layer gives for x rounded to 24 bits (float32)."),
    ],
)
def test_an_input_that_is_cast_is_told(dtype: str, told: str) -> None:
    def forward(x: Array, w: Array, b: Array) -> Any:
        return affine(x.astype(dtype).astype(x.dtype), w, b)

    found = reasons(layercheck.check(affine=forward, affine_backward=affine_backward))
    assert told in found["affine"]


@pytest.mark.parametrize("spoil", [lambda w: w * 1.001, lambda w: w + 1e-3])
def test_what_is_off_by_as_much_is_not_told_so(spoil: Callable[[Array], Array]) -> None:
    def forward(x: Array, w: Array, b: Array) -> Any:
        return affine(x, spoil(w), b)

    found = reasons(layercheck.check(affine=forward, affine_backward=affine_backward))
    assert not any("bits" in told for told in found["affine"])


def test_rounding_is_to_the_nearest_even_and_cutting_towards_zero() -> None:
    value = np.array([1.0, -2049.0, 2051.0, np.inf], np.float32)
    assert rounded(value, 11).tolist() == [1.0, -2048.0, 2052.0, np.inf]
    assert cut(value, 11).tolist() == [1.0, -2048.0, 2050.0, np.inf]
