"""conv2d_transpose gives every size back that conv2d takes: both cases of Dumoulin and Visin.

conv2d maps o to i = (o + 2p - k) // s + 1. Where s divides o + 2p - k, the transposed layer maps i
to o by itself (relationship 13); otherwise a = (o + 2p - k) mod s rows at the bottom and columns at
the right are missing, which output_padding adds (relationship 14).
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

from ref_layers.conv2d import conv2d, conv2d_backward
from ref_layers.conv2d_transpose import conv2d_transpose, conv2d_transpose_backward
from ref_layers.op import Array

EVERY = [
    (o, k, s, p)
    for o, k, s, p in product(range(3, 10), (1, 2, 3, 4), (1, 2, 3), (0, 1, 2))
    if o + 2 * p >= k and p < k
]
DIVISIBLE = [case for case in EVERY if (case[0] + 2 * case[3] - case[1]) % case[2] == 0]
REMAINDER = [case for case in EVERY if (case[0] + 2 * case[3] - case[1]) % case[2] != 0]


def dyadic(*shape: int) -> Array:
    """Quarters: sums of products have no rounding error, so that equality is the right test."""
    return np.random.RandomState(sum(shape)).randint(-16, 17, size=shape) / 4.0


def transposed(o: int, k: int, s: int, p: int, **extra: Any) -> tuple[Array, Array, Array, Any]:
    """The small image, the weights, and what conv2d_transpose makes of them."""
    i = (o + 2 * p - k) // s + 1
    x, w = dyadic(2, 3, i, i + 1), dyadic(3, 4, k, k)
    return x, w, *conv2d_transpose(x, w, stride=s, padding=p, **extra)


def test_both_cases_occur_often() -> None:
    assert len(DIVISIBLE) > 50
    assert len(REMAINDER) > 50


@pytest.mark.parametrize(("o", "k", "s", "p"), DIVISIBLE)
def test_a_multiple_of_the_stride_comes_back_by_itself(o: int, k: int, s: int, p: int) -> None:
    assert transposed(o, k, s, p)[2].shape[2] == o


@pytest.mark.parametrize(("o", "k", "s", "p"), REMAINDER)
def test_a_remainder_needs_that_many_extra_rows(o: int, k: int, s: int, p: int) -> None:
    a = (o + 2 * p - k) % s
    assert transposed(o, k, s, p)[2].shape[2] == o - a
    *_, out, _ = transposed(o, k, s, p, output_padding=(a, 0))
    assert out.shape[2] == o


@pytest.mark.parametrize(("o", "k", "s", "p"), REMAINDER)
def test_extra_rows_leave_the_others_as_they_are(o: int, k: int, s: int, p: int) -> None:
    a = (o + 2 * p - k) % s
    *_, without, _ = transposed(o, k, s, p)
    *_, out, _ = transposed(o, k, s, p, output_padding=(a, 0))
    assert np.array_equal(out[:, :, : o - a], without)


@pytest.mark.parametrize(("o", "k", "s", "p"), EVERY)
def test_it_is_the_adjoint_of_conv2d(o: int, k: int, s: int, p: int) -> None:
    """Its out is conv2d's dx, its dx is conv2d's out, and both have the same dw."""
    a = (o + 2 * p - k) % s
    small, w, large, cache = transposed(o, k, s, p, output_padding=(a, 0))
    dlarge = dyadic(*large.shape)
    there, forth = conv2d(dlarge, w, stride=s, padding=p)
    assert there.shape == small.shape
    dsmall, dw, _ = conv2d_transpose_backward(dlarge, cache)
    dx, other_dw, _ = conv2d_backward(small, forth)
    assert np.array_equal(large, dx)
    assert np.array_equal(dsmall, there)
    assert np.array_equal(dw, other_dw)


@pytest.mark.parametrize("stride", [1, 2, (3, 2)])
@pytest.mark.parametrize("padding", ["same", "same_lower"])
def test_same_is_the_adjoint_of_the_same_conv2d(padding: str, stride: Any) -> None:
    """Out is H * stride by W * stride: the largest image that conv2d maps to H by W."""
    small, w = dyadic(2, 3, 5, 4), dyadic(3, 4, 4, 3)
    large, _ = conv2d_transpose(small, w, stride=stride, padding=padding)
    assert large.shape[2:] == tuple(np.multiply((5, 4), stride))
    there, cache = conv2d(dyadic(*large.shape), w, stride=stride, padding=padding)
    assert there.shape == small.shape
    assert np.array_equal(large, conv2d_backward(small, cache)[0])


def test_output_size_chooses_the_extra_rows() -> None:
    x, w = dyadic(1, 2, 3, 4), dyadic(2, 3, 3, 3)
    named, _ = conv2d_transpose(x, w, stride=2, padding=1, output_size=(6, 7))
    counted, _ = conv2d_transpose(x, w, stride=2, padding=1, output_padding=(1, 0))
    assert np.array_equal(named, counted)


@pytest.mark.parametrize("extra", [2, (0, 2), 3])
def test_extra_rows_are_fewer_than_the_stride(extra: Any) -> None:
    with pytest.raises(ValueError, match="less than max"):
        conv2d_transpose(dyadic(1, 1, 3, 3), dyadic(1, 1, 3, 3), stride=2, output_padding=extra)
