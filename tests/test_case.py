"""The text form of a case, and what is wrong with a text that is none."""

from __future__ import annotations

import tracemalloc
import weakref
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from layercheck.cases.case import Case
from layercheck.cases.draws import draw
from layercheck.cases.fills import FILLS
from layercheck.cases.parse import parse
from layercheck.cases.text import parse_value, value_text
from layercheck.cases.values import MOST_BYTES
from layercheck.errors import UsageError

TEXT = "conv2d x=2x6x9x7 w=5x6x3x2 b=5 stride=2 padding=1:0,0:1 dtype=float64 fill=wide seed=3"

numbers = st.integers(-99, 99) | st.floats(allow_nan=False, allow_infinity=False)
flat = st.tuples(numbers, numbers)
values = numbers | flat | st.tuples(flat, flat) | st.none() | st.booleans() | st.just("same_lower")


@given(values)
def test_any_attribute_reads_back_as_it_was_written(value: Any) -> None:
    assert parse_value(value_text(value)) == value


def test_a_case_reads_back_as_it_was_written() -> None:
    case = parse(TEXT)
    assert str(case) == TEXT
    assert case.attributes == {"stride": 2, "padding": ((1, 0), (0, 1))}
    assert case.shapes["w"] == (5, 6, 3, 2)


def test_defaults_are_left_out_and_order_does_not_matter() -> None:
    case = parse("conv2d stride=1 w=4x2x3x2 seed=1 x=1x2x5x4")
    assert str(case) == "conv2d x=1x2x5x4 w=4x2x3x2 dtype=float32 fill=normal seed=1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "unknown op ''"),
        ("conv3d x=1x2x3x4", "unknown op 'conv3d'; did you mean conv2d?; expected one of: "),
        ("conv2d x=1x2x5x4", "needs the shape w="),
        ("conv2d x=1xtwo w=1x2x3x4", "expected sizes such as"),
        (
            "conv2d x=1x2x5x4 w=4x2x3x2 colour=red",
            "conv2d has no 'colour'; expected any of: x, w, b",
        ),
        ("conv2d x=1x2x5x4 w=4x2x3x2 stride", "expected name=value"),
        ("conv2d x=1x2x5x4 w=4x2x3x2 stride=1 stride=2", "stride is given twice"),
        ("conv2d x=1x2x5x4 w=4x2x3x2 dtype=int8", "expected one of: float32"),
        ("conv2d x=1x2x5x4 w=4x2x3x2 fill=zeros", "expected one of: normal"),
        ("conv2d x=1x2x5x4 w=4x2x3x2 seed=-1", "expected a whole number"),
        ("conv2d x=1x2x5x4 w=4x2x3x2 stride=__import__('os')", "cannot read the value"),
        ("conv2d x=99999x99999x9x9 w=4x2x3x2", "over 2^28 elements"),
        ("pad x=1x1x2x2 padding=100000", "elements with its padding; at most 2^28"),
        ("max_pool x=1x1x2x2 kernel_size=2 padding=99999", "elements with its padding"),
        ("conv2d_transpose x=1x1x99x99 w=1x1x2x2 stride=9999", "elements with its padding"),
        ("conv2d_transpose x=1x1x2x2 w=1x1x2x2 output_size=99999", "elements with its padding"),
        ("conv2d x=1x1x1000x1000 w=1x1x500x500", "2.5e+11 multiplications; at most 2^35"),
        ("avg_pool x=1x9x2000x2000 kernel_size=999", "multiplications; at most 2^35"),
        ("relu x=2x3 seed=" + 5000 * "9", "expected a whole number"),
        ("max_pool x=1x2x5x4", "needs kernel_size="),
    ],
)
def test_a_malformed_text_is_told_in_one_line(text: str, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_case_that_the_op_rejects_says_why() -> None:
    with pytest.raises(
        ValueError, match=r"kernel \(5, 3\) is larger than the padded input \(4, 6\)"
    ):
        parse("conv2d x=1x2x4x6 w=3x2x5x3").question  # noqa: B018


# ---------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("fill", "first"),
    [
        ("normal", "0x1.450652695e780p-3"),
        ("uniform", "0x1.a605e1ea1a680p-3"),
        ("integers", "0x1.e000000000000p+1"),
        ("offset", "0x1.f41450652695ep+9"),
        ("wide", "0x1.9a605e1ea1a60p+19"),
    ],
)
def test_values_are_the_same_bits_on_every_machine(fill: str, first: str) -> None:
    """As first drawn, on x86-64 Linux with NumPy 2.4.6: other values would be other cases."""
    assert float(draw(fill, "data", (3,), "key")[0]).hex() == first


def test_normal_has_the_moments_it_says() -> None:
    """4 standard errors of 200,000 draws: a false alarm once in 8,000 for each moment."""
    x = draw("normal", "data", (200_000,), "moments")
    assert abs(x.mean()) < 4 / np.sqrt(x.size)
    assert abs(x.var() - 1) < 4 * np.sqrt(2 / x.size)


def test_integers_make_sums_of_products_exact_in_float32() -> None:
    a, b = (draw("integers", "data", (5000,), key) for key in "ab")
    assert (a != 0).all()
    total = (a * b).sum()
    forward = np.cumsum((a * b).astype(np.float32))[-1]
    backward = np.cumsum((a * b).astype(np.float32)[::-1])[-1]
    assert forward == backward == total


def test_wide_covers_twelve_decades() -> None:
    x = np.abs(draw("wide", "data", (5000,), "w"))
    assert x.max() / x.min() > 1e11


@pytest.mark.parametrize("fill", FILLS)
def test_float64_values_use_the_whole_mantissa(fill: str) -> None:
    """Or nothing would ever round in float64; the fills that are whole numbers say so."""
    x = draw(fill, "data", (100,), "bits")
    rounded = x.astype(np.float32).astype(np.float64)
    assert (x != rounded).mean() > 0.9 or fill in ("integers", "ties")


def test_inputs_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        parse(TEXT).inputs["x"][...] = 0


def test_arrays_of_one_case_differ_and_seeds_differ() -> None:
    case = Case("conv2d", {"x": (2, 2, 3, 3), "w": (2, 2, 3, 3)})
    assert not np.array_equal(case.inputs["x"], case.inputs["w"])
    assert not np.array_equal(case.inputs["x"], case.with_seed(1).inputs["x"])


def test_cases_that_are_held_hold_no_more_values_than_there_is_room_for() -> None:
    """Grids and what is remembered of cases outlive a run: their values do not. A worker of our
    own suite grew to gigabytes."""
    text = "relu x=100x10000 dtype=float64 fill=ties seed={}"
    cases = [parse(text.format(seed)) for seed in range(12)]
    tracemalloc.start()
    try:
        drawn = [weakref.ref(case.question.inputs["x"]) for case in cases]
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < 2 * MOST_BYTES < len(cases) * 2 * 8_000_000
    assert drawn[0]() is None
    assert drawn[-1]() is cases[-1].question.inputs["x"]
    again = parse(text.format(0)).question.inputs["x"]
    assert np.array_equal(cases[0].question.inputs["x"], again)
    assert not again.flags.writeable
