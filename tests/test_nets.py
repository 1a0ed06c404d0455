"""Nets by themselves; their gradients are held against the frameworks in test_lockstep.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ref_layers.nets import NETS
from ref_layers.nets.affine_relu import affine_relu, affine_relu_backward
from ref_layers.nets.conv_relu_pool import conv_relu_pool, conv_relu_pool_backward

DTYPES = ["float32", "float64", "longdouble"]


def make(name: str, dtype: str = "float64", seed: int = 0) -> Any:
    return NETS[name](**NETS[name].example, seed=seed, dtype=dtype)


def data(net: Any, dtype: str = "float64") -> tuple[Any, Any]:
    rs = np.random.RandomState(5)
    return rs.standard_normal((6, *net.input_shape)).astype(dtype), rs.randint(net.classes, size=6)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NETS)
def test_everything_stays_in_the_dtype_of_the_parameters(name: str, dtype: str) -> None:
    net = make(name, dtype)
    x, y = data(net, dtype)
    loss, gradients = net.loss(x, y)
    assert loss.dtype == dtype
    assert loss.shape == ()
    assert list(gradients) == list(net.parameters)
    for key, gradient in gradients.items():
        assert gradient.dtype == dtype, key
        assert gradient.shape == net.parameters[key].shape, key
    assert all(v.dtype == dtype for n, v in net.state.items() if n != "step")


@pytest.mark.parametrize("name", NETS)
def test_same_seed_same_bits(name: str) -> None:
    one, other, third = make(name), make(name), make(name, seed=1)
    assert all(np.array_equal(one.parameters[n], other.parameters[n]) for n in one.parameters)
    assert not np.array_equal(one.parameters["W1"], third.parameters["W1"])


@pytest.mark.parametrize("name", NETS)
def test_scores_change_nothing_and_nothing_is_changed_in_place(name: str) -> None:
    net = make(name)
    x, y = data(net)
    before = {**net.parameters, **net.state}
    copies = {key: value.copy() for key, value in before.items()}
    x_copy = x.copy()
    scores = net.loss(x)
    assert scores.shape == (6, net.classes)
    assert all(net.state[key] is before[key] for key in net.state)
    net.loss(x, y)
    assert np.array_equal(x, x_copy)
    assert all(np.array_equal(before[key], copies[key]) for key in before)


@pytest.mark.parametrize("name", NETS)
def test_a_copy_in_another_dtype_is_a_copy(name: str) -> None:
    net = make(name)
    other = net.astype("float32")
    other.parameters["W1"][...] = 0
    other.loss(*data(other, "float32"))
    fresh = make(name)
    assert np.array_equal(net.parameters["W1"], fresh.parameters["W1"])
    assert all(np.array_equal(net.state[key], fresh.state[key]) for key in fresh.state)


def test_regularization_adds_its_share_to_loss_and_gradients() -> None:
    name, x_y = "two_layer_net", data(make("two_layer_net"))
    with_reg, without = make(name), make(name)
    without.reg = 0.0
    loss, gradients = with_reg.loss(*x_y)
    bare_loss, bare = without.loss(*x_y)
    squares = sum(np.sum(with_reg.parameters[w] ** 2) for w in ("W1", "W2"))
    # three operations with numbers of this size each, and the two sums
    assert abs(loss - bare_loss - 0.005 * squares) <= 100 * np.spacing(loss)
    assert np.array_equal(gradients["W1"], bare["W1"] + 0.01 * with_reg.parameters["W1"])
    assert np.array_equal(gradients["b1"], bare["b1"])


def test_dropout_draws_another_mask_at_every_step_and_the_same_for_the_same_step() -> None:
    net, again = make("fully_connected_net"), make("fully_connected_net")
    x, y = data(net)
    first = net.masks(6)
    net.loss(x, y)
    second = net.masks(6)
    assert set(first) == {"mask1", "mask2"}
    assert not np.array_equal(first["mask1"], second["mask1"])
    assert np.array_equal(first["mask1"], again.masks(6)["mask1"])
    assert {*np.unique(first["mask1"])} == {0.0, 1.0}


def test_an_unknown_normalization_is_refused() -> None:
    with pytest.raises(ValueError, match="got group_norm, expected None or one of"):
        NETS["fully_connected_net"]((4,), 3, normalization="group_norm", seed=0, dtype="float64")


def test_sandwiches_are_the_adjoints_of_their_slopes() -> None:
    """<dout, J v> = <J^T dout, v> for the weights: relu and pooling are linear near a point."""
    rs = np.random.RandomState(2)
    x, dx = rs.standard_normal((2, 3, 8, 6)), rs.standard_normal((2, 3, 8, 6))
    w, b = rs.standard_normal((4, 3, 3, 3)), rs.standard_normal(4)
    out, cache = conv_relu_pool(x, w, b, padding=1)
    check_slope(lambda v: conv_relu_pool(v, w, b, padding=1)[0], x, dx, out,
                lambda dout: conv_relu_pool_backward(dout, cache)[0])  # fmt: skip
    w, b = rs.standard_normal((144, 5)), rs.standard_normal(5)
    out, flat = affine_relu(x, w, b)
    check_slope(lambda v: affine_relu(v, w, b)[0], x, dx, out,
                lambda dout: affine_relu_backward(dout, flat)[0])  # fmt: skip


def check_slope(function: Any, x: Any, v: Any, out: Any, backward: Any) -> None:
    """Both sides are piecewise linear in x, so a small step gives the slope but for rounding."""
    step = 2.0**-20
    dout = np.random.RandomState(3).standard_normal(out.shape)
    slope = np.sum(dout * (function(x + step * v) - function(x - step * v))) / (2 * step)
    limit = 200 * 2.0**-53 * np.sum(np.abs(dout) * np.abs(out)) / step  # gamma_200 of 144 terms
    assert abs(slope - np.sum(backward(dout) * v)) <= limit < 1e-4 * abs(slope)
