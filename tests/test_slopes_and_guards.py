"""What stands in a slope's place is told, and what is added against a logarithm of 0; so is a
number of a normalization without a mean, and an order that is another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layercheck.reporting.records import Diagnosis
from layercheck.upkeep.diagnosed import diagnoses, in_style
from ref_layers import OPS

Function = Callable[..., Any]


def told(op: str, forward: Function | None = None, backward: Function | None = None) -> list[str]:
    right = OPS[op]
    given = in_style(forward or right.forward, backward or right.backward, "vectorised")
    found: list[Diagnosis] | None = diagnoses(given, "own", op)
    assert found is not None, "nothing of it shows"
    return [one.text.rstrip(".") for one in found if not one.is_condition]


def sigmoid(x: Any) -> Any:
    return OPS["sigmoid"].forward(x)[0]


SLOPES: dict[str, tuple[str, Function, str]] = {
    "a factor of one term lost": (
        "silu",
        lambda dout, cache: dout * (cache.share + cache.x * cache.share),
        "dx is dout times (sigmoid(x) + x sigmoid(x))",
    ),
    "a density that is not normalized": (
        "gelu",
        lambda dout, cache: dout * (cache.share + cache.x * cache.slope * np.sqrt(2 * np.pi)),
        "dx is right, but x times the slope of out / x, one term of its slope, counts "
        "sqrt(2 pi) times",
    ),
    "another function's": ("tanh", lambda dout, out: dout * out, "dx is dout times out"),
}


@pytest.mark.parametrize(("op", "backward", "text"), SLOPES.values(), ids=SLOPES)
def test_what_stands_in_the_place_of_a_slope_is_told(
    op: str, backward: Function, text: str
) -> None:
    def in_its_dtype(dout: Any, cache: Any) -> Any:
        return backward(dout, cache).astype(dout.dtype)

    assert told(op, backward=in_its_dtype) == [text]


def test_a_product_is_told_where_a_piece_is_right() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        right = OPS["elu"].backward(dout, cache)
        return np.where(cache.x > 0, right, dout * sigmoid(cache.x)).astype(dout.dtype)

    assert told("elu", backward=backward) == ["dx is dout times sigmoid(x) where it is wrong"]


def test_a_named_factor_of_a_piece_is_told() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        right = OPS["elu"].backward(dout, cache)
        factor = np.asarray(cache.alpha, dout.dtype)
        return np.where(cache.x > 0, right, right * factor)

    assert told("elu", backward=backward) == [
        "dx is alpha times what it should be where it is wrong"
    ]


def test_a_slope_of_0_ends_no_diagnosis() -> None:
    """As an attribute it divides nothing."""

    def backward(dout: Any, cache: Any) -> Any:
        return np.where(cache.x * cache.negative_slope > 0, dout, dout * cache.negative_slope)

    assert told("leaky_relu", backward=backward) == []


def test_a_term_of_the_wrong_sign_is_told_as_that() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        return (dout * (cache.share - cache.x * cache.slope)).astype(dout.dtype)

    (one,) = told("gelu", backward=backward)
    assert one.endswith("one term of its slope, counts with the wrong sign")


def test_a_product_that_says_nothing_is_not_told() -> None:
    """Where out is 0, so that 1 - out is 1."""

    def backward(dout: Any, x: Any) -> Any:
        return np.where(x <= -1, 0, dout)

    assert not any("1 - out" in one for one in told("relu", backward=backward))


GUARDS: dict[str, tuple[str, Function, str]] = {
    "on the sum": (
        "log_softmax",
        lambda right, x, axis: right - np.log1p(1e-5 / total(x, axis)),
        "out is what comes of 1e-05 added to the sum",
    ),
    "on the shares": (
        "log_softmax",
        lambda right, x, axis: np.log(np.exp(right) + 1e-7),
        "out is what comes of 1e-07 added to the shares before the logarithm",
    ),
    "least share": (
        "log_softmax",
        lambda right, x, axis: np.log(np.maximum(np.exp(right), 1e-3)),
        "out is what comes of 0.001 as the least share of which the logarithm is taken",
    ),
}


def total(x: Any, axis: int) -> Any:
    return np.exp(x - x.max(axis=axis, keepdims=True)).sum(axis=axis, keepdims=True)


@pytest.mark.parametrize(("op", "change", "text"), GUARDS.values(), ids=GUARDS)
def test_what_is_added_against_a_logarithm_of_0_is_told(
    op: str, change: Function, text: str
) -> None:
    def forward(x: Any, *, dim: int = -1) -> Any:
        out, cache = OPS[op].forward(x, dim=dim)
        return change(out, x, dim).astype(x.dtype), cache

    assert told(op, forward) == [text]


def test_where_x_is_cut_off_is_told() -> None:
    def forward(x: Any) -> Any:
        return sigmoid(np.clip(x, -20, 20)), OPS["sigmoid"].forward(x)[1]

    assert told("sigmoid", forward) == [
        "out equals what the layer gives for x cut off at -20 and 20"
    ]


def test_a_window_that_divides_is_told() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        sides = np.prod(cache.windows.kernel).astype(dout.dtype)
        return OPS["max_pool"].backward(dout, cache) / sides

    (one,) = told("max_pool", backward=backward)
    assert one == "dx is what it should be divided by kernel_size_h*kernel_size_w"


def test_one_side_of_a_kernel_for_the_other_is_told() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        dx = OPS["avg_pool"].backward(dout, cache)
        height, width = cache.windows.kernel
        return dx * width / height

    (one,) = told("avg_pool", backward=backward)
    assert one.startswith("dx is ")
    assert one.endswith("as if it were divided by kernel_size_h in place of kernel_size_w")


def test_of_a_sum_no_division_is_told() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        dx, dw, db = OPS["affine"].backward(dout, cache)
        return dx, dw, db if db is None else db * dout.shape[1] / dout.shape[0]

    (one,) = told("affine", backward=backward)
    assert "N / M" in one or "M / N" in one
    assert "as if" not in one


def test_a_count_of_pixels_that_is_one_too_low_is_told() -> None:
    def forward(x: Any, **named: Any) -> Any:
        out, cache = OPS["global_avg_pool"].forward(x, **named)
        count = np.prod(x.shape[2:])
        return (out * (count / max(count - 1, 1))).astype(x.dtype), cache

    assert told("global_avg_pool", forward) == ["out is (H*W / (H*W - 1)) times what it should be"]


def test_another_order_is_told() -> None:
    def forward(x: Any, *, start_dim: int = 1, **named: Any) -> Any:
        out, cache = OPS["flatten"].forward(x, start_dim=start_dim, **named)
        lead = int(np.prod(x.shape[:start_dim]))
        rows = x.reshape(lead, -1)
        return np.concatenate([rows[:, ::2], rows[:, 1::2]], axis=1).reshape(out.shape), cache

    assert told("flatten", forward) == ["out has the right numbers, but in another order"]


RMS: dict[str, tuple[Function, str]] = {
    "cut off": (
        lambda square, count, eps: np.maximum(square, eps),
        "out is what comes with eps for a mean square that is smaller",
    ),
    "squared": (
        lambda square, count, eps: square + eps * eps,
        "out equals what eps = eps^2 gives",
    ),
}


@pytest.mark.parametrize(("under", "text"), RMS.values(), ids=RMS)
def test_another_number_under_the_root_of_a_mean_square_is_told(under: Function, text: str) -> None:
    def forward(x: Any, gamma: Any = None, *, normalized_dims: int = 1, eps: float = 1e-6) -> Any:
        named = {"normalized_dims": normalized_dims, "eps": eps}
        axes = tuple(range(x.ndim - normalized_dims, x.ndim))
        square = np.mean(x * x, axis=axes, keepdims=True)
        count = np.prod([x.shape[axis] for axis in axes])
        out = x / np.sqrt(under(square, count, eps))
        cache = OPS["rms_norm"].forward(x, gamma, **named)[1]
        return (out if gamma is None else out * gamma).astype(x.dtype), cache

    assert told("rms_norm", forward) == [text]


def test_a_sum_over_another_count_is_told_of_a_mean_square() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        dgamma = OPS["rms_norm"].backward(dout, cache)[1]
        g = dout if cache.gamma is None else dout * cache.gamma
        axes = tuple(range(dout.ndim - cache.normalized_dims, dout.ndim))
        inner = (g * cache.xhat).sum(axis=axes, keepdims=True) / dout.shape[0]
        return cache.inv_rms * (g - cache.xhat * inner), dgamma

    (one,) = told("rms_norm", backward=backward)
    assert one == "dx is right, but its path through the mean square counts (D / N) times"


def test_a_path_without_gamma_is_told() -> None:
    def backward(dout: Any, cache: Any) -> Any:
        _, *others = OPS["layer_norm"].backward(dout, cache)
        g = dout if cache.gamma is None else dout * cache.gamma
        axes = tuple(range(dout.ndim - cache.normalized_dims, dout.ndim))
        inner = (dout * cache.xhat).mean(axis=axes, keepdims=True)
        dx = cache.inv_std * (g - g.mean(axis=axes, keepdims=True) - cache.xhat * inner)
        return (dx, *others)

    (one,) = told("layer_norm", backward=backward)
    assert one == "dx is right, but its path through the variance is made of dout without gamma"


def test_of_two_sides_the_one_that_is_cut_off_is_told() -> None:
    def forward(x: Any, *, alpha: float = 1.0) -> Any:
        return OPS["elu"].forward(x, alpha=alpha)[0], (x, alpha)

    def backward(dout: Any, cache: Any) -> Any:
        x, alpha = cache
        return OPS["elu"].backward(dout, OPS["elu"].forward(np.maximum(x, -5), alpha=alpha)[1])

    assert told("elu", forward, backward) == [
        "dx equals what the layer gives for x cut off below -5"
    ]
