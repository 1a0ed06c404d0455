"""Functions with bound arguments, of keywords alone, and of matrices alone."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import layercheck


def leaky(slope: float, x: Any) -> Any:
    return np.where(x > 0, x, slope * x)


def softmax(x: Any, axis: int = -1) -> Any:
    raised = np.exp(x - x.max(axis, keepdims=True))
    return raised / raised.sum(axis, keepdims=True)


@pytest.mark.parametrize(
    ("op", "function"),
    [
        ("leaky_relu", partial(leaky, 0.2)),
        ("leaky_relu", partial(partial(leaky), 0.3)),
        ("softmax", partial(softmax, axis=1)),
    ],
)
def test_what_is_bound_is_asked_as_it_is(op: str, function: Any) -> None:
    report = layercheck.check(function, ops=op, oracles="exact")
    assert report.passed
    assert "asked as it is bound" in report.checks[0].note


def by_keyword(*, dout: Any, cache: Any) -> Any:
    return dout * (cache > 0)


def other_names(*, grad: Any, kept: Any) -> Any:
    return grad * (kept > 0)


def any_keyword(**given: Any) -> Any:
    return given["dout"] * (given["cache"] > 0)


@pytest.mark.parametrize("backward", [by_keyword, other_names, any_keyword])
def test_functions_of_keywords_are_called_by_keyword(backward: Any) -> None:
    def relu(**given: Any) -> Any:
        return np.maximum(given["x"], 0), given["x"]

    report = layercheck.check(relu=relu, relu_backward=backward, oracles="exact")
    assert report.passed
    assert layercheck.check(relu=relu, oracles="exact").passed


def test_a_function_of_matrices_is_asked_of_these_alone() -> None:
    report = layercheck.check(affine=lambda x, w, b: x @ w + b, oracles="exact", where="axes == 2")
    assert report.passed
