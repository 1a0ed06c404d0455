"""A class whose backward is not asked is never silent, however the backward came to be there."""

from __future__ import annotations

from pathlib import Path

import pytest
from blackbox import HEAD, Outcome, check

FORWARD = "    def forward(self, x):\n        self.x = x\n        return np.maximum(x, 0)\n"
RELU = f"class ReLU:\n{FORWARD}"
BASE = "import numpy as np\n\nclass Back:\n    def backward(self, d):\n        return d\n"
BASE += "\ndef wrong(self, d):\n    return d\n"

ASKED = {
    "a method by another name of the class": RELU
    + "    def _grad(self, d):\n        return d\n    backward = _grad\n",
    "a lambda": RELU + "    backward = lambda self, d: d\n",
    "with an annotation": RELU + "    backward: object = lambda self, d: d\n",
    "a static method": "def f(d):\n    return d\n\n" + RELU + "    backward = staticmethod(f)\n",
    "attached": RELU + "\ndef _bw(self, d):\n    return d\n\nReLU.backward = _bw\n",
    "attached with other things": RELU + "\nReLU.hook, ReLU.backward = None, lambda self, d: d\n",
    "attached in a branch": RELU + "\nif True:\n    ReLU.backward = lambda self, d: d\n",
    "setattr": RELU + "\nsetattr(ReLU, 'backward', lambda self, d: d)\n",
    "a branch of the class": RELU
    + "    if True:\n        def backward(self, d):\n            return d\n",
    "a try of the class": RELU
    + "    try:\n        def backward(self, d):\n            return d\n"
    + "    except Exception:\n        pass\n",
    "another class's": "class Back:\n    def go(self, d):\n        return d\n\n"
    + RELU
    + "    backward = Back.go\n",
    "the base of two that counts": "class A:\n    def backward(self, d):\n        return d\n\n"
    "class B:\n    def backward(self, d, magic):\n        return d * (self.x > 0)\n\n"
    + RELU.replace("ReLU", "ReLU(A, B)"),
    "a base by another name": "class A:\n    def backward(self, d):\n        return d\n\nBase = A\n"
    + RELU.replace("ReLU", "ReLU(Base)"),
    "from base": "from base import Back\n" + RELU.replace("ReLU", "ReLU(Back)"),
    "from base as": "from base import Back as B\n" + RELU.replace("ReLU", "ReLU(B)"),
    "from base, everything": "from base import *\n" + RELU.replace("ReLU", "ReLU(Back)"),
    "import base": "import base\n" + RELU.replace("ReLU", "ReLU(base.Back)"),
    "import base as": "import base as b\n" + RELU.replace("ReLU", "ReLU(b.Back)"),
    "through a second file": "from more import Mine\n" + RELU.replace("ReLU", "ReLU(Mine)"),
    "a package": "from pkg.inner import Back\n" + RELU.replace("ReLU", "ReLU(Back)"),
    "a package's module": "from pkg import inner\n" + RELU.replace("ReLU", "ReLU(inner.Back)"),
    "a package as a whole": "import pkg.inner\n" + RELU.replace("ReLU", "ReLU(pkg.inner.Back)"),
    "a package's relative import": "from pkg import Again\n" + RELU.replace("ReLU", "ReLU(Again)"),
    "a function of base": "import base\n" + RELU + "    backward = base.wrong\n",
}
"""Where static reading finds a backward, which is wrong."""


def write_helpers(folder: Path) -> None:
    (folder / "base.py").write_text(BASE)
    (folder / "more.py").write_text("import base\n\nclass Mine(base.Back):\n    pass\n")
    (folder / "pkg").mkdir()
    (folder / "pkg" / "inner.py").write_text(BASE)
    (folder / "pkg" / "__init__.py").write_text("from .inner import Back as Again\n")


