"""The first two moments of every initializer against its definition, by a statistical test.

Each of the tests computes a z-score and fails where |z| > 5: by the central limit theorem a right
initializer fails with probability 5.7e-7, and one of the 20 with less than 1.2e-5. The seeds are
fixed, so that a test that passed passes for good. With 200,000 draws a standard deviation that is
off by 2 % fails in every case.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from ref_layers import initializers
from ref_layers.initializers import fans

LARGEST_Z = 5.0
CONV, AFFINE = (100, 40, 5, 10), (400, 500)
KURTOSIS = {"normal": 3.0, "uniform": 9 / 5}
"""Fourth moment over squared variance."""

DEFINED: list[tuple[str, tuple[int, ...], float, str]] = [
    ("normal", AFFINE, 0.02, "normal"),
    ("normal", CONV, 0.02, "normal"),
    ("xavier_uniform", AFFINE, math.sqrt(2 / 900), "uniform"),
    ("xavier_uniform", CONV, math.sqrt(2 / 7000), "uniform"),
    ("xavier_normal", AFFINE, math.sqrt(2 / 900), "normal"),
    ("xavier_normal", CONV, math.sqrt(2 / 7000), "normal"),
    ("he_uniform", AFFINE, math.sqrt(2 / 400), "uniform"),
    ("he_uniform", CONV, math.sqrt(2 / 2000), "uniform"),
    ("he_normal", AFFINE, math.sqrt(2 / 400), "normal"),
    ("he_normal", CONV, math.sqrt(2 / 2000), "normal"),
]


def draw(name: str, shape: tuple[int, ...]) -> Any:
    scale = {"scale": 0.02} if name == "normal" else {}
    rs = np.random.RandomState(len(name) + len(shape))
    return getattr(initializers, name)(rs, shape, dtype="float64", **scale)


def z_of_mean(values: Any, std: float) -> float:
    return float(values.mean() / (std / math.sqrt(values.size)))


def z_of_variance(values: Any, std: float, kurtosis: float) -> float:
    """The mean of squares has variance (kurtosis - 1) std^4 / n."""
    spread = std**2 * math.sqrt((kurtosis - 1) / values.size)
    return float((np.mean(values**2) - std**2) / spread)


@pytest.mark.parametrize(("name", "shape", "std", "kind"), DEFINED)
def test_mean_is_zero(name: str, shape: tuple[int, ...], std: float, kind: str) -> None:
    assert abs(z_of_mean(draw(name, shape), std)) < LARGEST_Z


@pytest.mark.parametrize(("name", "shape", "std", "kind"), DEFINED)
def test_variance_is_as_defined(name: str, shape: tuple[int, ...], std: float, kind: str) -> None:
    assert abs(z_of_variance(draw(name, shape), std, KURTOSIS[kind])) < LARGEST_Z


@pytest.mark.parametrize(("name", "shape", "std", "kind"), DEFINED)
def test_a_deviation_off_by_2_percent_is_rejected(
    name: str, shape: tuple[int, ...], std: float, kind: str
) -> None:
    assert abs(z_of_variance(1.02 * draw(name, shape), std, KURTOSIS[kind])) > LARGEST_Z


def test_swapped_fans_are_rejected() -> None:
    values, wrong = draw("he_normal", CONV), math.sqrt(2 / fans(CONV)[1])
    assert abs(z_of_variance(values, wrong, KURTOSIS["normal"])) > LARGEST_Z


@pytest.mark.parametrize("name", ["xavier_uniform", "he_uniform"])
def test_uniform_stays_within_its_limits(name: str) -> None:
    std = next(std for n, s, std, _ in DEFINED if (n, s) == (name, AFFINE))
    largest = np.max(np.abs(draw(name, AFFINE)))
    assert 0.999 * math.sqrt(3) * std < largest <= math.sqrt(3) * std


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("name", sorted({name for name, *_ in DEFINED}))
def test_same_seed_same_bits_in_the_dtype_asked_for(name: str, dtype: str) -> None:
    drawn = [
        getattr(initializers, name)(np.random.RandomState(3), (4, 5), dtype=dtype) for _ in range(2)
    ]
    assert drawn[0].dtype == dtype
    assert np.array_equal(*drawn)


@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4), (0, 3)])
def test_shapes_without_fans_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected"):
        fans(shape)
