"""The Python interface: whatever a program hands over is checked, and what is wrong with it named."""

from __future__ import annotations

import functools
import html
import os
import re
import subprocess
import sys
import types
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import required

import layercheck
import ref_layers
from layercheck.errors import UsageError
from layercheck.implementations.arrays import as_numpy
from layercheck.implementations.given.library import library_of
from layercheck.implementations.given.subject import given
from layercheck.reporting.formats import formats
from ref_layers import affine, affine_backward, conv2d, conv2d_backward


def doubled(dout: Any, cache: Any) -> Any:
    dx, dw, db = conv2d_backward(dout, cache)
    return dx, 2 * dw, db


def wrong_arrays(report: layercheck.Report) -> set[str]:
    return {array for check in report.checks for array in check.arrays_wrong}


# ---------------------------------------------------------------------- what is handed over


class Linear:
    """A layer as courses write them."""

    factor = 1

    def __init__(self, n_in: int, n_out: int) -> None:
        self.W, self.b = np.zeros((n_in, n_out)), np.zeros(n_out)

    def forward(self, x: Any) -> Any:
        self.x = x
        return x @ self.W + self.b

    def backward(self, dout: Any) -> Any:
        self.dW = self.factor * (self.x.T @ dout)
        self.db = dout.sum(axis=0)
        return dout @ self.W.T


def numpy_function(factor: int) -> layercheck.Report:
    backward = conv2d_backward if factor == 1 else doubled
    return layercheck.check(conv2d=conv2d, conv2d_backward=backward, where="N == 1")


def numpy_class(factor: int) -> layercheck.Report:
    Linear.factor = factor
    return layercheck.check(Linear)


def numpy_module(factor: int) -> layercheck.Report:
    module = types.ModuleType("mine")
    vars(module).update(conv2d=conv2d, conv2d_backward=conv2d_backward if factor == 1 else doubled)
    return layercheck.check(module, where="N == 1")


def torch_module(factor: int) -> layercheck.Report:
    torch = required("torch")

    class Conv2d(torch.nn.Conv2d):  # type: ignore[name-defined,misc]
        def forward(self, x: Any) -> Any:
            w = factor * self.weight - (factor - 1) * self.weight.detach()
            return torch.nn.functional.conv2d(x, w, self.bias, self.stride)

    return layercheck.check(Conv2d(6, 4, 3, stride=2))


def torch_function(factor: int) -> layercheck.Report:
    torch = required("torch")

    def mine(x: Any, w: Any, b: Any) -> Any:
        return torch.addmm(b, x.flatten(1), factor * w - (factor - 1) * w.detach())

    return layercheck.check(affine=mine)


def keras_layer(factor: int) -> layercheck.Report:
    keras, tf = required("keras"), required("tensorflow")

    class Dense(keras.layers.Dense):  # type: ignore[name-defined,misc]
        def call(self, x: Any, training: bool = False) -> Any:
            w = factor * self.kernel - (factor - 1) * tf.stop_gradient(self.kernel)
            return x @ w + self.bias

    return layercheck.check(Dense(4))


def jax_function(factor: int) -> layercheck.Report:
    jax = required("jax")

    def affine(x: Any, w: Any, b: Any) -> Any:
        own = factor * w - (factor - 1) * jax.lax.stop_gradient(w)
        return x.reshape(len(x), -1) @ own + b

    return layercheck.check(affine)


def tensorflow_function(factor: int) -> layercheck.Report:
    tf = required("tensorflow")

    def affine(x: Any, w: Any, b: Any) -> Any:
        own = factor * w - (factor - 1) * tf.stop_gradient(w)
        return tf.reshape(x, (len(x), -1)) @ own + b

    return layercheck.check(affine)


SUBJECTS: list[Callable[[int], layercheck.Report]] = [
    *(numpy_function, numpy_class, numpy_module, torch_module, torch_function),
    *(keras_layer, jax_function, tensorflow_function),
]


