"""JAX and ONNX Runtime as oracles: a third opinion, and one that has no gradients."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import framework

from layercheck.cases.parse import parse
from layercheck.implementations.framework import Framework
from layercheck.implementations.module import Module
from layercheck.implementations.protocol import Answer, Refusal
from layercheck.judging.facts import facts
from layercheck.judging.judge import judge
from oracles.oracle import Omitted

CONV = "conv2d x=2x6x9x7 w=6x3x3x2 b=6 stride=2 padding={} dilation=2 groups=2 seed=1"
TRANSPOSED = "conv2d_transpose x=1x6x3x4 w=6x2x3x2 stride=2 padding={} groups=2 seed=1"
EXPRESSED = [
    *(CONV.format(padding) for padding in ("1", "same", "same_lower", "1:0,0:2")),
    *(TRANSPOSED.format(p) for p in ("1", "same", "same_lower", "same output_size=5,7")),
    "conv2d_transpose x=1x6x3x8 w=6x1x5x2 stride=3 padding=same groups=2 seed=1",  # kernel < stride
    "max_pool x=1x2x7x9 kernel_size=3,2 dilation=2 ceil_mode=true return_indices=true seed=1",
    "avg_pool x=2x3x9x7 kernel_size=4,2 stride=2 padding=same_lower ceil_mode=true seed=1",
    "batch_norm x=2x3x4x5 gamma=3 beta=3 running_mean=3 running_var=3 unbiased_running_var=false seed=1",
    "group_norm x=2x6x3x4 gamma=6 num_groups=3 fill=offset seed=1",
    "layer_norm x=2x3x4x5 normalized_dims=2 seed=1",
    "flatten x=2x3x4x5 channels_last=true seed=1",
    "softmax_cross_entropy x=6x5 y=6 ignore_index=2 seed=1",
    "leaky_relu x=3x5x8x9 negative_slope=-0.5 fill=ties seed=97",
]


def answer_of(asked: Framework, text: str) -> Answer:
    reply = asked.answer(parse(text))
    assert isinstance(reply, Answer), reply
    return reply


@pytest.mark.parametrize("text", EXPRESSED)
@pytest.mark.parametrize("oracle", ["jax", "onnxruntime"])
def test_it_confirms_the_exact_result(oracle: str, text: str) -> None:
    answer, known = answer_of(framework(oracle), text), facts(parse(text))
    compared = known.compare_all(oracle, answer)
    left_out = {n for n, value in answer.arrays.items() if isinstance(value, Omitted)}
    assert {c.array for c in compared if c.verdict.passes} == known.truth.arrays.keys() - left_out
    assert "out" not in left_out


def test_jax_answers_in_float64() -> None:
    answer = answer_of(framework("jax"), "affine x=3x4 w=4x5 dtype=float64 seed=1")
    assert {value.dtype for value in answer.arrays.values()} == {np.dtype(np.float64)}


def test_an_answer_without_gradients_confirms_no_gradient() -> None:
    """Of a layer whose gradient is wrong, ONNX Runtime has nothing to say."""
    known, asked = facts(parse("relu x=2x3x4x5 seed=1")), framework("onnxruntime")
    replies = {"onnxruntime": asked.answer(known.case)}
    right = Module("ref_layers").answer(known.case)
    assert isinstance(right, Answer)
    wrong: Any = Answer({**right.arrays, "dx": right.arrays["dx"] * np.float32(1.5)})
    judged = judge(known, Module("ref_layers"), wrong, replies, {"onnxruntime": asked})
    theirs = {c.array: c for c in judged.own if c.against == "onnxruntime"}
    assert theirs["out"].verdict.passes
    assert theirs["dx"].verdict == "skipped"
    assert theirs["dx"].reason == "ONNX Runtime has no gradients"
    assert not judged.verdict.passes


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("conv2d x=1x1x3x3 w=1x1x2x2 dtype=float64 seed=1", "Could not find an implementation"),
        ("layer_norm x=2x3x4 dtype=float64 seed=1", "keeps epsilon 1e-05 as a float32 number"),
        ("avg_pool x=1x1x4x4 kernel_size=2 divisor_override=3 seed=1", "no divisor of one's own"),
        ("svm_loss x=3x4 y=3 seed=1", "has no function svm_loss"),
    ],
)
def test_what_onnx_cannot_express_is_refused_with_the_reason(text: str, reason: str) -> None:
    reply = framework("onnxruntime").answer(parse(text))
    assert isinstance(reply, Refusal)
    assert reason in reply.reason