@pytest.mark.parametrize("name", ASKED)
def test_a_backward_that_the_text_shows_is_asked(name: str, tmp_path: Path) -> None:
    write_helpers(tmp_path)
    outcome = check(tmp_path, HEAD + ASKED[name])
    assert outcome.failing == {"ReLU.backward"}, outcome.out + outcome.err
    assert "ReLU.backward" not in left_out(outcome)


OTHER_NAMES = [
    "backward_pass",
    "backwardPass",
    "backpropagate",
    "back_prop",
    "bprop",
    "bwd",
    "backward_propagate",
    "grad",
    "gradient",
    "compute_gradient",
]


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_other_names_of_a_backward_are_known(name: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + RELU + f"    def {name}(self, dout):\n        return dout\n")
    assert outcome.failing == {f"ReLU.{name}"}


DECORATED = "def add(c):\n    c.backward = lambda self, d: d\n    return c\n\n@add\n" + RELU
LISTED = {
    "a class decorator": DECORATED,
    "a base that is made": "def made():\n    return type('B', (), {'backward': lambda s, d: d})\n\n"
    + RELU.replace("ReLU", "ReLU(made())"),
    "a metaclass": "class Meta(type):\n    def __new__(m, n, b, d):\n"
    "        return super().__new__(m, n, b, {**d, 'backward': lambda s, g: g})\n\n"
    + RELU.replace("ReLU", "ReLU(metaclass=Meta)"),
    "a subclass hook": "class Base:\n    def __init_subclass__(cls):\n"
    "        cls.backward = lambda s, d: d\n\n" + RELU.replace("ReLU", "ReLU(Base)"),
    "a loop": RELU + "\nfor name in ('backward',):\n    setattr(ReLU, name, lambda s, d: d)\n",
    "exec": RELU + "\nexec('ReLU.backward = lambda s, d: d')\n",
    "another class in its place": RELU
    + "\nReLU = type('ReLU', (ReLU,), {'backward': lambda s, d: d})\n",
    "__getattr__": RELU
    + "    def __getattr__(self, n):\n        if n == 'backward':\n            return lambda d: d\n"
    + "        raise AttributeError(n)\n",
    "a property": RELU + "    @property\n    def backward(self):\n        return lambda d: d\n",
    "a call": "from functools import partialmethod\n\n"
    + RELU
    + "    def go(self, k, d):\n        return d\n    backward = partialmethod(go, 1)\n",
    "async": RELU + "    async def backward(self, d):\n        return d\n",
    "set by forward": RELU.replace("self.x = x", "self.backward = lambda d: d"),
    "private": RELU + "    def _backward(self, d):\n        return d\n",
}


REASONS = {
    "a class decorator": "put there while the file runs",
    "a property": "it is a property",
    "a call": "no function whose arguments can be read",
    "async": "it is async",
    "set by forward": "set on the object while it runs",
    "private": "private",
}


@pytest.mark.parametrize("name", LISTED)
def test_a_backward_that_nobody_can_read_is_told_as_not_checked(name: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + LISTED[name])
    assert outcome.check("ReLU.forward")["passed"], outcome.out
    told = [one for one in left_out(outcome) if one.startswith("ReLU.")]
    assert told, outcome.out
    assert all("backward" in one for one in told)
    reasons = " ".join(left_out(outcome)[one] for one in told)
    assert REASONS.get(name, "") in reasons


