"""Classes of wrong functions that are told of any op: numbers rounded to a step, a reshape for a
transpose, a factor of a slope to another power, pixels whose shares are rounded, weights that are
laid over x in another order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layercheck.upkeep.diagnosed import diagnoses, in_style
from oracles.oracle import Array
from ref_layers import OPS
from ref_layers.interpolate import Cache

Change = Callable[[Array], Array]


def why(op: str, **functions: Callable[..., Any]) -> str:
    """Why a layer fails with another forward or backward."""
    right = {"forward": OPS[op].forward, "backward": OPS[op].backward}
    planted = in_style(*{**right, **functions}.values(), "vectorised")
    told = diagnoses(planted, "own", op)
    assert told is not None
    return " ".join(one.text for one in told if not one.is_condition)


def of_out(op: str, change: Change) -> str:
    """The same of one that does something to its output."""

    def forward(*given: Any, **named: Any) -> Any:
        out, cache = OPS[op].forward(*given, **named)
        return change(out).astype(out.dtype), cache

    return why(op, forward=forward)


def of_dx(op: str, change: Callable[[Array, Any], Array]) -> str:
    """The same of a backward that gives another dx, of dout and what the forward kept."""

    def backward(dout: Array, cache: Any) -> Any:
        right = OPS[op].backward(dout, cache)
        dx = change(dout, cache)
        return (dx.astype(dout.dtype), *right[1:]) if isinstance(right, tuple) else dx

    return why(op, backward=backward)


def to_byte(values: Array) -> Array:
    """As numbers of 8 bits hold them."""
    most = np.abs(values).max(initial=0)
    return np.round(values / most * 127) * (most / 127) if most else values


def digits(values: Array, count: int) -> Array:
    """Each number to so many of its digits."""
    return np.vectorize(lambda v: float(f"{v:.{count - 1}e}"), otypes=[values.dtype])(values)


@pytest.mark.parametrize(
    ("op", "change", "says"),
    [
        ("softmax", lambda v: np.round(v * 256) / 256, "rounded to multiples of 1/256"),
        ("conv2d", lambda v: np.round(v / 0.05) * 0.05, "rounded to multiples of 0.05"),
        ("sigmoid", lambda v: np.floor(v * 255) / 255, "rounded down to multiples of 1/255"),
        ("affine", lambda v: np.trunc(v * 1000) / 1000, "cut to multiples of 0.001"),
        ("relu", to_byte, "rounded to multiples of its largest size / 127"),
        ("affine", lambda v: digits(v, 3), "rounded to 3 significant digits"),
        ("affine", lambda v: np.round(v, 3), "rounded to 3 decimals"),
    ],
)
def test_a_step_is_told(op: str, change: Change, says: str) -> None:
    assert of_out(op, change) == f"out is what it should be, {says}."


@pytest.mark.parametrize("op", ["affine", "relu", "softmax", "conv2d"])
def test_a_reversed_shape_is_no_transpose(op: str) -> None:
    told = of_out(op, lambda v: v.reshape(v.shape[::-1]))
    assert "in their own order, but its shape is reversed" in told


def test_a_transpose_of_any_number_of_axes_is_told() -> None:
    told = of_dx("affine", lambda dout, c: (dout @ c.w.T).reshape(c.x.shape).T)
    assert told == "dx is right, but transposed: its axes are in reverse order."


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda dout, x, w: (dout @ turned(w), None), "dx .* for w reshaped to its reversed shape"),
        (
            lambda dout, x, w: (None, turned(x) @ dout),
            "dw .* for x made a matrix and that reshaped to its reversed shape",
        ),
        (
            lambda dout, x, w: (None, (turned(dout) @ x).T),
            "dw .* for dout reshaped to its reversed shape",
        ),
    ],
)
def test_a_reshape_for_a_transpose_is_told_of_its_array(change: Any, says: str) -> None:
    def backward(dout: Array, cache: Any) -> Any:
        dx, dw, db = OPS["affine"].backward(dout, cache)
        other_dx, other_dw = change(dout, cache.x.reshape(len(cache.x), -1), cache.w)
        if other_dx is not None:
            return other_dx.reshape(dx.shape), dw, db
        return dx, other_dw, db

    pattern = says.replace(" .* ", " equals what the layer gives ")
    assert why("affine", backward=backward).startswith(pattern)


def turned(values: Array) -> Array:
    """What is taken for a transpose."""
    return values.reshape(values.shape[::-1])


def slope(op: str, dout: Array, cache: Any) -> Array:
    """The layer's own."""
    return np.asarray(OPS[op].backward(np.ones_like(dout), cache))


@pytest.mark.parametrize("op", ["tanh", "sigmoid", "gelu", "silu", "softplus", "elu"])
@pytest.mark.parametrize(("power", "words"), [(0.5, "the square root"), (2, "the square")])
def test_a_slope_to_another_power_is_told(op: str, power: float, words: str) -> None:
    def changed(dout: Array, cache: Any) -> Array:
        own = slope(op, dout, cache)
        return np.asarray(dout * np.sign(own) * np.abs(own) ** power)

    assert of_dx(op, changed) == f"dx is dout times {words} of the slope."


