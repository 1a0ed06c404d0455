"""Gradients of a person's own function: right ones pass, wrong ones are blamed, and what cannot be
seen is told as that."""

from __future__ import annotations

import functools
import importlib
import re
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from conftest import required

import layercheck
from layercheck.errors import UsageError

x5 = np.linspace(-2, 2, 5)
GRADIENTS: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "complex": (np.tanh, lambda g, x: g * (1 - np.tanh(x) ** 2), (x5,)),
    "kinked": (lambda x: np.maximum(x, 0.3), lambda g, x: g * (x > 0.3), (x5,)),
    "two inputs": (
        lambda a, b: a @ b,
        lambda g, a, b: (g @ b.T, a.T @ g),
        (x5.reshape(1, 5), np.arange(10.0).reshape(5, 2)),
    ),
    "stiff": (lambda x: np.exp(4 * x), lambda g, x: 4 * g * np.exp(4 * x), (x5,)),
    "no imaginary part": (np.abs, lambda g, x: g * np.sign(x), (x5 + 0.1,)),
    "normalized": (
        lambda x: (x - x.mean()) / x.std(),
        lambda g, x: (
            (g - g.mean() - (x - x.mean()) * (g * (x - x.mean())).mean() / x.var()) / x.std()
        ),
        (np.array([1.0, 2.5, -3.0, 0.25]),),
    ),
    "labels": (
        lambda x, y: x[np.arange(2), y],
        lambda g, x, y: (np.where(np.arange(3) == y[:, None], g[:, None], 0), None),
        (np.arange(6.0).reshape(2, 3), np.array([2, 0])),
    ),
}


def doubled(dout: Any, x: Any) -> Any:
    dout *= 2
    return dout * np.cos(x) / 2


def scaled(dout: Any, x: Any) -> Any:
    np.cos(x, out=x)
    return dout * x


@pytest.mark.parametrize(
    ("f", "df", "told"),
    [
        (lambda x: np.sin(x, out=x), lambda g, x: g * np.cos(x), "f overwrites input 0; expected"),
        (np.sin, doubled, "df overwrites dout; expected a function that leaves"),
        (np.sin, scaled, "df overwrites input 0; expected a function that leaves"),
        (
            np.sin,
            lambda g, x: (g * np.cos(x)).astype(np.float32),
            "gradient of input 0: got an array of float32, expected float64",
        ),
    ],
)
def test_who_overwrites_or_loses_digits_fails(f: Any, df: Any, told: str) -> None:
    with pytest.raises(AssertionError, match=told):
        layercheck.gradcheck(f, df, x5)


def test_digits_that_nobody_gave_are_not_lost() -> None:
    def df(g: Any, x: Any) -> Any:
        return (g * np.cos(x)).astype(np.float32)

    assert layercheck.gradcheck(np.sin, df, x5.astype(np.float32))


@pytest.mark.parametrize("name", GRADIENTS)
def test_right_gradients_pass_and_each_spoilt_one_fails(name: str) -> None:
    f, df, inputs = GRADIENTS[name]
    assert layercheck.gradcheck(f, df, *inputs)

    def spoilt(by: float) -> Any:
        def wrong(dout: Any, *given: Any) -> Any:
            made = df(dout, *given)
            first, *rest = made if isinstance(made, tuple) else (made,)
            first = np.array(first, float)
            first[np.unravel_index(np.argmax(np.abs(first)), first.shape)] *= by
            return (first, *rest)

        return wrong

    for by in (0.0, 2.0, -1.0, 1 + 1e-5):
        with pytest.raises(AssertionError, match="gradient of input 0: got"):
            layercheck.gradcheck(f, spoilt(by), *inputs)


