"""An object of a class of one's own is asked as it is; so are classes whose bases stand elsewhere."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from types import MethodType
from typing import Any

import numpy as np
import pytest

import layercheck
from layercheck.errors import SubjectError


class Dense:
    """Its activation and its scale are no attributes of an affine layer."""

    def __init__(self, in_features: int, out_features: int, act: Any = None, scale: float = 1.0):
        self.w, self.b = np.zeros((in_features, out_features)), np.zeros(out_features)
        self.apply = np.abs if act == "abs" else np.asarray
        self.scale = scale

    def forward(self, x: Any) -> Any:
        self.x = x
        return self.apply(x.reshape(len(x), -1) @ self.w + self.b) * self.scale

    def backward(self, dout: Any) -> Any:
        self.dw = self.x.reshape(len(self.x), -1).T @ dout
        self.db = dout.sum(axis=0)
        return (dout @ self.w.T).reshape(self.x.shape)


class ReLU:
    """Of nothing but functions."""

    limit = 0

    def forward(self, x: Any) -> Any:
        self.mask = x > self.limit
        return x * self.mask

    def backward(self, dout: Any) -> Any:
        return dout * self.mask


class LeakyReLU:
    """Wrong at one slope, which no grid has."""

    def __init__(self, alpha: float = 0.01):
        self.slope = alpha

    def forward(self, x: Any) -> Any:
        self.x = x
        return np.where(x > 0, x, x * x.dtype.type(self.slope if self.slope != 0.37 else 0.4))

    def backward(self, dout: Any) -> Any:
        return np.where(self.x > 0, dout, dout * self.x.dtype.type(self.slope))


def used() -> Dense:
    layer = Dense(4, 3)
    layer.forward(np.ones((2, 4)))
    layer.backward(np.ones((2, 3)))
    return layer


def with_set(thing: Any, **values: Any) -> Any:
    vars(thing).update(values)
    return thing


def plus_one(self: Any, x: Any) -> Any:
    return type(self).forward(self, x) + 1


OBJECTS: dict[str, tuple[Callable[[], Any], set[str]]] = {
    "as the class makes it": (lambda: Dense(4, 3), set()),
    "asked before": (used, set()),
    "a setting that no op has": (lambda: Dense(4, 3, scale=7.0), {"Dense.forward"}),
    "a setting that is not kept": (lambda: Dense(4, 3, act="abs"), {"Dense.forward"}),
    "another slope": (lambda: LeakyReLU(0.2), set()),
    "a slope that is wrong": (lambda: LeakyReLU(0.37), {"LeakyReLU.forward"}),
    "a number set since": (lambda: with_set(ReLU(), limit=0.5), {"ReLU.forward"}),
    "a forward set since": (
        lambda: with_set(layer := ReLU(), forward=MethodType(plus_one, layer)),
        {"ReLU.forward"},
    ),
    "a backward set since": (lambda: with_set(ReLU(), backward=lambda d: 5 * d), {"ReLU.backward"}),
}


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_is_asked_as_it_is(name: str) -> None:
    make, wrong = OBJECTS[name]
    report = layercheck.check(make())
    assert {one.target for one in report.checks if not one.passed} == wrong


def test_a_stride_that_no_grid_has_is_the_objects_own() -> None:
    class MaxPool:
        def __init__(self, pool_size: int = 2, stride: int = 2):
            self.k, self.s = pool_size, stride

        def forward(self, x: Any) -> Any:
            out, self.cache = layercheck_max_pool(x, self.k, self.s if self.s != 7 else 6)
            return out

    assert layercheck.check(MaxPool(3, 5)).passed
    assert not layercheck.check(MaxPool(3, 7)).passed


def layercheck_max_pool(x: Any, kernel_size: Any, stride: Any) -> Any:
    from ref_layers import max_pool

    return max_pool(x, kernel_size=kernel_size, stride=stride)


def test_a_form_that_an_object_has_is_one_that_it_takes() -> None:
    """Though no text says that a stride may be a pair."""

    class MaxPool:
        def __init__(self, pool_size: Any, stride: Any):
            self.k, self.s = pool_size, stride

        def forward(self, x: Any) -> Any:
            return layercheck_max_pool(x, self.k, self.s)[0]

    assert layercheck.check(MaxPool((2, 3), (3, 1))).passed


def test_an_attribute_that_an_object_does_not_show_is_refused() -> None:
    class LeakyReLU:
        def __init__(self, alpha: float = 0.01):
            self.table = [alpha, 1]

        def forward(self, x: Any) -> Any:
            return np.where(x > 0, x, x * x.dtype.type(self.table[0]))

    with pytest.raises(SubjectError, match="does not show what alpha it was given; expected self"):
        layercheck.check(LeakyReLU())


# ---------------------------------------------------------------------- bases elsewhere

BASE = """
import numpy as np

class Base:
    def __init__(self, in_features, out_features):
        self.w, self.b = np.zeros((in_features, out_features)), np.zeros(out_features)

    def forward(self, x):
        self.x = x
        return x.reshape(len(x), -1) @ self.w + self.b

    def backward(self, dout):
        self.dw = self.x.reshape(len(self.x), -1).T @ dout
        self.db = dout.sum(axis=0)
        return (dout @ self.w.T).reshape(self.x.shape)
"""
WRONG = """
    def backward(self, dout):
        dx = super().backward(dout)
        self.dw = 2 * self.dw
        return dx
