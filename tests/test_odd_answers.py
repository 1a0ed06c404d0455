"""Answers that are no arrays of numbers are told as what they are."""

from __future__ import annotations

import dataclasses
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


@dataclasses.dataclass
class Gradients:
    """By their names, in an order of their own."""

    dw: Any
    dx: Any
    db: Any


@dataclasses.dataclass
class Unnamed:
    """In the op's order, by names that say nothing."""

    one: Any
    two: Any
    three: Any


def affine(x: Any, w: Any, b: Any) -> Any:
    return x.reshape(len(x), -1) @ w + b, (x, w)


def gradients(dout: Any, cache: Any) -> Any:
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(0)


def named(dout: Any, cache: Any) -> Any:
    dx, dw, db = gradients(dout, cache)
    return Gradients(dw, dx, db)


def in_turn(dout: Any, cache: Any) -> Any:
    yield from gradients(dout, cache)


AFFINE = "affine x=4x3 w=3x2 b=2 seed=1"


@pytest.mark.parametrize(
    "backward", [named, in_turn, lambda dout, cache: Unnamed(*gradients(dout, cache))]
)
def test_gradients_may_come_in_any_usual_form(backward: Any) -> None:
    layercheck.assert_agrees(affine, AFFINE, backward=backward)

    def wrong(dout: Any, cache: Any) -> Any:
        return backward(2 * dout, cache)

    assert "affine_backward" in told(affine, AFFINE, backward=wrong)


@pytest.mark.parametrize(
    ("made", "got"),
    [(lambda dx, dw, db: object(), "one object"), (lambda dx, dw, db: (dx, dw), "a tuple of 2")],
)
def test_of_gradients_in_no_form_it_is_told_what_would_do(made: Any, got: str) -> None:
    said = told(affine, AFFINE, backward=lambda dout, cache: made(*gradients(dout, cache)))
    assert f"returned {got}; expected (dx, dw, db): a tuple, a list, or a dict, a named" in said


def loss(x: Any, y: Any) -> Any:
    x = x - x.max(1, keepdims=True)
    logs = x - np.log(np.exp(x).sum(1, keepdims=True))
    return float(-logs[np.arange(len(x)), y].mean())


def test_a_loss_may_be_a_number_of_pythons_own() -> None:
    layercheck.assert_agrees(loss, "softmax_cross_entropy", strict=True)
    assert "is wrong" in told(lambda x, y: 2 * loss(x, y), "softmax_cross_entropy")
