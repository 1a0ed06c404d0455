"""Answers that are no arrays of numbers are told as what they are."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from conftest import required

import layercheck

QUESTION = "relu x=2x3 dtype=float64 seed=3"


def told(function: Any, question: str = QUESTION, **more: Any) -> str:
    """What the failure says, in one line."""
    with pytest.raises(AssertionError) as failed:
        layercheck.assert_agrees(function, question, **more)
    return " ".join(str(failed.value).split())


async def later(x: Any) -> Any:
    return required("torch").relu(x)


def one_by_one(x: Any) -> Any:
    yield required("torch").relu(x)


def by_name(x: Any) -> Any:
    return {"out": required("torch").relu(x)}


@pytest.mark.parametrize("library", ["torch", "jax", "tensorflow"])
@pytest.mark.parametrize(
    ("function", "kind"), [(later, "coroutine"), (one_by_one, "generator"), (by_name, "dict")]
)
def test_what_is_no_array_is_told_by_its_kind(function: Any, kind: str, library: str) -> None:
    required(library)
    if kind == "dict":

        def function(x: Any) -> Any:
            return {"out": x}

    said = told(function, hints={"arrays": library})
    assert f"no array: returned one {kind}; expected an array" in said


def test_objects_and_masked_numbers_are_no_numbers() -> None:
    def differ(x: Any) -> Any:
        return np.maximum(x, 0).astype(object)

    said = told(differ)
    assert "got an array of dtype object; expected numbers" in said
    assert "differs" not in said
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        said = told(lambda x: np.ma.masked_less(x, 0))
    assert "got a masked array, whose masked elements are no numbers" in said
    layercheck.assert_agrees(lambda x: np.ma.masked_less(np.maximum(x, 0), -1), QUESTION)


@pytest.mark.parametrize("pair", [tuple, list])
def test_out_and_cache_may_be_a_list(pair: Any) -> None:
    def backward(dout: Any, x: Any) -> Any:
        return dout * (x > 0)

    def forward(x: Any) -> Any:
        return pair([np.maximum(x, 0), x])

    layercheck.assert_agrees(forward, QUESTION, backward=backward)
    layercheck.assert_agrees(forward, QUESTION)


class ReLU:
    """A layer that is called."""

    def __call__(self, x: Any) -> Any:
        self.on = x > 0
        return x * self.on

    def backward(self, dout: Any) -> Any:
        return dout * self.on


def test_an_object_that_is_called_and_has_a_backward_is_a_layer() -> None:
    report = layercheck.check(ReLU())
    assert report.passed, report.text()
    assert any("backward" in check.target for check in report.checks)


@pytest.mark.parametrize("library", ["torch", "jax", "tensorflow"])
def test_another_dtype_is_told_as_that(library: str) -> None:
    framework = required(library)
    narrow = {
        "torch": lambda x: x.float(),
        "jax": lambda x: x.astype("float32"),
        "tensorflow": lambda x: framework.cast(x, "float32"),
    }[library]
    said = told(narrow, QUESTION.replace("relu", "leaky_relu"), hints={"arrays": library})
    assert "dtype: got float32, expected float64" in said
    assert "raised" not in said


def test_a_pass_by_convention_has_used_no_limit() -> None:
    def backward(dout: Any, x: Any) -> Any:
        return dout * (x >= 0)

    report = layercheck.check(relu=lambda x: (np.maximum(x, 0), x), relu_backward=backward)
    assert report.passed
    assert "convention" in report.text()
    assert " inf " not in report.text()
