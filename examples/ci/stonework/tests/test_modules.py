"""What layercheck is asked from tests of one's own."""

import numpy as np
import pytest
from stonework import layers

import layercheck as lc


def test_affine_of_torch(layercheck):
    pytest.importorskip("torch")
    from stonework.modules import Affine

    layercheck.assert_agrees(Affine(6, 4), hints={"weights": "DM"})


@lc.parametrize("leaky_relu", where="dtype == 'float32'")
def test_leaky_relu_out(example):
    out, _ = layers.leaky_relu(**example.inputs, **example.attributes)
    lc.assert_close(out, example)


def test_a_gradient_of_ones_own():
    assert lc.gradcheck(
        lambda x: np.tanh(x) ** 2,
        lambda dout, x: dout * 2 * np.tanh(x) * (1 - np.tanh(x) ** 2),
        np.linspace(-1, 1, 7),
    )
