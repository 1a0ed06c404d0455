"""Kinds of values that the quick grid holds: what is wrong for one kind alone is rejected by it.

A wrong layer is a right one that is asked something else, or whose answer is changed; it counts as
seen where an ordinary case takes it for wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from submitted import check_of, check_text

from layercheck.cases.case import Case
from layercheck.cases.quick import quick
from layercheck.cases.row import row_of
from layercheck.implementations.protocol import Answer
from layercheck.judging.facts import agrees, facts
from layercheck.pipeline.fresh import kept_of
from layercheck.pipeline.unordinary import unordinary
from layercheck.submissions.boundaries import Boundaries
from layercheck.submissions.profiles.target import Takes
from oracles.oracle import Array, Question
from ref_layers import OPS

Arrays = dict[str, Array]
Wrong = Callable[[Question], Arrays]


def right(question: Question, **attributes: Any) -> Arrays:
    """What the layer answers, with some attributes in the place of its own."""
    inputs = {name: value.copy() for name, value in question.inputs.items()}
    with np.errstate(all="ignore"):
        return OPS[question.op].run(inputs, {**question.attributes, **attributes}, question.dout)


def rejecting(op: str, wrong: Wrong, differs: Callable[[Case], bool]) -> Iterator[Case]:
    """The ordinary cases at which a layer may differ that do not take it; the last ones first."""
    for case in filter(differs, reversed(quick(op))):
        if not unordinary(case) and not agrees(facts(case), Answer(wrong(case.question))):
            yield case


def is_seen(op: str, wrong: Wrong, differs: Callable[[Case], bool] = lambda case: True) -> bool:
    """Whether an ordinary case rejects it."""
    return next(rejecting(op, wrong, differs), None) is not None


# ---------------------------------------------------------------------- attributes


def numbers() -> Iterator[tuple[str, str]]:
    """Every attribute that may be 0 and is something else by default."""
    for op in OPS.values():
        for name, default in op.attributes.items():
            levels = [case.all_attributes[name] for case in quick(op.name)]
            numeric = any(type(value) in (int, float) for value in levels)
            if numeric and default != 0 and any(map(accepts_zero(name), quick(op.name))):
                yield op.name, name


def accepts_zero(name: str) -> Callable[[Case], bool]:
    """Whether the layer takes 0 for an attribute of a case."""

    def accepts(case: Case) -> bool:
        levels = [c.all_attributes[name] for c in quick(case.op)]
        kind: Any = float if any(isinstance(value, float) for value in levels) else int
        try:
            return 0 not in replace(case, attributes={**case.attributes, name: kind(0)}).out_shape
        except (ValueError, TypeError, ZeroDivisionError):
            return False

    return accepts


@pytest.mark.parametrize(("op", "name"), list(numbers()))
def test_a_number_of_zero_is_not_taken_for_none_given(op: str, name: str) -> None:
    """`eps = eps or 1e-5`: in float64, where nothing hides behind rounding."""
    default = OPS[op].attributes[name]
    other = default if type(default) in (int, float) else None

    def at_zero(case: Case) -> bool:
        value = case.all_attributes[name]
        return case.dtype == "float64" and value is not None and value == 0

    assert any(map(at_zero, quick(op)))
    if other is not None or default is None:
        assert is_seen(op, lambda q: right(q, **{name: other}), at_zero)


def fractions() -> list[tuple[str, str]]:
    """Every attribute that is a number and no whole one."""
    return [
        (op, name)
        for op in OPS
        for name in OPS[op].attributes
        if any(isinstance(case.all_attributes[name], float) for case in quick(op))
    ]


@pytest.mark.parametrize(("op", "name"), fractions())
def test_an_attribute_is_not_held_in_fewer_digits(op: str, name: str) -> None:
    def in_float32(question: Question) -> Arrays:
        value = question.attributes[name]
        return right(question, **{name: value if value is None else float(np.float32(value))})

    if (op, name) == ("softplus", "threshold"):
        return  # numbers between 0.7 and the float32 number beside it are drawn hardly ever
    assert is_seen(op, in_float32, lambda case: case.dtype == "float64")


@pytest.mark.parametrize("op", ["bce_with_logits", "soft_cross_entropy"])
def test_targets_are_not_rounded(op: str) -> None:
    def rounded(question: Question) -> Arrays:
        y = np.round(question.inputs["y"], 6).astype(question.dout.dtype)
        return right(replace(question, inputs={**question.inputs, "y": y}))

    assert is_seen(op, rounded)


# ---------------------------------------------------------------------- weights and rows of zero


def weights() -> list[tuple[str, str]]:
    """Every array of weights."""
    return [(op, n) for op in OPS for n, t in OPS[op].inputs.items() if t.draw == "weight"]


@pytest.mark.parametrize(("op", "name"), weights())
def test_weights_of_zero_get_their_gradient(op: str, name: str) -> None:
    """`if b.any()`: as every new layer begins, and each array by itself."""

    def skipped(question: Question) -> Arrays:
        arrays, value = right(question), question.inputs.get(name)
        zero = value is not None and not value.any()
        return {**arrays, f"d{name}": np.zeros_like(value)} if zero else arrays  # type: ignore[dict-item]

    assert is_seen(op, skipped, lambda case: case.fill.endswith(f":{name}"))


def test_a_row_of_zeros_has_a_gradient() -> None:
    def none_there(question: Question) -> Arrays:
        arrays, x = right(question), question.inputs["x"]
        axes = tuple(range(-question.attributes["normalized_dims"], 0))
        return {**arrays, "dx": arrays["dx"] * x.any(axis=axes, keepdims=True)}

    assert is_seen("rms_norm", none_there)


# ---------------------------------------------------------------------- sizes


@pytest.mark.parametrize("op", ["avg_pool", "max_pool"])
def test_windows_have_more_pixels_than_uint8_counts(op: str) -> None:
    sizes = [pixels(case) for case in quick(op)]
    assert max(sizes) > 255


def pixels(case: Case) -> int:
    """How many pixels a window has."""
    kernel = case.all_attributes["kernel_size"]
    return prod(kernel) if isinstance(kernel, tuple) else kernel**2


def test_counts_of_pixels_do_not_wrap() -> None:
    def wrapped(question: Question) -> Arrays:
        kernel = question.attributes["kernel_size"]
        count = prod(kernel) if isinstance(kernel, tuple) else kernel**2
        given = question.attributes["divisor_override"]
        return right(question, divisor_override=given or count % 256 or 256)

    def plain(case: Case) -> bool:
        given = case.all_attributes
        return given["padding"] == 0 and not given["ceil_mode"]

    assert is_seen("avg_pool", wrapped, plain)


def test_what_narrow_integers_cannot_count_is_asked_with_attributes_at_their_default() -> None:
    """At a divisor of its own nothing is counted."""
    asked = list(Boundaries("avg_pool", Takes(), [], [510]).beyond([255]))
    assert any(pixels(case) > 255 and set(case.attributes) == {"kernel_size"} for case in asked)


def test_an_array_without_channels_is_joined() -> None:
    def from_behind(question: Question) -> Arrays:
        arrays = right(question)
        last = list(arrays)[-1]
        channels = arrays[last].shape[1]
        return {**arrays, last: question.dout[:, -channels:]}

    assert is_seen("concat", from_behind)


def promised_ranks() -> list[str]:
    """The ops whose docstring promises any number of axes; not those of images, which many a right
    layer takes alone."""
    texts = {op: OPS[op].forward.__doc__ or "" for op in OPS}
    any_number = {op for op, text in texts.items() if "x: any shape" in text or "...)" in text}
    return [op for op in OPS if op in any_number and "(N, C, H, W)" not in texts[op]]


@pytest.mark.parametrize("op", promised_ranks())
def test_five_axes_are_asked_where_any_number_may_be_given(op: str) -> None:
    assert any(len(case.shapes["x"]) == 5 for case in quick(op))


@pytest.mark.parametrize("op", promised_ranks())
def test_a_combination_says_how_many_axes_there_are(op: str) -> None:
    from layercheck.cases.combined import make_case

    for case in quick(op):
        assert str(make_case(OPS[op], row_of(case), case.seed)) == str(case)


def test_output_padding_is_more_than_a_stride_of_one_leaves_over() -> None:
    def cut(question: Question) -> Arrays:
        given = question.attributes["output_padding"]
        pair = given if isinstance(given, tuple) else (given, given)
        stride = question.attributes["stride"]
        strides = stride if isinstance(stride, tuple) else (stride, stride)
        left = (pair[0] % strides[0], pair[1])  # of the rows alone
        attributes = {**question.attributes, "output_padding": left}
        return {"out": OPS[question.op].forward(**question.inputs, **attributes)[0]}

    def padded(case: Case) -> bool:
        given = case.all_attributes
        settled = given["output_size"] is not None or not isinstance(given["padding"], int)
        return given["output_padding"] != 0 and given["stride"] == 1 and not settled

    assert is_seen("conv2d_transpose", cut, padded)


# ---------------------------------------------------------------------- places


def by_scale(i: Array, size: int, count: int) -> Array:
    return np.floor(i * (size / count))


def by_float32_scale(i: Array, size: int, count: int) -> Array:
    return np.floor(i * float(np.float32(size / count)))


def by_factor(i: Array, size: int, count: int) -> Array:
    return np.floor(i / (count / size))


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
@pytest.mark.parametrize("place", [by_scale, by_float32_scale, by_factor])
def test_places_are_not_found_by_a_rounded_scale(
    place: Callable[[Array, int, int], Array], mode: str
) -> None:
    def nearest(question: Question) -> Arrays:
        x, shape = question.inputs["x"], right(question)["out"].shape
        half = 0.5 if question.attributes["mode"] == "nearest-exact" else 0.0
        rows, columns = (
            np.minimum(place(np.arange(count) + half, size, count).astype(int), size - 1)
            for size, count in zip(x.shape[2:], shape[2:], strict=True)
        )
        return {**right(question), "out": x[:, :, rows][:, :, :, columns]}

    assert is_seen("interpolate", nearest, lambda case: case.all_attributes["mode"] == mode)


# ---------------------------------------------------------------------- magnitudes


@pytest.mark.parametrize("op", ["relu", "leaky_relu", "elu"])
def test_numbers_whose_squares_are_infinite_or_zero_come_out(op: str) -> None:
    def by_root(question: Question) -> Arrays:
        x, arrays = question.inputs["x"], right(question)
        with np.errstate(all="ignore"):
            return {**arrays, "out": np.where(x > 0, np.sqrt(x * x), arrays["out"])}

    def by_product(question: Question) -> Arrays:
        x, arrays = question.inputs["x"], right(question)
        return {**arrays, "dx": np.where((x > 0) & (x * x == 0), 0, arrays["dx"])}

    assert is_seen(op, by_root, lambda case: case.fill == "times:1e+20")
    assert is_seen(op, by_product)


POOL = """
import numpy as np