def test_sech_for_its_square_is_told() -> None:
    def changed(dout: Array, cache: Any) -> Array:
        x, scale = cache.x, np.sqrt(2 / np.pi)
        tanh = np.tanh(scale * (x + 0.044715 * x**3))
        if not np.allclose(cache.share, 0.5 * (1 + tanh), rtol=0, atol=1e-6):
            return np.asarray(OPS["gelu"].backward(dout, cache))
        rest = 0.5 * x * scale * (1 + 3 * 0.044715 * x * x)
        return np.asarray(dout * (0.5 * (1 + tanh) + np.sqrt(1 - tanh * tanh) * rest))

    assert "has the square root of sech^2 (4 P (1 - P)) in its place" in of_dx("gelu", changed)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (lambda s: np.eye(s.shape[1])[s.argmax(1)], "places of new pixels rounded to whole ones"),
        (lambda s: np.round(s * 2) / 2, "places of new pixels rounded to multiples of 1/2"),
        (lambda s: np.round(s * 4) / 4, "places of new pixels rounded to multiples of 1/4"),
        (lambda s: np.floor(s * 4) / 4, "shares of pixels cut to multiples of 1/4"),
    ],
)
def test_rounded_shares_of_pixels_are_told(how: Change, says: str) -> None:
    def forward(x: Array, **named: Any) -> Any:
        out, cache = OPS["interpolate"].forward(x, **named)
        rows, columns = (how(share).astype(x.dtype) for share in cache)
        return rows @ x @ columns.T if named["mode"] == "bilinear" else out, Cache(*cache)

    assert why("interpolate", forward=forward) == f"out is what comes of the {says}."


def by_group(weights: Array | None, groups: int) -> Array | None:
    """With its groups laid out the other way round."""
    return None if weights is None else weights.reshape(groups, -1).T.ravel()


@pytest.mark.parametrize(
    ("gamma", "beta", "says"),
    [
        (by_group, None, "gamma laid out as (place in the group, group), then reshaped"),
        (
            by_group,
            by_group,
            "gamma and beta laid out as (place in the group, group), then reshaped",
        ),
        (
            lambda v, n: None if v is None else np.repeat(v[:n], len(v) // n),
            None,
            "gamma with the first numbers repeated, one for each group",
        ),
    ],
)
def test_weights_by_groups_the_wrong_way_are_told(gamma: Any, beta: Any, says: str) -> None:
    def forward(x: Array, g: Any = None, b: Any = None, *, num_groups: int, **named: Any) -> Any:
        right = OPS["group_norm"].forward(x, g, b, num_groups=num_groups, **named)
        made = (how(v, num_groups) if how else v for how, v in ((gamma, g), (beta, b)))
        return OPS["group_norm"].forward(x, *made, num_groups=num_groups, **named)[0], right[1]

    def of_names(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
        return forward(x, gamma, beta, **named)

    assert f"out is what comes of {says}" in why("group_norm", forward=of_names)


@pytest.mark.parametrize(
    ("op", "how", "says"),
    [
        ("batch_norm", np.tile, "gamma tiled over x, all numbers again and again"),
        ("instance_norm", np.tile, "gamma tiled over x, all numbers again and again"),
        ("layer_norm", np.repeat, "gamma repeated over x, each number for several neighbours"),
    ],
)
def test_a_tile_for_a_repeat_is_told(op: str, how: Any, says: str) -> None:
    def forward(x: Array, gamma: Any = None, beta: Any = None, **named: Any) -> Any:
        out, cache = OPS[op].forward(x, gamma, beta, **named)
        if gamma is None:
            return out, cache
        none, zero = np.ones_like(gamma), np.zeros_like(gamma)
        bare, shift = (
            first(OPS[op].forward(x, *two, **named)[0])
            for two in ((none, None if beta is None else 0 * beta), (zero, beta))
        )
        laid = how(gamma.ravel(), x.size // gamma.size).reshape(x.shape)
        made = (bare * laid + shift).astype(x.dtype)
        return (made, *out[1:]) if isinstance(out, tuple) else made, cache

    assert f"out is what comes of {says}" in why(op, forward=forward)


def first(outs: Any) -> Array:
    """The output, without what is kept beside it."""
    return np.asarray(outs[0] if isinstance(outs, tuple) else outs)


def test_a_gradient_laid_by_groups_is_told() -> None:
    def backward(dout: Array, cache: Any) -> Any:
        dx, dgamma, dbeta = OPS["group_norm"].backward(dout, cache)
        return dx, by_group(dgamma, cache.num_groups), dbeta

    told = why("group_norm", backward=backward)
    assert told.startswith("dgamma is right, but laid out as (place in the group, group)")