def test_gradients_of_another_shape_or_number_fail() -> None:
    with pytest.raises(AssertionError, match=r"got shape \(1,\), expected shape \(5,\)"):
        layercheck.gradcheck(np.sin, lambda g, x: np.zeros(1), x5)
    with pytest.raises(AssertionError, match="df gave 2 gradients"):
        layercheck.gradcheck(np.sin, lambda g, x: (g, g), x5)
    with pytest.raises(ValueError, match="no finite number"), np.errstate(all="ignore"):
        layercheck.gradcheck(np.log, lambda g, x: g / x, x5)


def sine(g: Any, x: Any) -> Any:
    return g * np.cos(x)


@pytest.mark.parametrize(
    ("f", "df", "inputs", "told"),
    [
        (np.sin, lambda g, x: None, (x5,), "input 0: got None, expected an array of shape (5,)"),
        (lambda x, w: x @ w, lambda g, x, w: (None, None), (x5, x5), "input 0: got None"),
        (np.sin, lambda g, x: "no", (x5,), "input 0: got a str, expected an array"),
        (np.sin, lambda g, x: sine(g, x) + 5j, (x5,), "got an array of complex128, expected real"),
        (np.sin, lambda g, x: sine(g, x) * np.nan, (x5,), "5 of 5 elements are beyond it"),
    ],
)
def test_what_is_no_gradient_is_blamed(f: Any, df: Any, inputs: Any, told: str) -> None:
    with pytest.raises(AssertionError, match=re.escape(told)):
        layercheck.gradcheck(f, df, *inputs)


def relu(x: Any) -> Any:
    return np.maximum(x, 0)


HARD: dict[str, tuple[Any, Any, Any]] = {
    "a constant": (lambda x: np.abs(x) + 1e9, lambda g, x: g * np.sign(x), [1.3, -0.7]),
    "a pole": (lambda x: 1 / x, lambda g, x: -g / x**2, [1e-5]),
    "tiny": (lambda x: x**2, lambda g, x: 2 * x * g, [1e-150]),
    "near a kink": (relu, lambda g, x: g * (x > 0), [1e-6, -1e-6, 1.0]),
    "small and negative": (relu, lambda g, x: g * (x > 0), [-0.01, 0.5]),
    "fast": (lambda x: np.sin(1e6 * x), lambda g, x: 1e6 * sine(g, 1e6 * x), [0.5, -1.0]),
    "large": (lambda x: np.sin(np.abs(x)), sine, [1e6, 1e6 + 1]),
    "near the edge": (np.log, lambda g, x: g / x, [1e-6, 2.0]),
    "near the root": (np.sqrt, lambda g, x: g / (2 * np.sqrt(x)), [1e-6]),
    "float32": (lambda x: np.sin(x.astype("f4")), sine, [0.3]),
    "float32 inside": (lambda x: np.sin(x.astype("f4")) * 1.0, sine, [-1.333333, 0.7]),
    "a number": (lambda x: float(np.abs(x @ x)), lambda g, x: 2 * g * x, [0.3, -1.7]),
}


@pytest.mark.parametrize("name", HARD)
def test_a_right_gradient_is_seen_where_that_is_hard_and_a_wrong_one_too(name: str) -> None:
    f, df, at = HARD[name]
    assert layercheck.gradcheck(f, df, np.array(at))
    for by in (1.1, 1.5, 3.0):
        with pytest.raises(AssertionError, match="gradient of input 0: got"):
            layercheck.gradcheck(f, lambda g, x, by=by: by * df(g, x), np.array(at))


@pytest.mark.parametrize(
    ("f", "df", "at", "why"),
    [
        (lambda x: np.abs(x) + 1e14, lambda g, x: g * np.sign(x), 1.3, "what f rounds off hides"),
        (lambda x: np.abs(x) + 1e18, lambda g, x: g * np.sign(x), 1.3, "what f rounds off hides"),
        (lambda x: x**2, lambda g, x: 2 * x * g, 1e-170, "what f rounds off hides"),
        (relu, lambda g, x: g * (x > 0), 0.0, "f has a kink there"),
        (lambda x: np.sin(x.astype("f2")), sine, 0.7, "f rounds off hides|bends or jumps"),
        (
            lambda x: np.sin(x.astype("f4")),
            lambda g, x: np.float16(sine(g, x)),
            0.7,
            "it is of float16, which is too coarse",
        ),
    ],
)
def test_what_cannot_be_seen_is_undecided_whatever_the_gradient(
    f: Any, df: Any, at: float, why: str
) -> None:
    with pytest.raises(layercheck.Undecided, match=f"gradient of input 0: undecided.*({why})"):
        layercheck.gradcheck(f, df, np.array([at]))


