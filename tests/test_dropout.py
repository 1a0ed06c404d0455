"""Dropout: scale, keep rate, the same mask in backward, and the cases whose answer is trivial."""

from __future__ import annotations

from math import comb
from typing import Any

import numpy as np
import pytest

from ref_layers.dropout import dropout, dropout_backward
from ref_layers.op import Array

FALSE_ALARM = 1e-9
"""How often a right dropout would fail the test of its keep rate, over random seeds."""

RS = np.random.RandomState(11)
X = RS.randint(-16, 17, size=(4, 5, 6)) / 4.0
MASK = RS.randint(0, 2, size=X.shape).astype(float)
N = 1000


def dropped_often(count: int, p: float) -> bool:
    """Two-sided exact binomial test: whether `count` of N dropped is too unlikely at rate p."""
    weights = [comb(N, k) * p**k * (1 - p) ** (N - k) for k in range(N + 1)]
    return min(sum(weights[: count + 1]), sum(weights[count:])) < FALSE_ALARM / 2


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_the_drop_rate_is_p(p: float) -> None:
    kept, _ = dropout(np.ones(N), p=p, mask_seed=1)
    assert not dropped_often(int((kept == 0).sum()), p)


@pytest.mark.parametrize("p", [0.1, 0.8])
def test_the_test_of_the_rate_fails_for_the_keep_rate(p: float) -> None:
    kept, _ = dropout(np.ones(N), p=1 - p, mask_seed=1)
    assert dropped_often(int((kept == 0).sum()), p)


@pytest.mark.parametrize(("p", "scale"), [(0.5, 2.0), (0.75, 4.0), (0.875, 8.0)])
def test_what_is_kept_is_scaled_to_keep_the_mean(p: float, scale: float) -> None:
    assert np.array_equal(dropout(X, MASK, p=p)[0], X * MASK * scale)
    out, _ = dropout(X, p=p, mask_seed=2)
    assert set(np.unique(out[X != 0] / X[X != 0])) == {0.0, scale}


@pytest.mark.parametrize("options", [{"mask": MASK}, {"mask_seed": 5}], ids=["given", "drawn"])
def test_backward_uses_the_mask_of_forward(options: dict[str, Any]) -> None:
    _, cache = dropout(X, p=0.5, **options)
    ones, _ = dropout(np.ones_like(X), p=0.5, **options)
    assert np.array_equal(dropout_backward(X + 10, cache), (X + 10) * ones)


def test_backward_remembers_the_mask_where_the_input_is_zero() -> None:
    _, cache = dropout(np.zeros_like(X), MASK, p=0.5)
    assert np.array_equal(dropout_backward(np.ones_like(X), cache), 2 * MASK)


def test_one_seed_draws_one_mask() -> None:
    ones = np.ones_like(X)
    first, second, other = (dropout(ones, p=0.3, mask_seed=seed)[0] for seed in (7, 7, 8))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_an_element_that_draws_p_itself_is_kept() -> None:
    p = float(np.random.RandomState(7).random_sample())
    assert dropout(np.ones(1), p=p, mask_seed=7)[0] == 1 / (1 - p)


def test_numpys_global_generator_is_left_alone() -> None:
    np.random.seed(3)
    before = np.random.get_state()[1].copy()  # type: ignore[index]
    dropout(X, p=0.3, mask_seed=7)
    assert np.array_equal(before, np.random.get_state()[1])  # type: ignore[index]


def both_ways(**options: Any) -> tuple[Array, Array]:
    out, cache = dropout(X, **options)
    return out, dropout_backward(X + 10, cache)


@pytest.mark.parametrize("mask", [None, MASK], ids=["drawn", "given"])
def test_outside_training_it_is_the_identity(mask: Array | None) -> None:
    out, dx = both_ways(mask=mask, p=0.5, training=False)
    assert np.array_equal(out, X)
    assert np.array_equal(dx, X + 10)
    assert not np.shares_memory(out, X)


def test_at_p_0_everything_is_kept() -> None:
    out, dx = both_ways(p=0.0)
    assert np.array_equal(out, X)
    assert np.array_equal(dx, X + 10)


@pytest.mark.parametrize("mask", [None, MASK], ids=["drawn", "given"])
def test_at_p_1_nothing_is_kept(mask: Array | None) -> None:
    out, dx = both_ways(mask=mask, p=1.0)
    assert not out.any()
    assert not dx.any()


@pytest.mark.parametrize("p", [-0.1, 1.1, float("nan")])
def test_p_is_a_probability(p: float) -> None:
    with pytest.raises(ValueError, match="a probability from 0 to 1"):
        dropout(X, p=p)


def test_the_mask_has_the_shape_of_the_input() -> None:
    with pytest.raises(ValueError, match=r"mask: got \(4, 5\), expected \(4, 5, 6\)"):
        dropout(X, MASK[..., 0])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_stays(dtype: Any) -> None:
    assert dropout(X.astype(dtype), p=0.3)[0].dtype == dtype
    assert dropout(X.astype(dtype), p=1.0)[0].dtype == dtype
