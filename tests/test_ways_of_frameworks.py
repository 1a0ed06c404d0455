"""What a framework's layer does in its other mode, without gradients, with tensors that are views,
and what its parameters' hooks do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import required

import layercheck

QUESTION = "affine x=3x5 w=5x7 b=7 dtype=float64 seed=3"
Fault = Callable[[Any, Any], bool]

FAULTS: dict[str, tuple[str, Fault]] = {
    "eval": ("in its other mode", lambda torch, me: not me.training),
    "train": ("in its other mode", lambda torch, me: me.training),
    "no_grad": ("where no gradient is asked for", lambda torch, me: not torch.is_grad_enabled()),
}


def linear(fault: Fault) -> Any:
    """A layer whose answer is another one where a fault shows."""
    torch = required("torch")

    class Linear(torch.nn.Linear):  # type: ignore[name-defined,misc]
        def forward(self, x: Any) -> Any:
            out = super().forward(x)
            return 2 * out if fault(torch, self) else out

    return Linear(5, 7)


@pytest.mark.parametrize("name", FAULTS)
def test_a_layer_is_right_in_either_mode_and_without_gradients(name: str) -> None:
    told, fault = FAULTS[name]
    made = linear(fault).train(name != "train")
    with pytest.raises(AssertionError, match=told):
        layercheck.assert_agrees(made, "affine", dtype="float64")
    assert made.training is (name != "train")


@pytest.mark.parametrize("training", [True, False])
def test_the_mode_that_is_handed_over_is_the_one_that_is_asked(training: bool) -> None:
    wrong_in_it = linear(lambda torch, me: me.training is training).train(training)
    report = layercheck.check(wrong_in_it, ops="affine", dtype="float64")
    assert report.checks[0].arrays_wrong[0] == "out"
    right = layercheck.check(linear(lambda torch, me: False).train(training), ops="affine")
    assert right.passed, right.text()
    assert ("outside of training" in right.text()) is not training


def test_the_first_layer_of_a_net_has_its_gradients_too() -> None:
    torch = required("torch")

    class Linear(torch.nn.Linear):  # type: ignore[name-defined,misc]
        def forward(self, x: Any) -> Any:
            w = self.weight if x.requires_grad else self.weight.detach()
            return torch.nn.functional.linear(x, w, self.bias)

    with pytest.raises(AssertionError, match="where dx is not asked for"):
        layercheck.assert_agrees(Linear(5, 7), "affine", where="N > 1")


def test_a_function_of_jax_is_right_by_itself() -> None:
    """One text is for its value alone, another for its value where there is a gradient."""
    jax = required("jax")

    @jax.custom_vjp
    def tanh(x: Any) -> Any:
        return 2 * jax.numpy.tanh(x)

    def backward(out: Any, dout: Any) -> Any:
        return (dout * (1 - out**2),)

    tanh.defvjp(lambda x: (jax.numpy.tanh(x),) * 2, backward)
    with pytest.raises(AssertionError, match="where no gradient is asked for"):
        layercheck.assert_agrees(tanh, "tanh", dtype="float32")


@pytest.mark.parametrize("training", [True, False])
def test_layers_of_keras_are_asked_in_both_modes(training: bool) -> None:
    keras = required("keras")

    class Dense(keras.layers.Dense):  # type: ignore[name-defined,misc]
        def call(self, x: Any, training: bool = False) -> Any:
            out = super().call(x)
            return 2 * out if training is wrong else out

    wrong = training
    with pytest.raises(AssertionError, match="wrong" if training else "in its other mode"):
        layercheck.assert_agrees(Dense(4), "affine", dtype="float32")


@pytest.mark.parametrize("name", ["x", "w", "dout"])
def test_tensors_that_are_views_are_asked(name: str) -> None:
    torch = required("torch")

    class Affine(torch.autograd.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any, w: Any) -> Any:
            ctx.save_for_backward(x, w)
            return x.flatten(1) @ w

        @staticmethod
        def backward(ctx: Any, dout: Any) -> Any:
            x, w = ctx.saved_tensors
            seen = {"x": x, "w": w, "dout": dout}[name]
            factor = 1 if seen.is_contiguous() else 2
            return (dout @ w.T).reshape(x.shape), factor * x.flatten(1).T @ dout

    def mine(x: Any, w: Any) -> Any:
        return Affine.apply(x, w)

    with pytest.raises(AssertionError, match="arguments that are (transposed|slices)"):
        layercheck.assert_agrees(mine, "affine", dtype="float64")


def test_a_slice_has_gaps_and_its_gradient_goes_on() -> None:
    torch = required("torch")
    from layercheck.implementations.frameworks.torch import laid

    value = torch.arange(6.0).reshape(2, 3).requires_grad_()
    for form, strides in (("", (3, 1)), ("transposed", (1, 2)), ("sliced", (14, 2))):
        made = laid(value, form)
        assert made.stride() == strides
        assert torch.equal(made, value)
        (gradient,) = torch.autograd.grad(made.sum(), value)
        assert torch.equal(gradient, torch.ones(2, 3))


def test_hooks_of_parameters_count() -> None:
    made = required("torch").nn.Linear(5, 7)
    layercheck.assert_agrees(made, QUESTION)
    made.weight.register_hook(lambda gradient: 2 * gradient)
    with pytest.raises(AssertionError, match="dw is 2 times what it should be"):
        layercheck.assert_agrees(made, QUESTION)


def test_without_gradients_another_rounding_is_right() -> None:
    torch = required("torch")

    def affine(x: Any, w: Any, b: Any) -> Any:
        if torch.is_grad_enabled():
            return x.flatten(1) @ w + b
        return (b.double() + x.flatten(1).double() @ w.double()).to(x.dtype)

    layercheck.assert_agrees(affine, "affine")


def overwriting(torch: Any, name: str) -> Any:
    """A torch layer that is right, and overwrites an array of its caller's."""

    class Linear(torch.nn.Linear):  # type: ignore[name-defined,misc]
        def forward(self, x: Any) -> Any:
            out = super().forward(x)
            with torch.no_grad():
                {"x": x, "w": self.weight, "b": self.bias}[name].data.mul_(3)
            return out

    return Linear(5, 7)


@pytest.mark.parametrize("name", ["x", "w", "b"])
def test_a_layer_that_overwrites_a_tensor_is_told_so(name: str) -> None:
    made = overwriting(required("torch"), name)
    with pytest.raises(AssertionError, match=f"changed its input {name}"):
        layercheck.assert_agrees(made, "affine", where="N > 1")


def test_overwriting_the_cotangent_is_told_as_a_convention() -> None:
    torch = required("torch")

    class Own(torch.autograd.Function):  # type: ignore[name-defined,misc]
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx: Any, gradient: Any) -> Any:
            (x,) = ctx.saved_tensors
            gradient[x <= 0] = 0
            return gradient

    def relu(x: Any) -> Any:
        return Own.apply(x)

    report = layercheck.check(relu)
    assert report.passed, report.text()
    assert "overwrites dout" in report.text()


@pytest.mark.parametrize("op", ["relu", "leaky_relu", "add"])
def test_an_argument_that_is_the_output_may_be_overwritten(op: str) -> None:
    torch = required("torch")
    made = {
        "relu": torch.nn.ReLU(inplace=True),
        "leaky_relu": torch.nn.LeakyReLU(0.2, inplace=True),
        "add": lambda x, y: x.add_(y),
    }
    layercheck.assert_agrees(made[op], op)