"""
CLASSES = {
    "imported": "from base_elsewhere import Base\nclass Linear(Base):",
    "by another name": "from base_elsewhere import Base as B\nclass Linear(B):",
    "of its module": "import base_elsewhere as be\nclass Linear(be.Base):",
    "assigned": "from base_elsewhere import Base\nAlias = Base\nclass Linear(Alias):",
    "inside a function": (
        "from base_elsewhere import Base\n"
        "def make():\n    B = Base\n    class Linear(B):{body}\n    return Linear\nLinear = make()"
    ),
}


@pytest.mark.parametrize("name", CLASSES)
def test_a_base_is_read_where_it_stands(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base_elsewhere.py").write_text(BASE)
    monkeypatch.syspath_prepend(tmp_path)
    verdicts = {}
    for kind, body in {"right": "\n    pass\n", "wrong": WRONG}.items():
        text = CLASSES[name]
        inside = textwrap.indent(body, "    ")
        text = text.replace("{body}", inside) if "{body}" in text else text + body
        module = f"linear_{kind}_{list(CLASSES).index(name)}"
        (tmp_path / f"{module}.py").write_text(text)
        report = layercheck.check(__import__(module).Linear)
        verdicts[kind] = {one.target: one.passed for one in report.checks}
    assert verdicts["right"] == {"Linear.forward": True, "Linear.backward": True}
    assert verdicts["wrong"] == {"Linear.forward": True, "Linear.backward": False}


def test_a_class_that_type_made_has_the_methods_of_its_base() -> None:
    made = type("Linear", (Dense,), {})
    assert {one.target for one in layercheck.check(made).checks} == {
        "Linear.forward",
        "Linear.backward",
    }


# ---------------------------------------------------------------------- what a backward gets

SIGNATURES = {
    "the second that forward gives": ("(o, o)", "(self, d, o)", "d * (1 - o * o)"),
    "named as x": ("(o, 1 - o * o)", "(self, dout, x)", "dout * x"),
    "a rate beside it": ("(o, o)", "(self, d, lr=0.1, *, kept)", "d * (1 - kept * kept)"),
    "x first": ("o", "(self, x, dout)", "dout * (1 - np.tanh(x) ** 2)"),
    "inputs first": ("o", "(self, inputs, grad_output)", "grad_output * (1 - self.o * self.o)"),
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_backward_of_a_class_is_asked_with_what_it_takes(name: str, tmp_path: Path) -> None:
    given, signature, value = SIGNATURES[name]
    for wrong in ("", " * 2"):
        text = (
            "import numpy as np\nclass Tanh:\n"
            f"    def forward(self, x):\n        self.o = o = np.tanh(x)\n        return {given}\n"
            f"    def backward{signature}:\n        return ({value}){wrong}\n"
        )
        (tmp_path / "layers.py").write_text(text)
        report = layercheck.check(tmp_path / "layers.py")
        failing = {one.target for one in report.checks if not one.passed}
        assert failing == ({"Tanh.backward"} if wrong else set())
        assert len(report.checks) == 2


def test_a_backward_that_cannot_be_asked_is_no_pass(tmp_path: Path) -> None:
    class Tanh:
        def forward(self, x: Any) -> Any:
            return np.tanh(x)

        def backward(self, d: Any, state_of_mine: Any) -> Any:
            return d * 99

    with pytest.raises(SubjectError, match="nothing is known of backward's argument state_of_mine"):
        layercheck.assert_agrees(Tanh)


@pytest.mark.parametrize("argument", ["z", "x", "y", "out", "mask"])
def test_what_forward_hands_on_is_what_its_backward_gets(argument: str, tmp_path: Path) -> None:
    """Whatever it is called there."""
    for wrong in ("", " * 2"):
        (tmp_path / "layers.py").write_text(
            "import numpy as np\ndef tanh(x):\n    out = np.tanh(x)\n    return out, 1 - out * out\n"
            f"def tanh_backward(dout, {argument}):\n    return dout * {argument}{wrong}\n"
        )
        report = layercheck.check(tmp_path / "layers.py")
        failing = {one.target for one in report.checks if not one.passed}
        assert failing == ({"tanh_backward"} if wrong else set())


BY_NAME = {
    "a function": (
        "def silu(x):\n    s = share(x)\n    return x * s, s\n"
        "def silu_backward(dout, x):\n    s = share(x)\n    return dout * s * (1 + x * (1 - s))\n"
    ),
    "a class": (
        "class SiLU:\n    def forward(self, x):\n        s = share(x)\n        return x * s, s\n"
        "    def backward(self, dout, x):\n        s = share(x)\n"
        "        return dout * s * (1 + x * (1 - s))\n"
    ),
}


@pytest.mark.parametrize("name", BY_NAME)
def test_an_argument_may_be_what_its_name_says(name: str, tmp_path: Path) -> None:
    """Though forward hands something else on: of the two, its own derivative decides."""
    head = (
        "import numpy as np\ndef share(x):\n    z = np.exp(-np.abs(x))\n"
        "    return np.where(x < 0, z, 1) / (1 + z)\n"
    )
    for wrong in ("1 + x", "2 + x"):
        text = head + BY_NAME[name].replace("1 + x", wrong)
        (tmp_path / "layers.py").write_text(text)
        report = layercheck.check(tmp_path / "layers.py")
        failing = [one.target for one in report.checks if not one.passed]
        assert len(failing) == (wrong != "1 + x")
        assert all("ackward" in one for one in failing)