def max_pool(x, kernel_size, stride=None, padding=0):
    k = (kernel_size,) * 2 if isinstance(kernel_size, int) else tuple(kernel_size)
    s = k if stride is None else (stride,) * 2 if isinstance(stride, int) else tuple(stride)
    p = (padding,) * 2 if isinstance(padding, int) else tuple(padding)
    sides = ((0, 0), (0, 0), (p[0],) * 2, (p[1],) * 2)
    xp = np.pad(x, sides, constant_values=-np.inf)
    v = np.lib.stride_tricks.sliding_window_view(xp, k, (2, 3))[:, :, ::s[0], ::s[1]]
    f = v.reshape(*v.shape[:4], -1)
    a = f.argmax(-1)
    out = np.take_along_axis(f, a[..., None], -1)[..., 0]
    return out, (x.shape, xp.shape, a, k, s, p)

def max_pool_backward(dout, cache):
    xs, ps, a, k, s, p = cache
    d = np.zeros(ps, dout.dtype)
    n, c, i, j = np.indices(a.shape)
    np.add.at(d, (n, c, i * s[0] + a // k[1], j * s[1] + a % k[1]), dout)
    return d[:, :, p[0]:p[0] + xs[2], p[1]:p[1] + xs[3]].copy()
"""
POOLS = {
    "a maximum in fewer digits": ("f.argmax(-1)", "f.astype(np.float32).argmax(-1)"),
    "a border just below the smallest": ("values=-np.inf", "values=x.min() - 1"),
    "a border of -1e30": ("values=-np.inf", "values=-1e30"),
    "a place in one byte": ("f.argmax(-1)", "f.argmax(-1) & 255"),
}


@pytest.mark.parametrize("name", ["", *POOLS])
def test_a_maximum_is_found_among_numbers_of_any_size(name: str, tmp_path: Path) -> None:
    before, after = POOLS.get(name, ("", ""))
    report = check_text(POOL.replace(before, after) if name else POOL, tmp_path)
    assert bool(report.failing_checks) == bool(name)


# ---------------------------------------------------------------------- beyond ordinary numbers

DROPOUT = """
import numpy as np

def dropout(x, mask=None, p=0.5, training=True, mask_seed=0):
    if not training:
        return x.copy(), (None, p)
    if mask is None:
        mask = (np.random.RandomState(mask_seed).random_sample(x.shape) >= p).astype(x.dtype)
    return x * mask / (1 - p), (mask, p)

def dropout_backward(dout, cache):
    mask, p = cache
    return dout.copy() if mask is None else dout * mask / (1 - p)
"""
PAD = """
import numpy as np

def pad(x, padding, value=0.0):
    if isinstance(padding, int): padding = (padding, padding)
    (t, b), (l, r) = [(p, p) if isinstance(p, int) else p for p in padding]
    inner = np.pad(np.ones_like(x), ((0, 0), (0, 0), (t, b), (l, r)))
    out = np.pad(x, ((0, 0), (0, 0), (t, b), (l, r))) + (1 - inner) * inner.dtype.type(value)
    return out, (t, l, x.shape)

def pad_backward(dout, cache):
    t, l, (n, c, h, w) = cache
    return dout[:, :, t:t + h, l:l + w].copy()
"""


@pytest.mark.parametrize(
    ("text", "function", "where"),
    [
        (DROPOUT, "dropout", "everything is dropped"),
        (PAD, "pad", "some numbers are infinite"),
    ],
)
def test_the_edge_of_an_attribute_is_told(
    text: str, function: str, where: str, tmp_path: Path
) -> None:
    found = check_of(check_text(text, tmp_path), function)
    assert found.passed
    assert "beyond ordinary numbers: fails in" in found.note
    assert where in found.note
    assert not check_of(check_text(text, tmp_path, strict=True), function).passed


# ---------------------------------------------------------------------- new seeds


@pytest.mark.parametrize("op", ["batch_norm", "batch_norm_1d"])
@pytest.mark.parametrize("first", [0, 1])
def test_new_seeds_keep_the_smallest_batches(op: str, first: int) -> None:
    """In training, with statistics that are kept: their variance over N - 1."""

    def small(case: Case) -> bool:
        given: Mapping[str, Any] = case.all_attributes
        return case.sizes["N"] == 2 and given["training"] and "running_var" in case.shapes

    assert any(map(small, kept_of(quick(op)[first:])))
