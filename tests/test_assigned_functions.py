"""Functions and modules of a program that are called as an assignment has them: conv_param and all."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import layercheck
from layercheck.errors import UsageError

HOMEWORK = Path(__file__).parents[1] / "examples" / "homework"


def loaded(name: str) -> ModuleType:
    """A homework file as a module that is imported already."""
    spec = importlib.util.spec_from_file_location(f"of_a_student_{name}", HOMEWORK / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def right() -> ModuleType:
    return loaded("layers")


@pytest.fixture(scope="module")
def wrong() -> ModuleType:
    return loaded("layers_with_mistakes")


def test_functions_with_a_dictionary_of_settings(right: ModuleType) -> None:
    report = layercheck.check(
        conv2d=right.conv_forward_naive, conv2d_backward=right.conv_backward_naive
    )
    assert report.passed, report.text()
    assert [check.target for check in report.checks] == [
        "conv_forward_naive",
        "conv_backward_naive",
    ]


@pytest.mark.parametrize(
    "name",
    ["conv_forward_naive", "dropout_forward", "softmax_loss", "max_pool_forward_naive"],
)
def test_one_function_by_itself(right: ModuleType, name: str) -> None:
    report = layercheck.check(getattr(right, name))
    assert report.passed, report.text()
    assert {check.target for check in report.checks} == {name}


def test_what_is_wrong_is_named(wrong: ModuleType) -> None:
    report = layercheck.check(
        max_pool=wrong.max_pool_forward_naive, max_pool_backward=wrong.max_pool_backward_naive
    )
    assert {check.target for check in report.failing_checks} == {"max_pool_backward_naive"}
    assert any(check.diagnoses for check in report.failing_checks)


def test_one_of_two_backwards_is_meant(right: ModuleType) -> None:
    told = {"batch_norm_1d": right.batchnorm_forward}
    report = layercheck.check(**told, batch_norm_1d_backward=right.batchnorm_backward_alt)
    assert [check.target for check in report.checks][1] == "batchnorm_backward_alt"


def test_what_a_function_is_now_is_asked_and_not_its_file(
    right: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(right, "np", Halved())
    assert not layercheck.check(right.relu_forward).passed


class Halved:
    """numpy whose maximum is half of it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def maximum(self, *given: Any) -> Any:
        return np.maximum(*given) / 2


def test_a_module_of_an_assignment(right: ModuleType, wrong: ModuleType) -> None:
    report = layercheck.check(right)
    assert report.passed, report.text()
    assert len(report.checks) == 21
    report = layercheck.check(wrong, ops=["conv2d"])
    assert {check.target for check in report.failing_checks} == {
        "conv_forward_naive",
        "conv_backward_naive",
    }


def test_a_function_of_a_cell_or_another_function_is_read_too() -> None:
    def affine_forward(x: Any, w: Any, b: Any) -> Any:
        return x.reshape(len(x), -1).dot(w) + b, (x, w, b)

    def affine_backward(dout: Any, cache: Any) -> Any:
        x, w, _ = cache
        flat = x.reshape(len(x), -1)
        return dout.dot(w.T).reshape(x.shape), flat.T.dot(dout), dout.sum(0)

    report = layercheck.check(affine=affine_forward, affine_backward=affine_backward)
    assert report.passed, report.text()


class Relu:
    """A layer that is handed over as a class, and leaks."""

    def forward(self, x: Any) -> Any:
        self.x = x
        return np.maximum(x, 0)

    def backward(self, dout: Any) -> Any:
        return dout * (self.x > -0.1)


def test_of_a_class_that_is_handed_over_it_is_told_why_it_fails() -> None:
    report = layercheck.check(Relu)
    assert not report.passed
    assert "layercheck itself raised" not in report.text()
    assert any(check.diagnoses for check in report.failing_checks)


def module_of(name: str, source: str, folder: Path) -> ModuleType:
    """A module with this text."""
    path = folder / f"{name}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


MARKED = """
import numpy as np
import layercheck

@layercheck.implements("{op}")
def forward(x):
    return {out}, x

def backward(dout, x):
    return {dx}
"""


def test_functions_of_one_name_in_two_modules_are_two(tmp_path: Path) -> None:
    relu = {"op": "relu", "out": "np.maximum(x, 0)", "dx": "dout * (x > 0)"}
    wrong = {"op": "tanh", "out": "7 * np.tanh(x)", "dx": "0 * dout"}
    one = module_of("of_one", MARKED.format(**relu), tmp_path)
    other = module_of("of_other", MARKED.format(**wrong), tmp_path)
    for pair in ((one, other), (other, one)):
        named = {"relu": one.forward, "tanh": other.forward}
        order = ["relu", "tanh"] if pair[0] is one else ["tanh", "relu"]
        report = layercheck.check(**{op: named[op] for op in order})
        assert {check.op for check in report.failing_checks} == {"tanh"}


