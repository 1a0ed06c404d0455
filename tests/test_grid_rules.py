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
from layercheck.cases.named_fills import fill_of
from layercheck.cases.parse import parse
from layercheck.cases.space import space_of
from layercheck.cases.standard import FOLDER, kept_rows, text_of, usual
from layercheck.cases.standard.choosing import choose, find_row
from layercheck.cases.where import condition, names_of
from layercheck.judging.bounds import bounds
from layercheck.judging.facts import facts
from ref_layers import OPS, Op
from ref_layers.op import Array

LEAST = {
    "conv2d": 600,
    "conv2d_transpose": 400,
    "max_pool": 300,
    "batch_norm": 200,
    "group_norm": 200,
}
CASES = list(GRIDS["standard"](None))
USUAL = {str(case) for op in OPS for case in usual(op)}
WINDOWED = ("conv2d", "conv2d_transpose", "max_pool", "avg_pool")


def of(op: str) -> list[Case]:
    return [case for case in CASES if case.op == op]


def combined(op: str) -> list[Case]:
    """Those that levels were combined for."""
    return [case for case in of(op) if str(case) not in USUAL]


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
    rows = list(kept_rows(op.name))
    seen = {(a, id(r[a]), b, id(r[b])) for r in rows for a, b in combinations(factors, 2)}
    missing = [p for p in pairs_of(factors) if key(p) not in seen]
    rs = np.random.RandomState(7)  # another stream than the grid's own
    reachable = [p for p in missing if find_row(op, factors, rs, *p) is not None]
    assert not reachable


@pytest.mark.parametrize("op", OPS.values(), ids=lambda op: op.name)
def test_the_combinations_kept_are_those_chosen(op: Op) -> None:
    """`python -m layercheck.upkeep.standard` writes them."""
    kept = (FOLDER / f"{op.name}.txt").read_text(encoding="utf-8")
    assert kept == text_of(op.name, choose(op))


def key(pair: tuple[tuple[str, Any], tuple[str, Any]]) -> tuple[str, int, str, int]:
    (a, x), (b, y) = pair
    return a, id(x), b, id(y)


@pytest.mark.parametrize("op", OPS)
def test_both_dtypes_and_every_fill_occur(op: str) -> None:
    fills = set(space_of(op).factors["fill"])
    assert {case.dtype for case in of(op)} == {"float32", "float64"}
    assert {case.fill for case in combined(op)} == fills


@pytest.mark.parametrize("op", WINDOWED)
def test_windows_overlap_leave_remainders_and_images_are_not_square(op: str) -> None:
    names = [names_of(case) for case in combined(op)]
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


SHAPES = {
    "square images": "H == W",
    "images that are not square": "H != W",
    "one sample": "N == 1",
    "many samples": "N > 4",
    "one channel": "C == 1",
    "many channels": "C > 8",
}
WINDOWS = {
    **SHAPES,
    "odd heights": "H == 3 or H == 5 or H == 7 or H == 9",
    "even heights": "H == 4 or H == 6 or H == 8",
    "wide images": "W > 32",
    "a stride of 1": "stride == 1",
    "a stride of 2": "stride == 2",
}
CONVOLUTION = {
    **WINDOWS,
    "the usual 3x3": "KH == 3 and KW == 3 and stride == 1 and padding == 1",
    "1x1": "KH == 1 and KW == 1",
    "5x5": "KH == 5 and KW == 5",
    "7x7 at stride 4": "KH == 7 and KW == 7 and stride == 4",
    "windows that tile": "KH == 2 and KW == 2 and stride == 2 and padding == 0 and H == 6",
    "a kernel as large as the image": "KH == H and KW == W and padding == 0",
    "a large padding": "padding == 3 and KH == 3",
    "a padding above the kernel": "padding == 3 and KH == 2",
    "a stride above the kernel": "stride > 2 and KH == 2 and KW == 2",
    "dilation 3": "dilation == 3",
    "depthwise": "groups == 4 and C == 4",
    "one group": "groups == 1",
    "many filters": "F > 8",
    "filters as channels": "F == C and groups == 1",
}
POOLING = {
    **WINDOWS,
    "windows that tile": "kernel_size == 2 and stride == 2 and H == 4 and W == 4",
    "windows that tile in threes": "kernel_size == 3 and stride == 3 and H == 6",
    "padding": "padding == 1 and kernel_size == 3",
    "ceil_mode": "ceil_mode == True and stride == 2",
    "far below zero": "fill == 'far_negative'",
}
ROWS = {"one sample": "N == 1", "a batch above 32": "N > 32", "as many as classes": "N == C"}
KINDS: dict[str, dict[str, str]] = {
    "conv2d": CONVOLUTION,
    "max_pool": POOLING,
    "avg_pool": {k: v for k, v in POOLING.items() if k != "far below zero"},
    "batch_norm": {**SHAPES, "nothing varies": "fill == 'constant_channels'", "eval": "not training"},
    "batch_norm_1d": {**ROWS, "kept zeros": "fill == 'zero_state' and training == False"},
    "layer_norm": {"long rows": "fill == 'normal' and normalized_dims == 1 and C == 100", **ROWS},
    "group_norm": {
        **{k: v for k, v in SHAPES.items() if k != "one channel"},
        "one group": "num_groups == 1", "as many as channels": "num_groups == C",
    },
    "softmax_cross_entropy": {
        **ROWS, "two classes": "C == 2", "40 classes": "C == 40",
        "ignored": "fill == 'ignored' and ignore_index == -100", "all": "fill == 'all_ignored'",
    },
    "soft_cross_entropy": {
        **ROWS, "two classes": "C == 2", "40 classes": "C == 40", "weights": "weight and N == 1",
        "no label left": "label_smoothing == 1",
    },
    "svm_loss": {**ROWS, "two classes": "C == 2", "40 classes": "C == 40"},
    "tanh": {"wide": "fill == 'wide'"},
    "sigmoid": {"wide": "fill == 'wide'"},
    "gelu": {"wide": "fill == 'wide'"},
    "softmax": {"offset": "fill == 'offset'", "negative": "fill == 'negative_offset'"},
}  # fmt: skip


