"""Right code that is called in odd ways: not blamed, and what nobody can call is told so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from blackbox import AFFINE, CONV, HEAD, POOL, RELU, Outcome, check, check_path, command_here

ADD = "\ndef add(a, b):\n    return a + b\n"

RIGHT = {
    "two forwards, one backward name": """
def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def sigmoid_forward(x):
    out = np.where(x < 0, np.exp(np.minimum(x, 0)), 1) / (1 + np.exp(-np.abs(x)))
    return out, out

def sigmoid_backward(dout, cache):
    return dout * cache * (1 - cache)
""",
    "positional only": """
def leaky_relu(x, negative_slope=0.01, /):
    return np.where(x > 0, x, negative_slope * x), (x, negative_slope)

def leaky_relu_backward(dout, cache, /):
    x, slope = cache
    return np.where(x > 0, dout, slope * dout)
""",
    "a wrapper that takes places only": """
def traced(function):
    def wrapper(*arguments):
        return function(*arguments)
    return wrapper

@traced
def relu(x):
    return np.maximum(x, 0), x

@traced
def relu_backward(dout, cache):
    return dout * (cache > 0)
""",
    "single dispatch": """
from functools import singledispatch

@singledispatch
def relu(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
""",
    "a lambda": """
relu = lambda x: (np.maximum(x, 0), x)

def relu_backward(dout, cache):
    return dout * (cache > 0)
""",
    "pairs only": """
def max_pool2d(x, kernel_size=(2, 2), stride=(2, 2)):
    (kh, kw), (sh, sw) = kernel_size, stride
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), (2, 3))[:, :, ::sh, ::sw]
    return windows.max(axis=(4, 5)), None
""",
    "one takes pairs, the other numbers": """
def pair(value):
    return value if isinstance(value, tuple) else (value, value)

def avg_pool2d(x, kernel_size, stride=1):
    (kh, kw), (sh, sw) = pair(kernel_size), pair(stride)
    windows = np.lib.stride_tricks.sliding_window_view(x, (kh, kw), (2, 3))[:, :, ::sh, ::sw]
    return windows.mean(axis=(4, 5), dtype=x.dtype), None

def max_pool2d(x, kernel_size, stride=1):
    k, s = int(kernel_size), int(stride)
    windows = np.lib.stride_tricks.sliding_window_view(x, (k, k), (2, 3))[:, :, ::s, ::s]
    return windows.max(axis=(4, 5)), None
""",
    "a dataclass": """
from dataclasses import dataclass, field

@dataclass
class Linear:
    in_features: int
    out_features: int
    bias: bool = True
    x: np.ndarray = field(default=None, init=False)

    def __post_init__(self):
        self.weight = np.zeros((self.out_features, self.in_features))
        self.b = np.zeros(self.out_features)

    def forward(self, x):
        self.x = x
        return x @ self.weight.T + self.b

    def backward(self, dout):
        self.dweight, self.db = dout.T @ self.x, dout.sum(axis=0)
        return dout @ self.weight
""",
    "static methods": """
class Tanh:
    @staticmethod
    def forward(x):
        return np.tanh(x)
""",
    "a gradient that stays in its box": """
class Param:
    def __init__(self, data):
        self.data, self.grad = data, np.zeros_like(data)

class Linear:
    def __init__(self, in_features, out_features):
        self.weight = Param(np.zeros((out_features, in_features)))
        self.bias = Param(np.zeros(out_features))

    def forward(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, dout):
        self.weight.grad += dout.T @ self.x
        self.bias.grad += dout.sum(axis=0)
        return dout @ self.weight.data
""",
    "a definition that never counts": """
def relu(x):
    return np.maximum(x, 0), x

if False:
    def relu(x, w, b):
        return x @ w + b

def relu_backward(dout, cache):
    return dout * (cache > 0)
""",
    "annotations of a library that is not here": """
from jaxtyping import Float

def relu(x: Float[np.ndarray, "n d"]):
    return np.maximum(x, 0), x
""",
    "numba, and a plot": """
import numba
import matplotlib.pyplot as plt

fig, (left, right) = plt.subplots(2)

@numba.njit
def relu(x):
    return np.maximum(x, 0), x
""",
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_code_is_not_blamed_for_how_it_is_called(name: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + RIGHT[name])
    assert outcome.code == 0, outcome.out
    assert outcome.report["checks"]


HELPERS = """
def _pad(x, ph, pw):
    return np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))

def relu(x):
    return np.maximum(x, 0)

def _add(a, b):
    return a + b