def test_what_a_module_has_from_elsewhere_is_told(right: ModuleType, tmp_path: Path) -> None:
    assert right.__name__ == "of_a_student_layers"  # which it imports
    module = module_of(
        "re_exports",
        "import numpy as np\nfrom of_a_student_layers import batchnorm_forward\n\n\n"
        "def relu_forward(x):\n    return np.maximum(x, 0), x\n\n\n"
        "def relu_backward(dout, x):\n    return dout * (x > 0)\n",
        tmp_path,
    )
    report = layercheck.check(module)
    assert report.passed
    told = {one.name: one.reason for one in report.not_checked}
    assert "not in this module's file" in told["batchnorm_forward"]


def test_a_pair_of_an_assignment_beside_functions_of_ours_is_told_and_not_blamed(
    tmp_path: Path,
) -> None:
    text = "import numpy as np\n"
    for name, slope in (("relu", "x > 0"), ("tanh", "1 - np.tanh(x) ** 2")):
        out = "np.maximum(x, 0)" if name == "relu" else "np.tanh(x)"
        text += f"def {name}(x):\n    return {out}, x\n"
        text += f"def {name}_backward(dout, x):\n    return dout * ({slope})\n"
    text += "def affine_forward(x, w, b):\n    return x @ w + b, (x, w, b)\n"
    text += "def affine_backward(dout, cache):\n    return dout\n"
    report = layercheck.check(module_of("mixed_forms", text, tmp_path))
    assert report.passed, report.text()
    assert {"affine_forward", "affine_backward"} <= {one.name for one in report.not_checked}


def test_a_partial_call_with_settings_is_refused(right: ModuleType) -> None:
    bound = functools.partial(right.conv_forward_naive, conv_param={"stride": 2, "pad": 1})
    with pytest.raises(UsageError, match="a partial call with conv_param"):
        layercheck.check(conv2d=bound)


def handed_on(function: Any) -> Any:
    """A decorator that says nothing of what it wraps."""

    def inner(*given: Any, **more: Any) -> Any:
        return function(*given, **more)

    return inner


@pytest.mark.parametrize("form", ["lambdas", "wrappers", "other names"])
def test_settings_say_how_a_function_of_another_name_is_called(
    right: ModuleType, wrong: ModuleType, form: str
) -> None:
    def pair(module: ModuleType) -> dict[str, Any]:
        forward, backward = module.conv_forward_naive, module.conv_backward_naive

        def own(x: Any, w: Any, b: Any, conv_param: Any) -> Any:
            return forward(x, w, b, conv_param)

        forms: dict[str, tuple[Any, Any]] = {
            "lambdas": (
                lambda x, w, b, conv_param: forward(x, w, b, conv_param),  # noqa: PLW0108
                lambda dout, cache: backward(dout, cache),  # noqa: PLW0108
            ),
            "wrappers": (handed_on(forward), handed_on(backward)),
            "other names": (own, backward),
        }
        return dict(zip(("conv2d", "conv2d_backward"), forms[form], strict=True))

    report = layercheck.check(**pair(right))
    assert report.passed, report.text()
    assert [check.target for check in report.checks] == ["conv2d", "conv2d_backward"]
    assert sum(check.cases for check in report.checks) > 60
    assert {check.target for check in layercheck.check(**pair(wrong)).failing_checks} == {
        "conv2d",
        "conv2d_backward",
    }


def test_what_the_docstring_within_says_is_read(right: ModuleType) -> None:
    report = layercheck.check(
        dropout=handed_on(right.dropout_forward), dropout_backward=handed_on(right.dropout_backward)
    )
    assert report.passed, report.text()


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"batch_norm": "batchnorm_forward"},
            "which is batch_norm_1d: check\\(batch_norm_1d=batchnorm_forward\\)",
        ),
        ({"max_pool": "conv_forward_naive"}, "which is conv2d"),
    ],
)
def test_a_function_of_another_op_is_told(
    right: ModuleType, given: dict[str, str], told: str
) -> None:
    with pytest.raises(UsageError, match=told):
        layercheck.check(**{op: getattr(right, name) for op, name in given.items()})


def test_a_backward_alone_is_told_what_it_lacks(right: ModuleType) -> None:
    with pytest.raises(UsageError, match="a backward of conv2d; expected its forward, too"):
        layercheck.check(right.conv_backward_naive)


def test_a_module_that_was_put_together_and_a_package(
    right: ModuleType, wrong: ModuleType, tmp_path: Path
) -> None:
    made = ModuleType("put_together")
    for name in ("conv_forward_naive", "conv_backward_naive", "relu_forward", "relu_backward"):
        setattr(made, name, getattr(right, name))
    report = layercheck.check(made)
    assert report.passed, report.text()
    assert len(report.checks) == 4
    made.conv_backward_naive = wrong.conv_backward_naive  # type: ignore[attr-defined]
    assert {check.target for check in layercheck.check(made).failing_checks} == {
        "conv_backward_naive"
    }
    package = tmp_path / "a_package_of_layers"
    package.mkdir()
    (package / "inner.py").write_text((HOMEWORK / "layers.py").read_text())
    (package / "__init__.py").write_text("from .inner import affine_backward, affine_forward\n")
    sys.path.insert(0, str(tmp_path))
    try:
        module = importlib.import_module("a_package_of_layers")
        assert [check.target for check in layercheck.check(module).checks] == [
            "affine_forward",
            "affine_backward",
        ]
    finally:
        sys.path.remove(str(tmp_path))