HIDDEN = {
    "__dict__": "self.__dict__['backward'] = lambda d: d",
    "object.__setattr__": "object.__setattr__(self, 'backward', lambda d: d)",
    "setattr": "setattr(self, 'back' + 'ward', lambda d: d)",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_backward_that_only_an_object_has_is_told(name: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + RELU.replace("self.x = x", HIDDEN[name]))
    assert "its objects have backward, which is not asked" in outcome.check("ReLU.forward")["note"]


def test_methods_that_are_no_backward_are_named(tmp_path: Path) -> None:
    source = RELU.replace("ReLU", "Sigmoid").replace(
        "np.maximum(x, 0)", "1 / (1 + np.exp(-np.clip(x, -80, 80)))"
    )
    source += (
        "    def grad(self, x):\n        return x\n    def slope(self, d):\n        return d\n"
    )
    told = left_out(check(tmp_path, HEAD + RELU + "    def slope(self):\n        ...\n\n" + source))
    assert told["ReLU.backward"] == "none of its methods is known as a backward; has: slope"
    assert "takes no dout" in told["Sigmoid.grad"]


def test_of_two_backwards_the_other_one_is_told(tmp_path: Path) -> None:
    method = "    def {}(self, d):\n        return d * (self.x > 0)\n"
    outcome = check(tmp_path, HEAD + RELU + method.format("bprop") + method.format("backward"))
    assert outcome.check("ReLU.backward")["passed"]
    assert left_out(outcome)["ReLU.bprop"] == "backward is asked in its place"


def test_a_method_that_the_asked_one_calls_is_no_other_one(tmp_path: Path) -> None:
    source = RELU + "    def gradient(self, d):\n        return d * (self.x > 0)\n"
    source += "    def backward(self, d):\n        return self.gradient(d)\n"
    outcome = check(tmp_path, HEAD + source)
    assert outcome.code == 0, outcome.out
    assert not left_out(outcome)


def test_an_array_called_grad_is_no_backward(tmp_path: Path) -> None:
    source = RELU.replace("self.x = x", "self.x, self.grad = x, None").replace(
        "class ReLU:", "class ReLU:\n    gradient = np.zeros(3)\n    grad = None"
    )
    source += "    def backward(self, d):\n        self.grad = d * (self.x > 0)\n"
    source += "        return self.grad\n"
    outcome = check(tmp_path, HEAD + source)
    assert outcome.code == 0, outcome.out
    assert not left_out(outcome)
    alone = source.partition("    def backward")[0]
    assert not left_out(check(tmp_path, HEAD + alone))


def test_a_stub_is_asked_by_its_own_name(tmp_path: Path) -> None:
    source = "class ReLU:\n    def __call__(self, x):\n        return self.forward(x)\n"
    source += "    def forward(self, x):\n        raise NotImplementedError\n"
    outcome = check(tmp_path, HEAD + source)
    assert outcome.check("ReLU.forward")["verdict"] == "not implemented"


def test_a_base_that_only_says_what_there_should_be_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "base.py").write_text(
        "class Layer:\n    def forward(self, x):\n        raise NotImplementedError\n"
        "    def backward(self, d):\n        raise NotImplementedError\n"
    )
    source = "from base import Layer\n" + RELU.replace("ReLU", "ReLU(Layer)").replace(
        "forward", "__call__"
    )
    source += "    def backprop(self, d):\n        return d\n"
    outcome = check(tmp_path, HEAD + source)
    assert outcome.failing == {"ReLU.backprop"}, outcome.out
    assert outcome.check("ReLU.__call__")["passed"]


def test_a_layer_that_is_imported_as_a_whole_is_told(tmp_path: Path) -> None:
    (tmp_path / "base.py").write_text("import numpy as np\n\n" + RELU)
    source = "import base\nfrom base import ReLU\nTanh = base.ReLU\n\ndef relu(x):\n    return "
    told = left_out(check(tmp_path, HEAD + source + "np.maximum(x, 0)\n"))
    assert told["ReLU"] == told["Tanh"] == "imported from base.py; check that file"


def test_bases_that_go_in_circles_are_read_all_the_same(tmp_path: Path) -> None:
    source = "class A:\n    pass\n\nclass B(A):\n    go = A.go if 0 else None\n\nclass A(B):\n    pass\n\n"
    source += RELU.replace("ReLU", "ReLU(A)") + "\nA.f = B.f if 0 else None\n"
    source += "A.g = ReLU.forward\nReLU.backward = lambda self, d: d * (self.x > 0)\n"
    outcome = check(tmp_path, HEAD + source)
    assert outcome.check("ReLU.backward")["passed"], outcome.out


def left_out(outcome: Outcome) -> dict[str, str]:
    return outcome.not_asked
