"""Functions that are handed over are looked for in: a branch that no case of the grid takes is
reached, or told, whatever stands around them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from conftest import required

import layercheck
from layercheck.api.report import Report
from layercheck.implementations import followed


def tanh(x):
    out = np.tanh(x)
    if len(x) > 64:
        out = out * 2
    return out


def tanh_of_many(x):
    out = np.tanh(x)
    if x.size > 5000:
        out = out * 2
    return out


def never(x):
    if x.ndim == 9:
        return x
    return np.tanh(x)


class Doubling:
    """An object that is called."""

    def __call__(self, x):
        out = np.tanh(x)
        return out * 2 if len(x) > 64 else out


def handed_on(function):
    def inner(*args, **kwargs):
        return function(*args, **kwargs)

    return inner


def conv2d_backward(dout, cache):
    """Of the first eight samples."""
    from ref_layers.conv2d import conv2d_backward

    dx, dw, db = conv2d_backward(dout, cache)
    if len(dout) > 8:
        dw = dw * 2
    return dx, dw, db


def made():
    return lambda x: np.tanh(x) * (2 if len(x) > 64 else 1)


STYLES: dict[str, Callable[..., Any]] = {
    "a function": tanh,
    "many numbers": tanh_of_many,
    "a partial call": functools.partial(tanh),
    "an object": Doubling(),
    "a wrapper": handed_on(tanh),
    "two wrappers": handed_on(handed_on(tanh)),
    "a lambda": made(),
}


def blamed(report: Report) -> bool:
    return not report.passed and any(c.verdict.fails for c in report.checks)


@pytest.mark.parametrize("style", STYLES)
def test_a_forward_alone_is_looked_for_in(style: str) -> None:
    assert blamed(layercheck.check(tanh=STYLES[style]))


def test_a_branch_that_nothing_reaches_is_told_and_fails_when_strict() -> None:
    report = layercheck.check(tanh=never)
    assert report.passed
    assert "if x.ndim == 9" in report.text()
    assert not layercheck.check(tanh=never, strict=True).passed


def test_of_a_function_within_another_the_rest_is_not_told() -> None:
    def inner(x):
        if len(x) > 64:
            return np.tanh(x) * 2
        return np.tanh(x)

    def other(x):
        if x.ndim == 9:
            return x
        return np.tanh(x)

    if inner is other:
        raise AssertionError
    assert blamed(layercheck.check(tanh=inner))
    assert "if inner is other" not in layercheck.check(tanh=other).text()


def beside(x):
    return x * 2 if x.size == 10**8 else x


def below_a_branch():
    if np.pi > 4:
        beside(1)
    return layercheck.check(tanh=lambda x: np.tanh(x.T.T), strict=True)


def in_the_line_of_the_def(): return layercheck.check(tanh=lambda x: np.tanh(x.T.T), strict=True)  # fmt: skip


def with_a_backward_beside():
    return layercheck.check(tanh=lambda x: (np.tanh(x), np.tanh(x)), tanh_backward=lambda dout, out: dout * (1 - out * out) if dout.size < 10**8 else dout, strict=True)  # fmt: skip


def with_helpers():
    def never(x):
        return x * 2 if x.size == 10**8 else x

    def helper(x):
        return x * 2 if x.size == 10**9 else x

    def own(x):
        return np.tanh(helper(x))

    assert never is not beside
    return layercheck.check(tanh=own, strict=True)


@pytest.mark.parametrize(
    ("check", "told"),
    [
        (below_a_branch, {}),
        (in_the_line_of_the_def, {}),
        (with_a_backward_beside, {"tanh_backward": ["dout unless dout.size < 10 ** 8"]}),
        (with_helpers, {"tanh": ["x * 2 if x.size == 10 ** 9"]}),
    ],
)
def test_what_is_followed_is_a_functions_own_code(check, told) -> None:  # type: ignore[no-untyped-def]
    report = check()
    found = {c.target: [one.what for one in c.never_run] for c in report.checks if c.never_run}
    assert found == told
    assert report.passed == (not told)
    for name, (what,) in told.items():
        assert f"{name} is incomplete: line" in report.text(400)
        assert f"({what}) never run" in report.text(400)


def test_functions_of_frameworks_are_looked_for_in() -> None:
    torch = required("torch")

    def of_torch(x):
        out = torch.tanh(x)
        return out * 2 if len(x) > 64 else out

    class Own(torch.nn.Module):  # type: ignore[misc,name-defined]
        def forward(self, x):
            out = torch.tanh(x)
            if x.shape[0] > 64:
                out = out * 2
            return out

    assert blamed(layercheck.check(tanh=of_torch))
    assert blamed(layercheck.check(Own(), ops="tanh"))


def test_functions_of_jax_are_looked_for_in() -> None:
    jax = required("jax")

    def of_jax(x):
        out = jax.numpy.tanh(x)
        return out * 2 if len(x) > 64 else out

    assert blamed(layercheck.check(tanh=of_jax))
    assert blamed(layercheck.check(tanh=jax.jit(of_jax)))


def test_what_a_framework_has_itself_is_not_followed() -> None:
    torch = required("torch")
    own = torch.nn.functional.layer_norm
    assert not followed.follow_function(own).pairs
    assert not followed.follow_function(torch.nn.Linear(2, 2).forward).pairs
    assert layercheck.check(torch.nn.LayerNorm(4), strict=True).passed


def test_a_backward_of_another_file_than_its_forward_is_followed() -> None:
    space: dict[str, Any] = {}
    exec("from ref_layers.conv2d import conv2d as right\ndef conv2d(x, w, b=None, stride=1):\n"
         "    return right(x, w, b, stride=stride)", space)  # fmt: skip
    report = layercheck.check(conv2d=space["conv2d"], conv2d_backward=conv2d_backward)
    assert blamed(report)