"""


def test_a_helper_is_no_layer_whatever_it_is_called(tmp_path: Path) -> None:
    source = HELPERS + RELU.replace("np.maximum(x, 0), x", "relu(_add(x, 0)), x")
    outcome = check(tmp_path, HEAD + AFFINE + source)
    assert outcome.code == 0, outcome.out
    assert left_out(outcome)["relu"] == "a helper of relu_forward"
    assert left_out(outcome)["_pad"].startswith("private")


NOT_UNDERSTOOD = {
    "an unknown argument": ("def relu(x, magic):\n    return x", "relu", "argument magic"),
    "no names": ("def affine(*arguments):\n    return 0", "affine", "*arguments have no names"),
    "a dictionary": (
        "def conv_forward(A_prev, W, b, hparameters):\n    return 0",
        "conv_forward",
        "argument hparameters",
    ),
    "a derivative": (
        "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n\ndef sigmoid_grad(z):\n    return z",
        "sigmoid_grad",
        "takes no dout",
    ),
    "an argument more": (
        "class Tanh:\n    def forward(self, frame, x):\n        return np.tanh(x)",
        "Tanh",
        "argument frame",
    ),
    "one array for two": ("def cat(tensors):\n    return 0", "cat", "has no argument for y"),
    "a call": ("relu = np.vectorize(abs)", "relu", "made by a call"),
    "async": ("async def relu(x):\n    return x", "relu", "async"),
}


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_what_nobody_knows_how_to_call_is_told_and_no_pass(name: str, tmp_path: Path) -> None:
    source, function, told = NOT_UNDERSTOOD[name]
    outcome = check(tmp_path, f"{HEAD}{AFFINE}{RELU}\n{source}\n")
    assert outcome.code == (0 if name == "a derivative" else 1), outcome.out
    assert outcome.failing == set()
    assert told in outcome.not_asked[function]


def left_out(outcome: Outcome) -> dict[str, str]:
    return {one["name"]: one["reason"] for one in outcome.report["not_checked"]}


def test_what_the_text_does_not_show_is_accounted_for(tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text("def conv_forward_naive(x, w, b, conv_param):\n    ...\n")
    source = """
from functools import partial
from parts import conv_forward_naive

match 1:
    case 1:
        def tanh(x):
            return np.tanh(x) / 2

my_relu = partial(np.maximum, 0)
globals()["hidden"] = type("hidden", (), {})
exec("def made(x):\\n    return x")
"""
    outcome = check(tmp_path, HEAD + AFFINE + RELU + source)
    told = left_out(outcome)
    assert "made while the file runs" in told["my_relu"]
    assert "imported from parts.py" in told["conv_forward_naive"]
    assert outcome.check("tanh")["verdict"] == "wrong"


def test_a_wrong_function_that_is_no_helper_is_checked(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + AFFINE + RELU + "\ndef relu(x):\n    return np.abs(x)\n")
    assert outcome.failing == {"relu"}


def test_a_file_with_one_pair_of_an_assignment_passes_and_says_what_it_lacks(
    tmp_path: Path,
) -> None:
    outcome = check(tmp_path, HEAD + CONV)
    assert outcome.code == 0, outcome.out
    assert "not in this file" in left_out(outcome)["max_pool_forward_naive"]


# ---------------------------------------------------------------------- whose fault it is


def test_a_backward_that_is_right_for_its_own_forward_is_so_at_a_kink_too(tmp_path: Path) -> None:
    source = RELU.replace("np.maximum(x, 0)", "np.where(x > 0, x, x / 8)").replace(
        "dout * (cache > 0)", "np.where(cache > 0, dout, dout / 8)"
    )
    outcome = check(tmp_path, HEAD + AFFINE + source)
    assert outcome.failing == {"relu_forward"}
    assert outcome.check("relu_backward")["verdict"] == "consistent"


def test_a_backward_is_not_judged_by_a_dout_that_its_forward_never_made(tmp_path: Path) -> None:
    source = CONV.replace('conv_param["pad"]', "0").replace("s, p = ", "s, p = ")
    outcome = check(tmp_path, HEAD + source + POOL)
    assert outcome.failing == {"conv_forward_naive"}
    backward = outcome.check("conv_backward_naive")
    assert (backward["verdict"], backward["passed"]) == ("not judged", False)
    assert "another shape" in backward["note"]


def test_a_broken_helper_costs_the_functions_that_use_it(tmp_path: Path) -> None:
    source = RELU.replace("np.maximum(x, 0)", "mx(x, 0)")
    for text, told in {
        "def mx(:\n": "util.py beside it cannot be imported: SyntaxError",
        "import numpy as np\nz = np.zeros(3, np.int)\nmx = np.maximum\n": "util.py beside it",
        "import numpy as np\nother = np.maximum\n": "util.py beside it has no mx",
    }.items():
        (tmp_path / "util.py").write_text(text)
        outcome = check(tmp_path, f"{HEAD}from util import mx\n{AFFINE}{source}")
        assert outcome.failing == {"relu_forward"}, outcome.out
        assert told in outcome.check("relu_forward")["first_wrong"]["reason"]


def test_a_ragged_list_is_a_wrong_return_and_no_error_of_ours(tmp_path: Path) -> None:
    source = """
def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    return [[1, 2], [3]], None

def spatial_groupnorm_backward(dout, cache):
    return dout, dout, dout
"""
    outcome = check(tmp_path, HEAD + source)
    shown = outcome.check("spatial_groupnorm_forward")["first_wrong"]
    assert not shown["reason"].startswith("raised")


# ---------------------------------------------------------------------- which function, which file


def test_a_function_that_is_named_as_its_op_is_the_one_that_is_replayed(tmp_path: Path) -> None:
    source = """
