"""What is done to right numbers afterwards is told, in every case alike; of right ones nothing is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from layercheck.reporting.records import Diagnosis
from layercheck.upkeep.diagnosed import diagnoses, in_style
from ref_layers import OPS

Function = Callable[[Any], Any]

OUTPUTS: dict[str, tuple[str, Function, str]] = {
    "absolute": ("group_norm", np.abs, "out is the absolute value of what it should be"),
    "squared": ("affine", np.square, "out is the square of what it should be"),
    "rooted": ("sigmoid", np.sqrt, "out is the square root of what it should be"),
    "rounded": ("conv2d", np.rint, "out is what it should be, rounded to whole numbers"),
    "activated": (
        "batch_norm",
        lambda v: np.maximum(v, 0),
        "out is what it should be, with 0 for what is negative",
    ),
    "squashed": ("affine", np.tanh, "out is the tanh of what it should be"),
    "kept below two": ("conv2d", lambda v: np.minimum(v, 2), "out is right, but cut off above 2"),
    "first filter": (
        "conv2d",
        lambda v: np.repeat(v[:, :1], v.shape[1], axis=1),
        "all of out along its channel axis is as the first should be",
    ),
}
INPUTS: dict[str, tuple[str, Function, str]] = {
    "halved": ("gelu", lambda v: v / 2, "out equals what the layer gives for half of x"),
    "of bytes": ("sigmoid", lambda v: v / 255, "out equals what the layer gives for x / 255"),
}


def told(op: str, forward: Function) -> list[Diagnosis]:
    found = diagnoses(in_style(forward, OPS[op].backward, "vectorised"), "own", op)
    assert found is not None, "nothing of it shows"
    return [one for one in found if not one.is_condition]


def after(op: str, function: Function) -> Function:
    def forward(*inputs: Any, **named: Any) -> Any:
        out, cache = OPS[op].forward(*inputs, **named)
        first = out[0] if isinstance(out, tuple) else out
        done = function(first).astype(first.dtype)
        return ((done, *out[1:]) if isinstance(out, tuple) else done), cache

    return forward


def before(op: str, function: Function) -> Function:
    def forward(x: Any, *inputs: Any, **named: Any) -> Any:
        out, _ = OPS[op].forward(function(x), *inputs, **named)
        return out, OPS[op].forward(x, *inputs, **named)[1]

    return forward


@pytest.mark.parametrize(("op", "function", "text"), OUTPUTS.values(), ids=OUTPUTS)
def test_what_is_done_to_each_number_is_told(op: str, function: Function, text: str) -> None:
    assert [one.text.rstrip(".") for one in told(op, after(op, function))] == [text]


@pytest.mark.parametrize(("op", "function", "text"), INPUTS.values(), ids=INPUTS)
def test_what_is_done_to_the_input_is_told(op: str, function: Function, text: str) -> None:
    assert [one.text.rstrip(".") for one in told(op, before(op, function))] == [text]


def test_the_smallest_for_the_largest_is_told() -> None:
    def forward(x: Any, **named: Any) -> Any:
        return -OPS["max_pool"].forward(-x, **named)[0], OPS["max_pool"].forward(x, **named)[1]

    (one,) = told("max_pool", forward)
    assert one.text.startswith("out is the negative of what the layer gives for the negative of x")


@pytest.mark.parametrize("noise", [0.1, 1e-3])
def test_noise_is_nothing_that_was_done(noise: float) -> None:
    rs = np.random.RandomState(5)
    found = told("affine", after("affine", lambda v: v + noise * rs.uniform(-1, 1, v.shape)))
    assert not any("what it should be" in one.text or "cut off" in one.text for one in found)
