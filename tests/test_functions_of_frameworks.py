"""Functions of a framework are asked as such, however they are reached."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import required

import layercheck
from layercheck.errors import UsageError

Way = Callable[[Any], Any]


class Calling:
    """An object that holds it."""

    def __init__(self, function: Any) -> None:
        self.function = function

    def __call__(self, x: Any) -> Any:
        return self.function(x)


def by_helper(function: Any) -> Any:
    helper = types.SimpleNamespace(tanh=function)

    def mine(x: Any) -> Any:
        return helper.tanh(x)

    return mine


WAYS = [by_helper, Calling, functools.partial, lambda function: by_helper(by_helper(function))]


def jax_tanh(factor: int) -> Any:
    jax = required("jax")

    @jax.custom_vjp
    def tanh(x: Any) -> Any:
        return jax.numpy.tanh(x)

    def backward(x: Any, dout: Any) -> Any:
        return (factor * dout * (1 - jax.numpy.tanh(x) ** 2),)

    tanh.defvjp(lambda x: (jax.numpy.tanh(x), x), backward)
    return tanh


def torch_tanh(factor: int) -> Any:
    torch = required("torch")

    class Tanh(torch.autograd.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x.tanh()

        @staticmethod
        def backward(ctx: Any, dout: Any) -> Any:
            return factor * dout * (1 - ctx.saved_tensors[0].tanh() ** 2)

    return Tanh.apply


def tensorflow_tanh(factor: int) -> Any:
    tf = required("tensorflow")

    @tf.custom_gradient
    def tanh(x: Any) -> Any:
        return tf.tanh(x), lambda dout: factor * dout * (1 - tf.tanh(x) ** 2)

    return tanh


@pytest.mark.parametrize("way", [lambda function: function, *WAYS])
@pytest.mark.parametrize("make", [jax_tanh, torch_tanh, tensorflow_tanh])
def test_a_gradient_is_asked_through_any_helper(make: Callable[[int], Any], way: Way) -> None:
    question = "tanh x=2x3 dtype=float64 seed=3"
    layercheck.assert_agrees(way(make(1)), question)
    with pytest.raises(AssertionError, match="dx is 2 times what it should be"):
        layercheck.assert_agrees(way(make(2)), question)


def test_what_jit_made_is_jax() -> None:
    jax = required("jax")
    with pytest.raises(AssertionError, match="dx is 2 times"):
        layercheck.assert_agrees(jax.jit(jax_tanh(2)), "tanh x=2x3 seed=3")


def test_a_gradient_is_asked_of_what_answers_in_the_arrays_that_it_is_given() -> None:
    jax = required("jax")

    @jax.custom_vjp
    def relu(x: Any) -> Any:
        return x * (x > 0)

    relu.defvjp(lambda x: (relu(x), x), lambda x, dout: (2 * dout * (x > 0),))
    assert isinstance(relu(np.ones(2)), np.ndarray)

    def wrapped(x: Any) -> Any:
        return relu(x)

    for mine in (relu, wrapped):
        with pytest.raises(AssertionError, match="dx is 2 times"):
            layercheck.assert_agrees(mine, "relu x=2x3 seed=3")


def leaving(x: Any) -> Any:
    jax = required("jax")
    return jax.numpy.asarray(np.tanh(x))


def test_a_forward_alone_has_to_be_meant() -> None:
    """It gives arrays of JAX, and cannot be differentiated there."""
    with pytest.raises(UsageError, match="gives arrays of jax, but cannot be asked for"):
        layercheck.assert_agrees(leaving, "tanh x=2x3 seed=3")
    layercheck.assert_agrees(leaving, "tanh x=2x3 seed=3", hints={"arrays": "numpy"})


def seldom(x: Any) -> Any:
    made = np.tanh(x)
    return required("torch").from_numpy(made) if x.shape == (2, 7) else made


def test_a_framework_that_shows_late_is_told() -> None:
    with pytest.raises(AssertionError, match="returned an array of torch, whose gradient was not"):
        layercheck.assert_agrees(seldom, "tanh x=2x7 seed=3")


def test_a_backward_of_ones_own_is_asked_in_double_precision_too() -> None:
    jax = required("jax")
    helper = types.SimpleNamespace(np=jax.numpy)

    def forward(x: Any) -> Any:
        out = helper.np.tanh(x)
        return out, out

    def backward(dout: Any, out: Any) -> Any:
        return helper.np.asarray(dout) * (1 - out**2)

    layercheck.assert_agrees(forward, "tanh", backward=backward, dtype="float64")