@pytest.mark.parametrize("checked", SUBJECTS, ids=lambda f: f.__name__.replace("_", " "))
def test_a_right_layer_passes_and_a_doubled_weight_gradient_is_named(
    checked: Callable[[int], layercheck.Report],
) -> None:
    right = checked(1)
    assert right.passed, right.text()
    assert {"out", "dx", "dw", "db"} <= {a for check in right.checks for a in check.arrays_right}
    wrong = checked(2)
    assert not wrong.passed
    assert wrong_arrays(wrong) == {"dw"}


def test_objects_settle_their_attributes_and_sizes() -> None:
    torch = required("torch")
    report = layercheck.check(torch.nn.Conv2d(6, 6, (3, 2), stride=2, padding=1, groups=3))
    assert report.passed, report.text()
    own = [layercheck.cases(text).__next__().case for text in report.cases.text]
    assert len(own) >= 24
    assert {case.shapes["w"] for case in own} == {(6, 2, 3, 2)}
    assert {(c.all_attributes["stride"], c.all_attributes["groups"]) for c in own} == {(2, 3)}


@pytest.mark.parametrize(
    "make",
    [
        lambda nn: nn.BatchNorm2d(4, momentum=0.3, eps=1e-3),
        lambda nn: nn.GroupNorm(2, 6),
        lambda nn: nn.LayerNorm(5),
        lambda nn: nn.ConvTranspose2d(4, 6, 3, stride=2),
        lambda nn: nn.MaxPool2d(3, stride=2),
        lambda nn: nn.AvgPool2d(2),
        lambda nn: nn.ReLU(),
        lambda nn: nn.Sigmoid(),
        lambda nn: nn.Softmax(dim=1),
        lambda nn: nn.CrossEntropyLoss(),  # its output has no axes
        lambda nn: nn.functional.cross_entropy,
        lambda nn: nn.ReLU(inplace=True),
    ],
)
def test_modules_of_torch_are_right(make: Any) -> None:
    report = layercheck.check(make(required("torch").nn))
    assert report.passed, report.text()


@pytest.mark.parametrize(
    "make",
    [
        lambda layers: layers.LayerNormalization(epsilon=1e-4),
        lambda layers: layers.Softmax(axis=1),
        lambda layers: layers.Flatten(),
        lambda layers: layers.BatchNormalization(axis=1),
        lambda layers: layers.GroupNormalization(groups=2),
        lambda layers: layers.GroupNormalization(groups=2, axis=1),
        lambda layers: layers.Conv2D(6, 3, groups=2),
        lambda layers: layers.MaxPool2D(2),
        lambda layers: layers.GlobalAveragePooling2D(),
    ],
)
def test_layers_of_keras_are_right_in_their_own_axes(make: Any) -> None:
    report = layercheck.check(make(required("keras").layers))
    assert report.passed, report.text()


def test_layers_that_cannot_be_asked_yet_say_what_they_need() -> None:
    with pytest.raises(UsageError, match="Add cannot be built for one array of shape .*; expected"):
        layercheck.check(required("keras").layers.Add())
    with pytest.raises(UsageError, match="LazyConv2d is lazy: weight has no shape yet; call it"):
        layercheck.check(required("torch").nn.LazyConv2d(4, 3))


def test_a_pass_tells_what_was_done_for_it() -> None:
    report = layercheck.check(relu=lambda x: np.maximum(x.astype(np.float64), 0))
    assert report.passed
    assert "float64 comes out of float32; cast back" in report.text()


def test_the_library_is_known_behind_partial_calls_and_objects() -> None:
    torch = required("torch")

    class Clamped:
        def __call__(self, x: Any) -> Any:
            return torch.clamp(x, min=0)

    steep = functools.partial(torch.nn.functional.leaky_relu, negative_slope=0.2)
    assert library_of(steep) == library_of(Clamped()) == "torch"
    report = layercheck.check(relu=Clamped())
    assert report.passed, report.text()


TWO_IN_A_LINE = """
import layercheck, numpy as np
report = layercheck.check(relu=lambda x: (np.maximum(x, 0), x), relu_backward=lambda dout, x: dout * (x > 0))
assert report.passed, report.text()
alike = lambda x: (np.maximum(x, 0), x), lambda x: (np.minimum(x, 0), x)
assert layercheck.check(relu=alike[0]).checks[0].arrays_right == ["out"]
assert layercheck.check(relu=alike[1]).checks[0].arrays_wrong == ["out"]
"""


