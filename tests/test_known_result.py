"""A worked example: 5x5x3 input, two 3x3x3 filters, stride 2, zero padding 1, biases 1 and 0.

>>> import numpy as np
>>> from ref_layers.conv2d import conv2d
>>> out, _ = conv2d(X, W, B, stride=2, padding=1)
>>> out[0, 0].astype(int)
array([[ 6,  7,  5],
       [ 3, -1, -1],
       [ 2, -1,  4]])
>>> out[0, 1].astype(int)
array([[ 2, -5, -8],
       [ 1, -4, -4],
       [ 0, -5, -5]])
"""

from __future__ import annotations

import numpy as np
import pytest
from conftest import framework

from oracles.oracle import Array, Question
from ref_layers.conv2d import conv2d

X = np.array(
    [
        [[0, 1, 1, 0, 2], [2, 2, 2, 2, 1], [1, 0, 0, 2, 0], [0, 1, 1, 0, 0], [1, 2, 0, 0, 2]],
        [[1, 0, 2, 2, 0], [0, 0, 0, 2, 0], [1, 2, 1, 2, 1], [1, 0, 0, 0, 0], [1, 2, 1, 1, 1]],
        [[2, 1, 2, 0, 0], [1, 0, 0, 1, 0], [0, 2, 1, 0, 1], [0, 1, 2, 2, 2], [2, 1, 0, 0, 1]],
    ],
    dtype=float,
)[None]
W = np.array(
    [
        [
            [[-1, 1, 0], [0, 1, 0], [0, 1, 1]],
            [[-1, -1, 0], [0, 0, 0], [0, -1, 0]],
            [[0, 0, -1], [0, 1, 0], [1, -1, -1]],
        ],
        [
            [[1, 1, -1], [-1, -1, 1], [0, -1, 1]],
            [[0, 1, 0], [-1, 0, -1], [-1, 1, 0]],
            [[-1, 0, 0], [-1, 0, 1], [-1, 0, 0]],
        ],
    ],
    dtype=float,
)
B = np.array([1.0, 0.0])
MAPS = [
    [[6, 7, 5], [3, -1, -1], [2, -1, 4]],
    [[2, -5, -8], [1, -4, -4], [0, -5, -5]],
]


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "longdouble"])
def test_the_feature_maps_are_exactly_those_of_the_example(dtype: str) -> None:
    out, _ = conv2d(X.astype(dtype), W.astype(dtype), B.astype(dtype), stride=2, padding=1)
    np.testing.assert_array_equal(out[0], MAPS)


@pytest.mark.parametrize("name", ["torch", "tensorflow"])
def test_the_frameworks_give_them_too(name: str) -> None:
    framework(name)
    import oracles

    attributes = {"stride": 2, "padding": 1, "dilation": 1, "groups": 1}
    inputs: dict[str, Array] = {"x": X, "w": W, "b": B}
    answer = oracles.load(name).answer(Question("conv2d", inputs, attributes, np.zeros(0), ()))
    np.testing.assert_array_equal(answer["out"][0], MAPS)  # type: ignore[index]
