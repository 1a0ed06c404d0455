"""The figures of one array beside another, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from layercheck.implementations.functions import same
from layercheck.judging.bounds import SLACK, Bound
from layercheck.judging.compare import Pair, Pairing, compared
from layercheck.reporting.records import Comparison

PAIRING = Pairing("a case", "relu", "float32", "mine", "exact")


def figures(got: list[float], expected: list[float], limit: float = 4.0) -> Comparison:
    truth = np.array(expected, np.longdouble)
    allowed = np.full(truth.shape, limit / SLACK, np.longdouble)
    bound = Bound(allowed, allowed, 2.0**-24)
    (made,) = compared([Pair(PAIRING, "forward", "out", np.float32(got), truth, bound)])
    return made


def test_an_error_is_counted_in_units_in_the_last_place_of_the_expected_number() -> None:
    assert figures([1 + 3 * 2.0**-23], [1.0]).max_ulp == 3
    assert figures([4 + 2.0**-20], [4.0]).max_ulp == 2


def test_the_worst_element_is_the_one_that_uses_most_of_its_limit() -> None:
    made = figures([1.25, 2.0], [1.0, 2.0], limit=0.5)
    assert (made.limit_used, made.worst_index) == (pytest.approx(0.5), (0,))
    assert (made.got, made.expected, made.error) == (1.25, 1.0, 0.25)
    assert made.needed_tolerance == pytest.approx(0.125)


@pytest.mark.skipif(np.finfo(np.longdouble).nmant != 63, reason="no padding in this longdouble")
def test_the_padding_of_extended_precision_is_no_difference() -> None:
    one = np.array([1.5, np.nan, 0.0], np.longdouble)
    other = one.copy()
    other.view(np.uint8)[10::16] = 7
    assert one.tobytes() != other.tobytes()
    assert same(one, other)
    assert not same(one, np.array([1.5, np.nan, -0.0], np.longdouble))
    assert not same(one, np.array([1.5, 2.0, 0.0], np.longdouble))
