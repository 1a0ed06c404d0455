"""Large arrays are worked on in parts of the size of a cache: however small those are, the numbers
are the same, and nothing depends on how arrays lie in memory or on what becomes of a result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from layercheck.cases.parse import parse
from layercheck.judging.facts import facts
from ref_layers import OPS, arrays
from ref_layers.max_pool import max_pool, max_pool_backward

ASKED = (
    "conv2d x=3x4x7x6 w=6x2x3x2 b=6 stride=2,1 padding=same dilation=1,2 groups=2",
    "conv2d x=2x3x9x5 w=4x3x3x3 stride=3 padding=same_lower",
    "conv2d x=2x3x6x6 w=4x3x1x1 b=4",
    "conv2d_transpose x=2x4x5x4 w=4x3x3x2 b=3 stride=2 padding=1 output_padding=1",
    "max_pool x=2x3x7x8 kernel_size=3,2 stride=2 padding=1,0 ceil_mode=true return_indices=true",
    "max_pool x=2x3x7x8 kernel_size=2 stride=1 padding=same dilation=2",
    "avg_pool x=2x3x7x8 kernel_size=3 stride=2 padding=1 ceil_mode=true count_include_pad=false",
    "batch_norm x=3x4x5x2 gamma=4 beta=4 running_mean=4 running_var=4",
    "group_norm x=3x6x4x3 gamma=6 beta=6 num_groups=3",
    "layer_norm x=4x3x5x2 gamma=5x2 beta=5x2 normalized_dims=2",
    "instance_norm x=3x4x5x2 gamma=4",
)


@pytest.mark.parametrize("fill", ["normal", "ties", "integers"])
@pytest.mark.parametrize("asked", ASKED)
def test_the_smallest_parts_and_one_give_the_exact_result(
    asked: str, fill: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = parse(f"{asked} dtype=float64 fill={fill} seed=3")
    known = facts(case)
    for size in (1, 100, 1 << 30):
        monkeypatch.setattr(arrays, "CHUNK_BYTES", size)
        got = answers(case)
        assert known.surely_has({name: got[name] for name in known.truth.arrays})


@pytest.mark.parametrize("asked", ASKED)
def test_arrays_that_lie_otherwise_in_memory_are_the_same_arrays(asked: str) -> None:
    case = parse(f"{asked} dtype=float64 fill=normal seed=3")
    known, got = facts(case), answers(case, np.asfortranarray)
    assert known.surely_has({name: got[name] for name in known.truth.arrays})


def answers(case: Any, lie: Any = np.asarray) -> dict[str, Any]:
    question = case.question
    inputs = {name: lie(value) for name, value in question.inputs.items()}
    return dict(OPS[case.op].run(inputs, question.attributes, lie(question.dout)))


def test_the_gradient_does_not_depend_on_what_becomes_of_the_output() -> None:
    x = np.random.default_rng(0).standard_normal((1, 2, 4, 4))
    out, cache = max_pool(x, kernel_size=2)
    dout = np.ones_like(out)
    before = max_pool_backward(dout, cache)
    np.maximum(out, 0, out=out)  # a relu in place
    np.testing.assert_array_equal(max_pool_backward(dout, cache), before)


def test_of_equals_the_first_and_of_nan_the_last_gets_the_gradient() -> None:
    """As torch; a border of -inf never does, though a pixel is -inf, too."""
    rows = {
        "equal": ([[2.0, 2.0], [2.0, 2.0]], 0),
        "nan": ([[np.nan, 1.0], [np.nan, 9.0]], 2),
        "-inf": ([[-np.inf, -np.inf], [-np.inf, -np.inf]], 0),
    }
    for values, place in rows.values():
        (_, indices), cache = max_pool(
            np.array([[values]]), kernel_size=3, padding=1, stride=3, return_indices=True
        )
        dx = max_pool_backward(np.ones((1, 1, 1, 1)), cache)
        assert indices.ravel().tolist() == [place]
        assert np.flatnonzero(dx).tolist() == [place]


@pytest.mark.parametrize("asked", ["max_pool kernel_size=2", "avg_pool kernel_size=2", "conv2d"])
def test_nothing_is_an_image_too(asked: str) -> None:
    """N = 0."""
    op, *attributes = asked.split()
    given = {n: int(v) for n, v in (one.split("=") for one in attributes)}
    arrays = [np.zeros((0, 3, 4, 4)), *([np.zeros((2, 3, 2, 2))] if op == "conv2d" else [])]
    out, cache = OPS[op].forward(*arrays, **given)
    gradients = OPS[op].backward(np.zeros_like(out), cache)
    dx = gradients[0] if isinstance(gradients, tuple) else gradients
    assert (out.shape[0], dx.shape) == (0, (0, 3, 4, 4))