def test_random_functions_are_undecided_and_flat_ones_are_not() -> None:
    random = np.random.RandomState(3)
    with pytest.raises(layercheck.Undecided, match="other numbers for the same inputs"):
        layercheck.gradcheck(lambda x: x * random.rand(5), lambda g, x: g / 2, x5)
    assert layercheck.gradcheck(lambda x: 3 + 0 * np.abs(x), lambda g, x: 0 * g, x5)
    assert layercheck.gradcheck(relu, lambda g, x: 0 * g, -np.ones(3))
    with pytest.raises(AssertionError, match="expected 0 at"):
        layercheck.gradcheck(relu, lambda g, x: g, -np.ones(3))


def test_right_gradients_in_float32_are_never_blamed() -> None:
    for seed in range(20):
        x = np.random.RandomState(seed).randn(9)
        with suppress(layercheck.Undecided):
            layercheck.gradcheck(
                lambda x: np.tanh(x.astype("f4")) * 1.0, lambda g, x: g * (1 - np.tanh(x) ** 2), x
            )


def test_whole_numbers_are_not_differentiated_where_f_takes_them_as_such() -> None:
    at, places = np.arange(3.0), np.array([2, 0])

    def df(g: Any, x: Any, i: Any) -> Any:
        dx = np.zeros_like(x)
        np.add.at(dx, i, g)
        return dx, None

    assert layercheck.gradcheck(lambda x, i: x[i], df, at, places)
    with pytest.raises(UsageError, match="gradient of input 1, of int64, which f takes as such"):
        layercheck.gradcheck(lambda x, i: x[i], lambda g, x, i: (df(g, x, i)[0], g), at, places)
    with pytest.raises(UsageError, match="got no input of floating-point numbers"):
        layercheck.gradcheck(np.sin, lambda g, x: None, np.arange(3))
    with pytest.raises(UsageError, match="got input 0 of complex128; expected real numbers"):
        layercheck.gradcheck(np.sin, sine, x5 * 1j)
    with pytest.raises(ValueError, match="f gave complex numbers"):
        layercheck.gradcheck(lambda x: x * 1j, sine, x5)
    with pytest.raises(ValueError, match="f gave a NoneType; expected an array of numbers"):
        layercheck.gradcheck(lambda x: None, sine, x5)


@pytest.mark.parametrize("name", ["torch", "tensorflow", "jax"])
def test_functions_of_a_framework_get_its_own_arrays(name: str) -> None:
    required(name)
    own: dict[str, Any] = {"torch": "torch", "tensorflow": "tensorflow", "jax": "jax.numpy"}
    module = importlib.import_module(own[name])
    make = {"torch": "as_tensor", "tensorflow": "constant", "jax": "asarray"}[name]
    x, w = (getattr(module, make)(v) for v in (x5, x5 + 0.3))

    def f(x: Any, w: Any) -> Any:
        assert type(x) is type(w) is kind
        return module.sin(x) * w

    def df(g: Any, x: Any, w: Any, by: float = 1.0) -> Any:
        assert type(g) is kind
        return by * g * w * module.cos(x), g * module.sin(x)

    kind = type(x)
    assert layercheck.gradcheck(f, df, x, w)
    with pytest.raises(AssertionError, match="gradient of input 0: got"):
        layercheck.gradcheck(f, functools.partial(df, by=1.1), x, w)