class ReLU:
    def forward(self, x):
        return np.maximum(x, 0)

def relu(x):
    return np.abs(x)
"""
    outcome = check(tmp_path, HEAD + source)
    shown = outcome.check("relu")
    again = command_here(
        "replay", shown["first_wrong"]["case"], "layers.py", "--op", "relu", cwd=tmp_path
    )
    assert again.code == 1, again.out
    assert "--op relu" in outcome.out


def test_every_comparison_of_a_report_names_its_function(tmp_path: Path) -> None:
    source = RELU.replace("np.maximum(x, 0), x", "x, x")
    outcome = check(tmp_path, HEAD + AFFINE + source)
    kept = outcome.report["failures"] + outcome.report["closest"]
    names = {check["target"] for check in outcome.report["checks"]}
    assert {one["function"] for one in kept} <= names
    assert {one["function"] for one in outcome.report["failures"]} == {"relu_forward"}


def test_names_that_look_like_something_else_can_be_replayed(tmp_path: Path) -> None:
    for name in ("-x.py", "oracle:x.py"):
        (tmp_path / name).write_text(HEAD + AFFINE + RELU.replace("np.maximum(x, 0)", "x"))
        outcome = check_path(tmp_path, f"./{name}")
        assert f"./{name}" in outcome.report["subject"]
        line = next(text for text in outcome.out.splitlines() if "layercheck replay" in text)
        assert f" ./{name}" in line


def test_where_leaves_out_what_it_says_and_nothing_fails_for_it(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + CONV + POOL + AFFINE, "--where", "stride > 1")
    assert outcome.code == 0, outcome.out
    assert {c["op"] for c in outcome.report["checks"]} == {"conv2d", "max_pool"}
    nothing = check(tmp_path, HEAD + CONV, "--where", "stride > 99")
    assert nothing.code == 2
    assert "loosen where, op or dtype" in nothing.err


def test_a_file_that_does_not_parse_says_so_whatever_is_asked_of_it(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + AFFINE + "def f(:\n", "--op", "affine_forward")
    assert outcome.code == 1
    assert "line" in outcome.out


def test_standard_output_by_another_name(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(HEAD + AFFINE + RELU)
    outcome = command_here("check", "layers.py", "--json", "/dev/stdout", cwd=tmp_path)
    assert json.loads(outcome.out)["summary"]["passed"]
    assert "passed" in outcome.err


# ---------------------------------------------------------------------- whose backward it is


ACTIVATIONS = """
def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)

def relu(x):
    return np.maximum(x, 0)

def ReLU(x):
    return np.maximum(x, 0)
"""


def test_a_backward_belongs_to_the_forward_that_is_named_as_it_is(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + ACTIVATIONS)
    assert outcome.code == 0, outcome.out
    assert outcome.check("relu_backward")["cases"] == outcome.check("relu_forward")["cases"]


@pytest.mark.parametrize("name", ["activation", "s", "tanh_out", "probs"])
def test_an_argument_beside_dout_is_the_output_where_its_name_says_so(
    name: str, tmp_path: Path
) -> None:
    source = f"def tanh(x):\n    return np.tanh(x)\ndef tanh_backward(dout, {name}):\n"
    outcome = check(tmp_path, f"{HEAD}{source}    return dout * (1 - {name} * {name})\n")
    assert outcome.check("tanh_backward")["passed"], outcome.out


@pytest.mark.parametrize("name", ["mask", "saved", "cache", "stuff"])
def test_an_argument_that_no_forward_gives_is_told_and_not_blamed(
    name: str, tmp_path: Path
) -> None:
    source = f"def relu(x):\n    return np.maximum(x, 0)\ndef relu_backward(dout, {name}):\n"
    outcome = check(tmp_path, f"{HEAD}{source}    return dout * ({name} > 0)\n")
    assert outcome.failing == set()
    told = outcome.not_asked["relu_backward"]
    assert f"nothing is known of its argument {name}" in told


@pytest.mark.parametrize("name", ["y", "t", "s", "activation", "v"])
def test_a_derivative_of_one_argument_is_no_backward(name: str, tmp_path: Path) -> None:
    source = f"def tanh(x):\n    return np.tanh(x)\ndef tanh_backward({name}):\n"
    outcome = check(tmp_path, f"{HEAD}{source}    return 1 - {name} ** 2\n")
    assert outcome.failing == set()
    assert "it takes no dout" in outcome.not_asked["tanh_backward"]


SOFTMAX = """
def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)

def softmax_backward(dout, probs):
    return probs * (dout - {scale} * (dout * probs).sum(axis=-1, keepdims=True))
"""


@pytest.mark.parametrize(("scale", "passes"), [(1, True), (2, False)])
def test_a_backward_is_asked_where_it_can_know_what_the_forward_was_told(
    scale: int, passes: bool, tmp_path: Path
) -> None:
    outcome = check(tmp_path, HEAD + SOFTMAX.format(scale=scale))
    forward, backward = outcome.check("softmax"), outcome.check("softmax_backward")
    assert forward["passed"]
    assert backward["passed"] is passes
    assert 0 < backward["cases"] < forward["cases"]