@pytest.mark.parametrize("grid", ["standard", "quick"])
@pytest.mark.parametrize("op", KINDS)
def test_every_usual_kind_of_question_is_asked(op: str, grid: str) -> None:
    cases = list(GRIDS[grid]([op]))
    lacking = {what for what, text in KINDS[op].items() if not any(map(condition(text), cases))}
    assert lacking == set()
    assert {case.dtype for case in cases} == {"float32", "float64"}


@pytest.mark.parametrize("op", ["conv2d", "conv2d_transpose"])
def test_samples_channels_and_filters_differ_in_number(op: str) -> None:
    for case in combined(op):
        assert len({*case.shapes["x"][:2], case.out_shape[1]}) == 3, case


def test_group_norm_has_real_groups() -> None:
    for case in combined("group_norm"):
        channels, groups = case.shapes["x"][1], case.all_attributes["num_groups"]
        assert channels >= 6, case
        assert 1 < groups < channels, case
        assert channels // groups != groups, case


@pytest.mark.parametrize("op", OPS)
def test_gamma_and_cotangent_are_random(op: str) -> None:
    for case in map(replace, of(op)):  # a copy, which does not outlive its values
        meant = ("unit_weights", "zero_weights")  # to be alike
        weights = [n for n in ("gamma", "beta") if n in case.inputs]
        random = [case.inputs[n] for n in weights if fill_of(case.fill, n) not in meant]
        values = [case.question.dout, *random]
        assert all(len(np.unique(v)) > 1 for v in values if v.size > 4), case


def shared(fill: str) -> list[Array]:
    """The targets that are shares, of 99 cases."""
    text = "soft_cross_entropy x=6x5 y=6x5 dtype=float64"
    return [parse(f"{text} fill={fill} seed={seed}").inputs["y"] for seed in range(99)]


@pytest.mark.parametrize("fill", ["normal", "wide", "whole_numbers"])
def test_shares_add_up_to_1_exactly_and_some_are_the_whole(fill: str) -> None:
    rows = np.concatenate(shared(fill))
    assert (rows >= 0).all()
    assert (rows.sum(axis=1) == 1).all()
    whole = (rows == 1).any(axis=1).mean()
    assert 0.2 < whole < 0.5
    if fill == "whole_numbers":
        assert (rows * 4 % 1 == 0).all()
    else:
        assert ((rows != rows.astype(np.float32)) | (rows % 1 == 0)).mean() > 0.99


def test_the_target_of_a_sample_of_zeros_is_zero() -> None:
    for y in shared("zero_samples"):
        assert not y[::2].any()
        assert (y[1::2].sum(axis=1) == 1).all()


def test_of_shares_too_it_is_known_how_far_scores_lie_apart() -> None:
    far = parse("soft_cross_entropy x=6x5 y=6x5 dtype=float32 fill=large")
    near = parse("soft_cross_entropy x=6x5 y=6x5 dtype=float32 fill=uniform")
    assert condition("spread > exp_range")(far)
    assert not condition("spread > exp_range")(near)


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
        truth = facts(case).truth.arrays
        for name, bound in bounds(case.question).items():
            assert np.isfinite(bound.limit[np.isfinite(truth[name])]).all(), case
