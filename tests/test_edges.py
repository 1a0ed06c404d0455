"""The number that a condition names is the true one: between the values that a grid has, too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layercheck.upkeep.diagnosed import diagnoses, in_style
from ref_layers.affine import affine, affine_backward
from ref_layers.avg_pool import avg_pool, avg_pool_backward
from ref_layers.leaky_relu import leaky_relu, leaky_relu_backward


def condition_of(forward: Any, backward: Any, op: str) -> str:
    """The condition that is told of a layer."""
    found = diagnoses(in_style(forward, backward, "vectorised"), "functional", op)
    assert found is not None
    (one,) = (d for d in found if d.is_condition and "out" in d.arrays)
    return one.text


@pytest.mark.parametrize("most", [5, 9, 13, 20])
def test_of_a_size(most: int) -> None:
    def wrong(x: Any, w: Any, b: Any = None) -> Any:
        out, cache = affine(x, w, b)
        return (out if len(x) <= most else out + 1), cache

    assert f" where N > {most}, " in condition_of(wrong, affine_backward, "affine")


@pytest.mark.parametrize("most", [3, 4])
def test_of_a_window(most: int) -> None:
    def wrong(x: Any, *, kernel_size: Any, **named: Any) -> Any:
        out, cache = avg_pool(x, kernel_size=kernel_size, **named)
        return (out if np.ravel(kernel_size)[0] <= most else out + 1), cache

    told = condition_of(wrong, avg_pool_backward, "avg_pool")
    assert f" where kernel_size > {most}, " in told or f"kernel_size_h > {most}" in told


@pytest.mark.parametrize("least", [0.02, 0.05, 0.15])
def test_of_a_number(least: float) -> None:
    def wrong(x: Any, *, negative_slope: float = 0.01) -> Any:
        out, cache = leaky_relu(x, negative_slope=negative_slope)
        return (out if negative_slope <= least else out + 1), cache

    told = condition_of(wrong, leaky_relu_backward, "leaky_relu")
    value = float(told.partition("negative_slope > ")[2].partition(",")[0])
    assert value == least