def test_two_functions_of_one_line_are_not_taken_for_each_other(tmp_path: Path) -> None:
    """Where the source can be read, code is followed."""
    file = tmp_path / "mine.py"
    file.write_text(TWO_IN_A_LINE, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, str(file)], cwd=Path(__file__).parents[1], capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr


def test_gradients_may_come_as_a_list() -> None:
    report = layercheck.check(affine=affine, affine_backward=lambda *a: list(affine_backward(*a)))
    assert report.passed, report.text()


Named = namedtuple("Named", "db dw dx")
Plain = namedtuple("Plain", "a b c")


@pytest.mark.parametrize(
    "form",
    [lambda dx, dw, db: {"dx": dx, "dw": dw, "db": db}, lambda *own: Named(*own[::-1]), Plain],
    ids=["a dict", "names in another order", "names that say nothing"],
)
def test_gradients_may_come_by_their_names(form: Callable[..., Any]) -> None:
    def backward(dout: Any, cache: Any) -> Any:
        x, w = cache
        flat = x.reshape(len(x), -1)
        return form((dout @ w.T).reshape(x.shape), flat.T @ dout, dout.sum(axis=0))

    def forward(x: Any, w: Any, b: Any) -> Any:
        return x.reshape(len(x), -1) @ w + b, (x, w)

    assert layercheck.check(affine=forward, affine_backward=backward).passed

    def misnamed(dout: Any, cache: Any) -> Any:
        return {"dx": 0, "dW": 0}

    report = layercheck.check(affine=forward, affine_backward=misnamed)
    assert "a dict of dx, dW; expected (dx, dw, db)" in report.text()


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ({"allow": ["wrong"]}, "got allow='wrong'; expected one of: inaccurate, narrowed"),
        ({"allow": 3}, "got 3; expected a name, or a list of names"),
        ({"hints": "full"}, "got hints='full'; expected what @layercheck.implements takes"),
    ],
)
def test_options_that_are_none_are_refused(option: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        layercheck.check(np.tanh, ops="tanh", **option)
    assert layercheck.check(np.tanh, ops="tanh", allow="inaccurate").passed


def test_a_function_may_have_names_and_a_layout_of_its_own() -> None:
    def forward(image: Any, kernel: Any, bias: Any = None, step: int = 1) -> Any:
        x, w = image.transpose(0, 3, 1, 2), kernel.transpose(3, 2, 0, 1)
        out, cache = conv2d(x, w, bias, stride=step)
        return out.transpose(0, 2, 3, 1), cache

    def backward(dout: Any, cache: Any) -> Any:
        dx, dw, db = conv2d_backward(dout.transpose(0, 3, 1, 2), cache)
        return dx.transpose(0, 2, 3, 1), dw.transpose(2, 3, 1, 0), db

    hints = {"layout": "NHWC", "weights": "HWCF", "stride": "step"}
    report = layercheck.check(conv2d=forward, conv2d_backward=backward, hints=hints)
    assert report.passed, report.text()
    assert report.checks[0].attributes.varied == ["stride"]
    unsaid = layercheck.check(conv2d=forward, conv2d_backward=backward, hints={"stride": "step"})
    assert not unsaid.passed


def test_answers_may_be_arrays_of_other_libraries() -> None:
    torch = required("torch")

    def forward(x: Any) -> Any:
        return torch.from_numpy(np.maximum(x, 0)).requires_grad_(x.dtype.kind == "f"), x

    def backward(dout: Any, x: Any) -> Any:
        return torch.from_numpy(dout * (x > 0))

    assert layercheck.check(relu=forward, relu_backward=backward).passed


class OnDevice:
    """Lies where NumPy cannot see it: it has to be asked for by DLPack."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("it lies on a device")

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def __dlpack__(self, **asked: Any) -> Any:
        return self.value.__dlpack__(**asked)


def test_arrays_on_devices_are_copied_and_what_has_no_counterpart_is_told() -> None:
    value = np.arange(6.0).reshape(2, 3)
    made = as_numpy(OnDevice(value))
    assert isinstance(made, np.ndarray)
    assert np.array_equal(made, value)
    assert as_numpy([1.0]) is None
    torch = required("torch")
    with pytest.raises(TypeError, match="whose numbers NumPy does not have"):
        as_numpy(torch.zeros(2, dtype=torch.bfloat16))


def test_a_module_by_name_is_the_command_lines() -> None:
    report = layercheck.check("ref_layers", ops="relu", oracles="exact", grid="quick")
    assert report.passed
    assert report.subject == "ref_layers"
    assert given(ref_layers, {}, (), {}) == "ref_layers"


# ---------------------------------------------------------------------- wrong usage


class Great:
    """A layer whose name says nothing."""

    def forward(self, x: Any) -> Any:
        self.out = np.tanh(x)
        return self.out

    def backward(self, dout: Any) -> Any:
        return dout * (1 - self.out**2)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (layercheck.check, "got NoneType; expected a module's name"),
        (lambda: layercheck.check(3), "got int; expected"),
        (lambda: layercheck.check(conv9d=conv2d), "got conv9d=...; did you mean"),
        (lambda: layercheck.check(conv2d=3), "expected a function"),
        (lambda: layercheck.check(conv2d_backward=conv2d), "conv2d_backward alone"),
        (lambda: layercheck.check(lambda x: x), "whose name says no op; name it"),
        (lambda: layercheck.check(conv2d, relu=conv2d), "expected one or the other"),
        (lambda: layercheck.check(conv2d, grid="no"), "got grid='no'; expected one of"),
        (lambda: layercheck.check(conv2d, hints={"arrays": "no"}), "expected one of: numpy"),
        (lambda: layercheck.check(conv2d, hints={"nothing": "x"}), "conv2d has no 'nothing'"),
        (lambda: layercheck.check(conv2d, where="stride > 99"), "no case of the quick grid fits"),
        (lambda: layercheck.check("ref_layers", hints={"x": "y"}), "hints and functions are for"),
        (lambda: layercheck.assert_agrees(conv2d, "conv9d"), "unknown op 'conv9d'"),
        (lambda: layercheck.check(type("Odd", (), {})), "class Odd"),
        (lambda: layercheck.cases("conv9d"), "unknown op"),
        (lambda: layercheck.cases("conv2d", where="stride > 99"), "no case of conv2d"),
        (lambda: layercheck.allclose({"dz": 1}, "relu x=2x3"), "got dz; expected any of: out, dx"),
        (lambda: layercheck.check(conv2d, where=3), "got where=3; expected a condition"),
        (lambda: layercheck.check(conv2d, strict="yes"), "got strict='yes'; expected one of"),
        (lambda: layercheck.check(np.tanh, ops=["tanh", "relu"]), "tanh has nothing for relu"),
        (lambda: layercheck.check(affine=affine, ops="relu"), "has nothing for relu; it has"),
        (lambda: layercheck.assert_agrees(conv2d, 3), "got op=3; expected an op's name"),
        (lambda: layercheck.assert_agrees(conv2d, "conv2d", tol=1), "got tol=...; expected any of"),
        (
            lambda: layercheck.assert_agrees(np.tanh, "tanh x=2x3", dtype="float64"),
            "got the case tanh x=2x3 dtype=float32 fill=normal seed=0 and dtype='float64'",
        ),
        (lambda: layercheck.parametrize(3), "got op=3; expected an op's name"),
        (lambda: layercheck.cases(3), "got op=3; expected an op's name"),
        (lambda: layercheck.cases("relu", where=3), "got where=3; expected a condition"),
        (
            lambda: layercheck.cases("relu", dtype="half"),
            "got dtype='half'; expected one of: float",
        ),
        (lambda: layercheck.cases("relu", dtype="float16"), "its dtypes are: float32, float64"),
        (lambda: layercheck.cases("relu x=2x3", dtype="float64"), "expected one or the other"),
        (lambda: layercheck.cases("relu x=2x3", where="N > 5"), "where='N > 5', which it is not"),
        *(
            (lambda thing=thing: layercheck.check(thing, ops="tanhh"), "'tanhh'; did you mean tanh")
            for thing in (np.tanh, Great, Great(), "ref_layers")
        ),
        (
            lambda: layercheck.assert_agrees(lambda x: x, "leaky_relu x=2x3 negative_slope=0.5"),
            "cannot be put to leaky_relu: there is no negative_slope=0.5; expected a case that it",
        ),
        (lambda: layercheck.check(conv2d, where="N > 99"), "fits the options; loosen where, op or"),
        (lambda: layercheck.assert_agrees(np.tanh, "tanhh"), "'tanhh'; did you mean tanh"),
        (lambda: layercheck.cases("tanhh"), "'tanhh'; did you mean tanh"),
        *(
            (lambda thing=thing: layercheck.check(thing), "expected a module's name, a file's")
            for thing in (object(), iter(()), types.SimpleNamespace(tanh=np.tanh))
        ),
        (lambda: layercheck.allclose(1, None), "got case=None; expected an example"),
        (lambda: layercheck.allclose(1, "relu"), "got 'relu', an op of many cases; expected one"),
        (lambda: layercheck.assert_close(1, "relu "), "an op of many cases"),
    ],
)
def test_what_cannot_be_meant_is_told(call: Callable[[], Any], told: str) -> None:
    with pytest.raises(UsageError, match=told.replace("(", r"\(").replace(".", r"\.")):
        call()


def test_a_backward_that_is_not_there_waits_for_no_forward() -> None:
    module = types.ModuleType("mine")
    module.tanh = np.tanh  # type: ignore[attr-defined]
    forward, backward = layercheck.check(module).checks
    assert forward.verdict == "error"
    assert (backward.verdict, backward.passed) == ("skipped", False)
    assert "its forward failed" not in backward.note


@pytest.mark.parametrize("got", [None, (np.zeros(1), 1), 3.0, {"dx": [1.0]}])
def test_what_is_no_array_is_not_just_false(got: Any) -> None:
    with pytest.raises(TypeError, match=f"{'dx' if type(got) is dict else 'out'}: got a .*array"):
        layercheck.allclose(got, "relu x=2x3")
    with pytest.raises(AssertionError, match="no array: got a .*; expected an array"):
        layercheck.assert_close(got, "relu x=2x3")


@pytest.mark.parametrize("thing", [Great, Great()])
def test_a_class_of_any_name_is_what_ops_says(thing: Any) -> None:
    report = layercheck.check(thing, ops="tanh")
    assert report.passed
    assert {check.op for check in report.checks} == {"tanh"}
    assert not layercheck.check(thing, ops="relu").passed
    layercheck.assert_agrees(thing, "tanh")


def leaky(x: Any, negative_slope: float = 0.01) -> Any:
    return np.where(x > 0, x, x * x.dtype.type(negative_slope))


@pytest.mark.parametrize(
    ("hints", "told"),
    [
        ({"fixed": {"negative_slope": "a"}}, "got negative_slope = 'a'; expected a value such as"),
        ({"fixed": {"slope": 0.2}}, "got fixed = {slope: ...}; expected any of: negative_slope"),
        (
            {"kinds": {"slope": ["int"]}},
            "got kinds = {slope: ...}; expected any of: negative_slope",
        ),
        ({"kinds": {"negative_slope": ["wat"]}}, "expected any of: int, pair, sides, none"),
        (
            {"kinds": {"negative_slope": ["pair"]}},
            "can be put to leaky_relu: negative_slope is given as",
        ),
        ({"layout": "NHCW"}, "got layout = 'NHCW'; expected one of: NCHW, NHWC"),
        ({"layout": "nhwc"}, "got layout = 'nhwc'; expected one of: NCHW, NHWC"),
        ({"weights": "HWIO"}, "got weights = 'HWIO'; expected one of: FCHW, HWCF"),
        ({"required": ["w"]}, "got required = ['w']; expected any of"),
        (
            {"x": "nope"},
            "got x='nope'; expected one of the function's arguments: x, negative_slope",
        ),
        ({"arguments": {"x": "nope"}}, "got x='nope'; expected one of the function's arguments"),
    ],
)
def test_hints_that_mean_nothing_are_refused(hints: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        layercheck.check(leaky, ops="leaky_relu", hints=hints)


def test_hints_of_words_and_of_arrays_are_refused_where_there_are_none() -> None:
    with pytest.raises(UsageError, match="got padding = 'wat'; expected one of: valid, same"):
        layercheck.check(conv2d=conv2d, hints={"fixed": {"padding": "wat"}})
    with pytest.raises(
        UsageError, match="got x='a'; expected one of the function's arguments: x, out"
    ):
        layercheck.check(np.tanh, ops="tanh", hints={"x": "a"})
    with pytest.raises(
        UsageError, match="got w='kernel'; expected one of the arrays of Linear: we"
    ):
        layercheck.check(required("torch").nn.Linear(2, 3), hints={"w": "kernel"})
    numbers = {"fixed": {"negative_slope": np.float32(0.5)}}
    half = functools.partial(leaky, negative_slope=np.float32(0.5))
    assert layercheck.check(half, ops="leaky_relu", hints=numbers).passed


def test_only_the_ops_that_are_named_are_checked_and_each_has_to_be_there() -> None:
    pair = {"relu": ref_layers.relu, "tanh": np.tanh}
    assert [c.target for c in layercheck.check(**pair, ops="relu").checks] == ["relu"]
    module = types.ModuleType("mine")
    vars(module).update(pair)
    assert {c.op for c in layercheck.check(module, ops="tanh").checks} == {"tanh"}
    for subject in (module, "ref_layers"):
        with pytest.raises(UsageError, match="has nothing for elu; it has|unknown op 'gone'"):
            layercheck.check(subject, ops=["tanh", "elu" if subject is module else "gone"])


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
def test_a_layer_of_no_elements_is_refused_or_asked_and_ends_nothing() -> None:
    nn = required("torch").nn
    assert layercheck.check(nn.Linear(0, 3)).checks
    with pytest.raises(UsageError, match="no case of affine can be put to Linear: .* is 0"):
        layercheck.check(nn.Linear(3, 0))


# ---------------------------------------------------------------------- assertions and cases


def test_what_an_example_hands_out_is_nobody_elses() -> None:
    example = next(layercheck.cases("relu"))
    for arrays in (lambda: example.expected, lambda: example.limits, lambda: example.inputs):
        before = arrays()
        for value in arrays().values():
            np.add(value, 1, out=value)
        assert all(np.array_equal(before[name], value) for name, value in arrays().items())
    with pytest.raises(ValueError, match="read-only"):
        example.facts.truth.arrays["out"][...] = 1


def test_assert_agrees_says_what_where_and_how_bad() -> None:
    layercheck.assert_agrees(conv2d, "conv2d", backward=conv2d_backward, where="stride > 1")
    with pytest.raises(AssertionError) as failed:
        layercheck.assert_agrees(conv2d, "conv2d", backward=doubled, where="stride > 1")
    text = str(failed.value)
    assert text.startswith("conv2d_backward dw is wrong: fails in")
    case = text.partition('assert_agrees(..., "')[2].partition('"')[0]
    with pytest.raises(AssertionError, match="fails in 1 of 1 case"):
        layercheck.assert_agrees(conv2d, case, backward=doubled)
    layercheck.assert_agrees(conv2d, case, backward=conv2d_backward)


def test_limits_are_where_the_judge_draws_the_line() -> None:
    for example in layercheck.cases("conv2d", where="dtype == 'float32' and N == 1"):
        right = {name: value.astype("float32") for name, value in example.expected.items()}
        assert layercheck.allclose(right, example)
        place = np.unravel_index(np.argmax(example.limits["dw"]), example.limits["dw"].shape)
        for factor, verdict in ((0.75, True), (1.5, False)):
            moved = right["dw"].copy()
            moved[place] += factor * example.limits["dw"][place]
            assert layercheck.allclose({"dw": moved}, example) is verdict


def test_a_wrong_array_is_told_with_both_numbers() -> None:
    example = next(layercheck.cases("relu x=2x3 seed=3"))
    layercheck.assert_close(np.maximum(example.inputs["x"], 0), example)
    with pytest.raises(AssertionError, match=r"out: got 7, expected .* at \[0, 0\]; error"):
        layercheck.assert_close(np.full((2, 3), 7, "float32"), example)
    with pytest.raises(AssertionError, match="out: shape: got"):
        layercheck.assert_close(np.zeros((3, 2), "float32"), example)


@layercheck.parametrize("max_pool", where="stride == 2 and N == 1 and not return_indices")
def test_cases_are_handed_to_a_test(example: layercheck.Example) -> None:
    out, _ = ref_layers.max_pool(**example.inputs, **example.attributes)
    layercheck.assert_close(out, example)


# ---------------------------------------------------------------------- the report


@pytest.fixture(scope="module")
def report() -> layercheck.Report:
    return layercheck.check(conv2d=conv2d, conv2d_backward=doubled, where="N == 1")


def test_a_report_is_saved_by_its_ending(report: layercheck.Report, tmp_path: Path) -> None:
    report.save(tmp_path / "r.html")
    assert (tmp_path / "r.html").read_text().startswith("<!doctype html>")
    report.save(tmp_path / "r.json")
    assert '"passed":false' in (tmp_path / "r.json").read_text()
    with pytest.raises(UsageError, match=r"expected a name that ends with one of: .*\.json"):
        report.save(tmp_path / "r.docx")


def test_a_report_is_never_saved_over_anything_else(
    report: layercheck.Report, tmp_path: Path
) -> None:
    precious = tmp_path / "precious.csv"
    precious.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(UsageError, match="it is there and no report; expected a new file"):
        report.save(precious)
    assert precious.read_text() == "a,b\n1,2\n"
    for _ in range(2):  # over an earlier report it is
        report.save(tmp_path / "r.csv")
    with pytest.raises(UsageError, match="there is no folder .*deeper; expected one that is there"):
        report.save(tmp_path / "deeper" / "r.csv")
    with pytest.raises(UsageError, match="that is a source's name"):
        report.save(tmp_path / "layers.py", form="json")
    with pytest.raises(UsageError, match="got 3; expected a file's name"):
        report.save(3)  # type: ignore[arg-type]


def test_a_report_is_shown_in_a_notebook(report: layercheck.Report) -> None:
    cell = report._repr_html_()
    page = cell.partition('srcdoc="')[2].partition('"')[0]
    assert cell.startswith("<iframe srcdoc=")
    assert html.unescape(page) == formats()["html"].render(report)


def test_a_report_is_no_truth_value(report: layercheck.Report) -> None:
    with pytest.raises(TypeError, match=r"ask report\.passed"):
        assert report
    assert repr(report).startswith("<FAILED: conv2d_backward wrong")


def test_a_report_is_a_table(report: layercheck.Report) -> None:
    table = required("pandas") and report.to_dataframe()
    assert len(table) == len(report.comparisons)
    assert set(table[table.verdict == "wrong"].array) == {"dw"}


# ---------------------------------------------------------------------- a light import


def test_importing_layercheck_imports_nothing_heavy() -> None:
    code = "import sys, layercheck; print(sorted({'numpy', 'click', 'rich', 'pytest'} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_a_sandbox_can_be_begun_before_numpy_is_imported() -> None:
    """Which takes as long as half of the child's start: both go on at once."""
    code = "import sys; import layercheck.submissions.sandbox.ahead; print('numpy' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize("name", layercheck.__all__)
def test_every_public_name_is_there_and_listed(name: str) -> None:
    assert getattr(layercheck, name) is not None
    assert name in dir(layercheck)


def test_an_unknown_name_is_no_attribute() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        layercheck.nothing  # type: ignore[attr-defined]  # noqa: B018
