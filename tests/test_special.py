"""erf and pi, which NumPy lacks: accurate in every arithmetic."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from conftest import required

from layercheck.judging.bounds import Bounded
from layercheck.judging.bounds.functions import LIBRARY
from ref_layers.op import Array
from ref_layers.special import ONE_BEYOND, SERIES_BELOW, erf, erf_near, number, pi, series_length

ULPS = 5.0
"""What erf promises."""

DTYPES = ("float16", "float32", "float64", "longdouble")


def arguments(dtype: str) -> Array:
    """Both formulas and the place where they meet, both signs, tiny and huge numbers."""
    rs = np.random.RandomState(3)
    meeting = SERIES_BELOW * (1 + np.arange(-20, 21) * 2.0**-20)
    small = 2.0 ** rs.uniform(-12, 0, 100)
    values: list[Any] = [
        rs.uniform(-3, 3, 600),
        rs.uniform(3, 7, 100),
        meeting,
        small,
        [0, ONE_BEYOND, 100.0],
    ]
    x = np.concatenate(values).astype(dtype)
    return np.concatenate([x, -x])


def ulps_off(x: Array, exact: Array) -> Array:
    """Errors of erf(x) in units in the last place of exact (longdouble)."""
    info = np.finfo(x.dtype)
    size = np.maximum(np.abs(exact), info.tiny)
    ulp = np.ldexp(info.eps.astype(np.longdouble), np.frexp(size)[1] - 1)
    off: Array = np.abs(erf(x).astype(np.longdouble) - exact) / ulp
    return off


@pytest.mark.parametrize("dtype", DTYPES)
def test_erf_is_within_five_ulp_of_the_exact_value(dtype: str) -> None:
    flint = required("flint")
    x = arguments(dtype)
    with flint.ctx.workprec(200):
        exact = np.array([rounded(exactly(flint, v).erf()) for v in x], np.longdouble)
    assert erf(x).dtype == x.dtype
    assert ulps_off(x, exact).max() <= ULPS


def exactly(flint: Any, value: Any) -> Any:
    """A number as a ball of radius 0, whatever its precision."""
    ball = flint.arb(0)
    for _ in range(3):
        part = float(value)
        ball, value = ball + part, value - np.longdouble(part)
    return ball


def rounded(ball: Any) -> Any:
    """The nearest longdouble, whatever its precision: the ball's three leading floats, added up."""
    parts = []
    for _ in range(3):
        parts.append(np.longdouble(float(ball)))
        ball = ball.mid() - float(ball)
    return parts[0] + (parts[1] + parts[2])


@pytest.mark.parametrize("dtype", DTYPES[:3])
def test_erf_agrees_with_the_c_library(dtype: str) -> None:
    x = arguments(dtype)
    exact = np.array([math.erf(v) for v in x], np.longdouble)  # itself within 1 ulp of float64
    assert ulps_off(x, exact).max() <= ULPS + 1


@pytest.mark.parametrize("dtype", DTYPES)
def test_erf_is_odd_never_beyond_one_and_right_at_the_ends(dtype: str) -> None:
    x = arguments(dtype)
    np.testing.assert_array_equal(erf(-x), -erf(x))
    assert (np.abs(erf(x)) <= 1).all()
    ends = np.array([-np.inf, -0.0, 0.0, np.inf, np.nan], dtype)
    np.testing.assert_array_equal(erf(ends), np.array([-1, 0, 0, 1, np.nan], dtype))
    np.testing.assert_array_equal(np.signbit(erf(ends[1:3])), [True, False])


def test_the_series_has_the_sign_of_its_value() -> None:
    assert (erf_near(np.array([0.25, 1.5])) > 0).all()


@pytest.mark.parametrize(("smallest", "terms"), [(4.0, 0), (3.96, 2), (1.2, 3)])
def test_the_series_ends_with_the_first_term_that_counts_for_nothing(
    smallest: float, terms: int
) -> None:
    """At ratio 3 the terms are 1, 3/3, 3/3 * 3/5 = 0.6 and 0.6 * 3/7 = 0.26: a quarter of smallest."""
    assert series_length(3.0, smallest) == terms


@pytest.mark.parametrize("shape", [(), (0,), (2, 3, 4)])
def test_erf_keeps_the_shape(shape: tuple[int, ...]) -> None:
    x = np.random.RandomState(1).standard_normal(shape)
    assert erf(np.asarray(x)).shape == shape


def test_erf_leaves_its_argument_alone() -> None:
    x = arguments("float64")
    before = x.copy()
    erf(x)
    np.testing.assert_array_equal(x, before)


def test_balls_are_asked_for_their_own_erf() -> None:
    flint = required("flint")
    with flint.ctx.workprec(200):
        x = np.array([[flint.arb(1)], [flint.arb("0.25")]], dtype=object)
        out = erf(x)
        assert out.shape == (2, 1)
        assert out[0, 0].overlaps(flint.arb(1).erf())
        assert out[0, 0].rad() < 2.0**-190


def test_bounded_erf_carries_the_error_of_its_argument() -> None:
    """Move the argument by its whole error: the result moves by no more than its bound."""
    x = np.array([-2.5, -0.5, 0.0, 1e-3, 0.7, 1.75, 6.0])
    factor = np.array([1.1, 0.7, 1.3, 0.9, 1.7, 0.3, 0.6])
    argument = bounded(x) * bounded(factor)
    result: Any = erf(argument)
    for error, limit in zip(argument.errors(), result.errors(), strict=True):
        for sign in (-1, 1):
            moved = np.abs(erf(argument.value + sign * error) - erf(argument.value))
            assert (moved <= limit).all()


def test_bounded_erf_of_an_exact_number_has_the_error_of_a_library() -> None:
    result: Any = erf(bounded(np.array([0.5, 3.0])))
    tiny = np.finfo("float32").tiny
    expected: Any = LIBRARY * 2.0**-24 * np.array([math.erf(0.5), math.erf(3.0)]) + tiny
    eight_roundings = 8 * 2.0**-53 * expected  # of computing both sides in float64
    assert (np.abs(result.errors()[0] - expected) <= eight_roundings).all()


def bounded(values: Array) -> Any:
    return Bounded.exact(values, np.dtype("float32"))


# ---------------------------------------------------------------------- constants


@pytest.mark.parametrize("dtype", DTYPES)
def test_pi_is_the_nearest_number_of_its_dtype(dtype: str) -> None:
    value = pi(np.zeros((2, 3), dtype))
    assert value.shape == (1, 1)
    assert value.dtype == np.dtype(dtype)
    assert value[0, 0] == np.dtype(dtype).type("3.14159265358979323846264338327950288")


def test_pi_as_a_ball_contains_pi() -> None:
    flint = required("flint")
    with flint.ctx.workprec(300):
        value = pi(np.array([flint.arb(2)], dtype=object))
        assert value[0].overlaps(flint.arb.pi())
        assert value[0].rad() < 2.0**-290


def test_a_ball_takes_the_place_of_one_number() -> None:
    flint = required("flint")
    assert number(np.array([[flint.arb(3)] * 2], dtype=object), 2).shape == (1, 1)


def test_pi_as_a_bounded_number_has_the_rounding_of_its_dtype() -> None:
    value: Any = pi(bounded(np.ones((2, 2))))
    assert value.errors()[0] == pytest.approx(abs(float(np.float32(np.pi)) - np.pi))


def test_a_number_takes_the_dtype_of_its_array() -> None:
    assert number(np.zeros((2, 3), np.float16), 2).dtype == np.float16
    assert number(np.zeros((2, 3), np.float16), 2).tolist() == [[2.0]]
