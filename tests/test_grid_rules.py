"""The rules under 'A check that cannot fail is a defect', proved over the whole grid."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from layercheck.cases.case import Case
from layercheck.cases.covering import pairs_of
from layercheck.cases.grids import GRIDS
from layercheck.cases.parse import parse
from layercheck.cases.space import space_of
from layercheck.cases.standard import choose, find_row
from layercheck.cases.where import names_of
from layercheck.judging.bounds import bounds
from ref_layers import OPS, Op

LEAST = {
    "conv2d": 600,
    "conv2d_transpose": 400,
    "max_pool": 300,
    "batch_norm": 200,
    "group_norm": 200,
}
CASES = list(GRIDS["standard"](None))
WINDOWED = ("conv2d", "conv2d_transpose", "max_pool", "avg_pool")


def of(op: str) -> list[Case]:
    return [case for case in CASES if case.op == op]


@pytest.mark.parametrize(("op", "least"), LEAST.items())
def test_the_grid_is_large_enough(op: str, least: int) -> None:
    assert len(of(op)) >= least


def test_no_case_stands_twice() -> None:
    assert len({str(case) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("op", OPS)
def test_the_text_form_is_identical_both_ways(op: str) -> None:
    for case in of(op):
        assert parse(str(case)) == case
        assert str(parse(str(case))) == str(case)


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_every_pair_of_levels_occurs_or_cannot(op: Op) -> None:
    """The rows that the grid chose hold each pair; what is missing, no valid combination has."""
    factors = space_of(op.name).factors
    rows = choose(op)
    seen = {(a, id(r[a]), b, id(r[b])) for r in rows for a, b in combinations(factors, 2)}
    missing = [p for p in pairs_of(factors) if key(p) not in seen]
    rs = np.random.RandomState(7)  # another stream than the grid's own
    reachable = [p for p in missing if find_row(op, factors, rs, *p) is not None]
    assert not reachable


def key(pair: tuple[tuple[str, Any], tuple[str, Any]]) -> tuple[str, int, str, int]:
    (a, x), (b, y) = pair
    return a, id(x), b, id(y)


@pytest.mark.parametrize("op", OPS)
def test_both_dtypes_and_every_fill_occur(op: str) -> None:
    fills = set(space_of(op).factors["fill"])
    assert {case.dtype for case in of(op)} == {"float32", "float64"}
    assert {case.fill for case in of(op)} == fills


@pytest.mark.parametrize("op", WINDOWED)
def test_windows_overlap_leave_remainders_and_images_are_not_square(op: str) -> None:
    names = [names_of(case) for case in of(op)]
    assert all(n["H"] != n["W"] for n in names if {"H", "W"} <= n.keys()) or op != "conv2d"
    wide = [n for n in names if n["H"] != n["W"]]
    assert len(wide) > len(names) / 2
    overlapping = [n for n in names if kernel(n)[0] > strides(n)[0] or kernel(n)[1] > strides(n)[1]]
    assert len(overlapping) > len(names) / 4
    left_over = [n for n in names if n.get("padding") == 0 and remainder(n)]
    assert len(left_over) >= 10 or op == "conv2d_transpose"  # which has no remainder


def kernel(n: dict[str, Any]) -> tuple[int, int]:
    return (n["KH"], n["KW"]) if "KH" in n else (n["kernel_size_h"], n["kernel_size_w"])


def strides(n: dict[str, Any]) -> tuple[int, int]:
    return (n["stride_h"], n["stride_w"]) if "stride_h" in n else kernel(n)


def remainder(n: dict[str, Any]) -> bool:
    return any(
        (size - k) % s for size, k, s in zip((n["H"], n["W"]), kernel(n), strides(n), strict=True)
    )


@pytest.mark.parametrize("op", ["conv2d", "conv2d_transpose"])
def test_samples_channels_and_filters_differ_in_number(op: str) -> None:
    for case in of(op):
        assert len({*case.shapes["x"][:2], case.out_shape[1]}) == 3, case


def test_group_norm_has_real_groups() -> None:
    for case in of("group_norm"):
        channels, groups = case.shapes["x"][1], case.all_attributes["num_groups"]
        assert channels >= 6, case
        assert 1 < groups < channels, case
        assert channels // groups != groups, case


@pytest.mark.parametrize("op", OPS)
def test_gamma_and_cotangent_are_random(op: str) -> None:
    for case in map(replace, of(op)):  # a copy, which does not outlive its values
        values = [
            case.question.dout,
            *(case.inputs[n] for n in ("gamma", "beta") if n in case.inputs),
        ]
        assert all(len(np.unique(v)) > 1 for v in values if v.size > 4), case


def test_some_inputs_are_all_negative_some_far_from_zero_some_nearly_constant() -> None:
    x = {
        fill: [replace(c).inputs["x"] for c in CASES if c.fill == fill]
        for fill in ("negative", "offset", "small_variance")
    }
    assert all((v < 0).all() for v in x["negative"])
    assert all((abs(v.mean() - 1000) < 10) for v in x["offset"])
    assert all(v.std() < 1e-2 for v in x["small_variance"])


def test_bounds_are_finite_and_smaller_than_the_signal() -> None:
    """A tolerance larger than what it judges would let zeros pass."""
    for case in map(replace, CASES[::7]):
        for bound in bounds(case.question).values():
            assert np.isfinite(bound.limit).all(), case
