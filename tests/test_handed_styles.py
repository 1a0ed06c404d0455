"""Functions that are handed over in the styles that people have: asked all that they take, and told
what nobody asked."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import required

import layercheck
from layercheck.errors import Undecided, UsageError
from ref_layers.conv2d import conv2d, conv2d_backward


def softmax(x, axis=-1):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def leaky_relu(x, alpha=0.01):
    return np.where(x > 0, x, x * x.dtype.type(0.01))


def layer_norm(x, gamma, beta, epsilon=1e-5):
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + x.dtype.type(1e-5)) + beta


@pytest.mark.parametrize("function", [softmax, leaky_relu, layer_norm], ids=lambda f: f.__name__)
def test_an_argument_of_another_usual_name_is_asked(function: Callable[..., Any]) -> None:
    """Each ignores one."""
    report = layercheck.check(function)
    assert not report.passed
    assert not {"dim", "negative_slope", "eps"} & {*report.checks[0].attributes.not_accepted}


def right_softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def test_and_a_right_one_passes_with_all_of_them() -> None:
    report = layercheck.check(softmax=right_softmax)
    assert report.passed, report.text()
    assert "dim" in report.checks[0].attributes.varied


def test_an_argument_that_says_nothing_of_the_op_is_told() -> None:
    def made(x, flavour=3):
        return np.maximum(x, 0)

    report = layercheck.check(relu=made)
    assert report.passed
    assert "never varied: flavour" in report.text()
    module = types.ModuleType("of_other_names")
    module.softmax = lambda x, axis=-1: (softmax(x), None)  # type: ignore[attr-defined]
    assert "never varied: axis" in layercheck.check(module).text()


class Unhashable:
    """An object that is called, and can be no key."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return False

    def __call__(self, x, axis=-1):
        return right_softmax(x, axis)


def test_an_object_that_cannot_be_hashed_is_asked() -> None:
    assert layercheck.check(softmax=Unhashable()).passed


def test_settings_by_keyword_alone_and_under_another_name() -> None:
    def pool(x, *, pool_param):
        height, width, step = (pool_param[n] for n in ("pool_height", "pool_width", "stride"))
        windows = np.lib.stride_tricks.sliding_window_view(x, (height, width), axis=(2, 3))
        return windows[:, :, ::step, ::step].max((-1, -2))

    def conv(x, w, b, cfg):
        return conv2d(x, w, b, stride=cfg["stride"], padding=cfg["pad"])

    def cropped(x, w, b, cfg):
        return conv2d(x, w, b, stride=cfg["stride"], padding=max(cfg["pad"], 1))

    assert layercheck.check(max_pool=pool).passed
    assert layercheck.check(conv2d=conv, conv2d_backward=conv2d_backward).passed
    assert not layercheck.check(conv2d=cropped).passed


def handed_on(function: Any) -> Any:
    def inner(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return inner


def test_a_wrapper_takes_what_the_function_within_takes() -> None:
    def narrow(x, w, b=None, stride=1, padding=0):
        return conv2d(x, w, b, stride=stride, padding=padding)

    def ignoring(x, w, b=None, stride=1, padding=0):
        return conv2d(x, w, b, padding=padding)

    report = layercheck.check(conv2d=handed_on(narrow), conv2d_backward=conv2d_backward)
    assert report.passed, report.text()
    assert not layercheck.check(conv2d=handed_on(ignoring)).passed


def test_a_framework_that_is_mentioned_need_not_be_meant() -> None:
    torch = required("torch")

    def relu(x):
        if isinstance(x, torch.Tensor):
            x = x.detach().numpy()
        return np.maximum(x, 0)

    assert layercheck.check(relu=relu).passed
    assert layercheck.check(relu=lambda x: torch.relu(torch.as_tensor(x.copy())).numpy()).passed
    assert not layercheck.check(relu=lambda x: torch.relu(torch.as_tensor(x + 1)).numpy()).passed
    doubled = layercheck.check(relu=lambda x: torch.clamp(x, min=0) * 2)
    assert not doubled.passed


def test_what_has_no_gradient_in_its_framework_is_told() -> None:
    jnp = required("jax.numpy")
    with pytest.raises(UsageError, match='hints={"arrays": "numpy"}'):
        layercheck.check(tanh=lambda x: jnp.asarray(np.tanh(np.asarray(x))))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ((np.zeros(3),), "got ndarray; expected"),
        ((types.ModuleType("empty"),), "has no function named as an op"),
    ],
)
def test_what_is_no_subject_is_told(given: tuple[Any, ...], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        layercheck.check(*given)


def test_a_misspelt_option_is_told_with_the_options() -> None:
    with pytest.raises(UsageError, match="got wher=...; did you mean where\\?; expected an option"):
        layercheck.check(tanh=np.tanh, wher="x")
    from layercheck.implementations.given.subject import OPTIONS

    named = inspect.signature(layercheck.check).parameters.values()
    assert tuple(p.name for p in named if p.kind is p.KEYWORD_ONLY) == OPTIONS


@pytest.mark.parametrize(
    ("call", "kind", "told"),
    [
        (
            functools.partial(layercheck.gradcheck, np.sin, None, np.ones(3)),
            UsageError,
            "got df=None",
        ),
        (functools.partial(layercheck.gradcheck, np.sin, np.cos), UsageError, "got no inputs"),
        (
            functools.partial(layercheck.gradcheck, np.sin, np.cos, np.zeros((0, 3))),
            UsageError,
            "without any number",
        ),
        (
            functools.partial(
                layercheck.gradcheck,
                lambda x: x * np.random.rand(*x.shape),
                lambda d, x: d,
                np.ones(3),
            ),
            Undecided,
            "other numbers for the same inputs",
        ),
    ],
)
def test_gradcheck_says_what_it_lacks(
    call: Callable[[], Any], kind: type[Exception], told: str
) -> None:
    with pytest.raises(kind, match=told):
        call()
