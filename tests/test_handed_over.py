"""What a program hands over says more than its name: what it has bound, refuses, or does besides."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import numpy as np
import pytest
from conftest import required

import layercheck
from layercheck.cases.parse import parse
from layercheck.errors import UsageError
from layercheck.implementations.given.subject import given
from layercheck.implementations.layer import Layer
from ref_layers import conv2d, conv2d_backward

NARROW = {"where": "N == 1 and dtype == 'float32'"}


def layer_of(thing: Any, op: str) -> Layer:
    """What is asked of a thing."""
    made = given(thing, {}, (op,), {})
    assert not isinstance(made, str)
    return made.layers(False)[0][0]


def values(report: layercheck.Report, name: str) -> set[Any]:
    return {parse(text).all_attributes[name] for text in report.cases.text}


# ---------------------------------------------------------------------- refused by a library


def test_paddings_that_a_library_refuses_are_told_and_not_asked() -> None:
    own = required("torch").nn.functional.conv2d
    where = "N == 1 and padding in ('same', 'same_lower', 'valid')"
    report = layercheck.check(conv2d=own, grid="standard", where=where)
    assert report.passed, report.text()
    note = report.checks[0].note
    assert re.search(r"not asked: it takes no padding=same_lower beside \S+=\S+.* \(Run", note)
    assert "padding='same' is not supported for strided convolutions" in report.checks[0].note
    assert {"same", "valid"} <= values(report, "padding")
    assert "same_lower" not in values(report, "padding")


def test_what_a_wrapper_passes_on_to_a_library_is_refused_there() -> None:
    functional = required("torch").nn.functional

    def mine(x: Any, w: Any, b: Any = None, padding: Any = 0) -> Any:
        return functional.conv2d(x, w, b, 1, padding)

    layer = layer_of(mine, "conv2d")
    line = "conv2d x=2x3x6x6 w=4x3x3x3 b=4 padding="
    assert "it takes no padding=same_lower" in layer.refuses(parse(line + "same_lower"))
    assert not layer.refuses(parse(line + "same"))
    assert not layer.refuses(parse(line + "2,1"))


def test_an_error_that_says_nothing_of_the_attribute_is_the_functions_own() -> None:
    functional = required("torch").nn.functional

    def mine(x: Any, w: Any, b: Any = None, padding: Any = 0) -> Any:
        if padding == "same_lower":
            raise ValueError("out of cheese")
        return functional.conv2d(x, w, b, 1, padding if padding != "same_lower" else 0)

    case = "conv2d x=2x3x6x6 w=4x3x3x3 b=4 padding=same_lower"
    with pytest.raises(AssertionError, match="out of cheese"):
        layercheck.assert_agrees(mine, case)


def test_a_function_of_numpy_is_blamed_for_what_it_refuses() -> None:
    def mine(x: Any, w: Any, b: Any = None, padding: Any = 0) -> Any:
        raise ValueError(f"no padding {padding!r}")

    assert not layer_of(mine, "conv2d").refuses(parse("conv2d x=2x3x6x6 w=4x3x3x3 padding=same"))


def test_attributes_that_a_builtin_does_not_take_are_not_given() -> None:
    """Its signature says nothing: it is tried."""
    functional = required("torch").nn.functional
    layer = layer_of(functional.conv_transpose2d, "conv2d_transpose")
    assert layer.takes.fixed == {"output_size": None}
    case = "conv2d_transpose x=2x3x4x4 w=3x4x3x3 b=4 stride=2 output_padding=1"
    layercheck.assert_agrees(functional.conv_transpose2d, case)


def test_a_library_may_have_defaults_of_its_own() -> None:
    softmax, gelu = required("torch").nn.functional.softmax, required("jax").nn.gelu
    layercheck.assert_agrees(softmax, "softmax x=2x3x4x4")
    layercheck.assert_agrees(gelu, "gelu x=2x3")
    assert layer_of(gelu, "gelu").notes == (
        "its own default, with which it was not asked: approximate=True",
    )
    assert layer_of(softmax, "softmax").notes == ()


# ---------------------------------------------------------------------- bound by partial calls


def test_what_a_partial_call_has_bound_is_not_varied() -> None:
    leaky_relu = required("torch").nn.functional.leaky_relu
    report = layercheck.check(leaky_relu=partial(leaky_relu, negative_slope=0.2))
    assert report.passed, report.text()
    assert values(report, "negative_slope") == {0.2}
    assert "asked as it is bound: negative_slope=0.2" in report.checks[0].note
    assert report.checks[0].attributes.not_accepted == ["negative_slope"]
    wrong = layercheck.check(
        leaky_relu=partial(lambda x, negative_slope: x * 1.0, negative_slope=0.3)
    )
    assert wrong.checks[0].arrays_wrong == ["out"]
    assert values(wrong, "negative_slope") == {0.3}


def test_what_a_partial_call_of_a_builtin_has_bound_is_not_varied() -> None:
    """Its signature says nothing."""
    own = required("torch").nn.functional.conv2d
    layer = layer_of(partial(own, stride=(2, 2)), "conv2d")
    assert layer.takes.fixed == {"stride": 2}
    layercheck.assert_agrees(partial(own, stride=(2, 2)), "conv2d x=2x3x6x6 w=4x3x3x3 stride=2")


@pytest.mark.parametrize(("switch", "word"), [(False, "none"), (True, "tanh")])
def test_a_word_may_be_a_switch(switch: bool, word: str) -> None:
    gelu = required("jax").nn.gelu
    layer = layer_of(partial(gelu, approximate=switch), "gelu")
    assert layer.takes.fixed == {"approximate": word}
    layercheck.assert_agrees(partial(gelu, approximate=switch), f"gelu x=2x3 approximate={word}")
    layercheck.assert_agrees(gelu, "gelu x=2x3 approximate=tanh")
    assert layer.refuses(parse(f"gelu x=2x3 approximate={'tanh' if word == 'none' else 'none'}"))


def test_a_bound_array_leaves_no_place_for_the_cases() -> None:
    def mine(x: Any, w: Any, b: Any = None) -> Any:
        return x @ w

    with pytest.raises(UsageError, match=r"no place left for w; expected one that takes x, w, b"):
        layercheck.check(affine=partial(mine, w=np.ones((2, 3))))


# ---------------------------------------------------------------------- objects of frameworks


def test_what_a_constructor_has_settled_is_told() -> None:
    report = layercheck.check(required("torch").nn.LeakyReLU(0.2), **NARROW)
    assert report.passed, report.text()
    assert values(report, "negative_slope") == {0.2}
    assert "asked as it was made: negative_slope=0.2" in report.checks[0].note


@pytest.mark.parametrize("name", ["half", "bfloat16"])
def test_the_dtype_of_a_module_that_is_not_asked_is_told(name: str) -> None:
    own = getattr(required("torch").nn.Linear(3, 2), name)()
    report = layercheck.check(own, **NARROW)
    dtype = {"half": "float16"}.get(name, name)
    assert f"its own dtype is {dtype}: asked with float32 and float64" in report.text()


@pytest.mark.parametrize("policy", ["float16", "mixed_bfloat16"])
def test_the_policy_of_a_keras_layer_that_is_not_asked_is_told(policy: str) -> None:
    report = layercheck.check(required("keras").layers.Dense(4, dtype=policy), **NARROW)
    assert f"its own dtype is {policy}: asked with" in report.text()


def test_float32_and_float64_need_no_word() -> None:
    nn = required("torch").nn
    assert not layer_of(nn.Linear(3, 2), "affine").notes
    assert not layer_of(nn.Linear(3, 2).double(), "affine").notes
    assert not layer_of(required("keras").layers.Dense(4, dtype="float64"), "affine").notes


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (
            lambda nn: nn.BatchNorm2d(4, momentum=None),
            r"momentum=None\), which keeps the cumulative",
        ),
        (lambda nn: nn.Softmax(), r"dim=None\), which takes an axis by how many there are"),
    ],
)
def test_an_attribute_left_open_is_refused(make: Any, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        layercheck.check(make(required("torch").nn))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda k: k.Dense(4, activation="relu"), r"Dense\(activation='relu'\), which does more"),
        (lambda k: k.LayerNormalization(axis=(1, 3)), r"does not normalize over the last axes"),
        (lambda k: k.BatchNormalization(axis=2), r"expected the axis of the channels"),
    ],
)
def test_keras_layers_that_no_op_is_are_refused(make: Any, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        layercheck.check(make(required("keras").layers))


@pytest.mark.parametrize(
    ("make", "fixed"),
    [
        (lambda k: k.LayerNormalization(axis=(1, 2, 3)), {"normalized_dims": 3}),
        (lambda k: k.LayerNormalization(axis=1), {"normalized_dims": 1}),
        (lambda k: k.SeparableConv2D(6, 3, depth_multiplier=2), {"padding": "valid"}),
        (lambda k: k.SeparableConv2D(6, (3, 2), strides=2, padding="same"), {"padding": "same"}),
    ],
)
def test_layers_of_keras_with_axes_and_weights_of_their_own(make: Any, fixed: Any) -> None:
    report = layercheck.check(make(required("keras").layers))
    assert report.passed, report.text()
    assert report.summary.cases >= 24
    assert all(values(report, name) == {value} for name, value in fixed.items())


def test_a_gradient_of_depthwise_filters_is_their_own() -> None:
    keras, tf = required("keras"), required("tensorflow")

    class SeparableConv2D(keras.layers.SeparableConv2D):  # type: ignore[name-defined,misc]
        def call(self, x: Any) -> Any:
            w = self.depthwise_kernel
            own = tf.nn.depthwise_conv2d(x, 2 * w - tf.stop_gradient(w), (1, 1, 1, 1), "VALID")
            return tf.nn.conv2d(own, self.pointwise_kernel, 1, "VALID") + self.bias

    report = layercheck.check(SeparableConv2D(6, 3, depth_multiplier=2), where="N == 1")
    assert report.checks[0].arrays_wrong == ["dw_depth"]


@pytest.mark.parametrize(
    ("padding", "fixed"), [(1, ((1, 1), (1, 1))), ((1, 2, 3, 0), ((3, 0), (1, 2)))]
)
def test_sides_of_a_module_of_padding_are_in_its_own_order(padding: Any, fixed: Any) -> None:
    report = layercheck.check(required("torch").nn.ZeroPad2d(padding))
    assert report.passed, report.text()
    assert values(report, "padding") == {fixed}


def test_who_is_asked_nothing_hears_why_and_what_to_do() -> None:
    hints = {"fixed": {"padding": (9, 9, 9)}}
    told = (
        "no case of conv2d can be put to conv2d: there is no padding=0; expected hints that leave"
    )
    with pytest.raises(UsageError, match=told):
        layercheck.check(conv2d=conv2d, conv2d_backward=conv2d_backward, hints=hints)
