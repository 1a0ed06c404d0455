"""A course's functions with their arguments in another form, and those that a file lacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from blackbox import AFFINE, BATCH_NORM, CONV, HEAD, POOL, RELU, Outcome, check, check_path, command

FORMS = {
    "by name only": ("(x, w, b)", "(*, x, w, b)"),
    "half by name": ("(x, w, b)", "(x, *, w, b)"),
    "another order": ("(x, w, b)", "(w, b, x)"),
    "another order, by place only": ("(x, w, b)", "(w, b, x, /)"),
    "an optional one before": ("(x, w, b)", "(x, w, scale=1, b=0)"),
    "the cache first": ("(dout, cache)", "(cache, dout)"),
    "the cache by name": ("(dout, cache)", "(dout, *, cache)"),
}


@pytest.mark.parametrize("name", FORMS)
def test_arguments_that_are_unmistakable_are_called_by_name(name: str, tmp_path: Path) -> None:
    source = HEAD + AFFINE.replace(*FORMS[name]) + RELU
    outcome = check(tmp_path, source)
    assert outcome.code == 0, outcome.out
    function = "affine_backward" if "dout" in FORMS[name][0] else "affine_forward"
    assert "the template has" in outcome.check(function)["note"] or (
        "by name only" in outcome.check(function)["note"]
    )
    strict = check(tmp_path, source, "--strict").report["checks"]
    assert [one["target"] for one in strict if not one["passed"]] == [function]
    wrong = check(
        tmp_path, source.replace("@ w + b", "@ w + 2 * b").replace("dout.sum", "3 * dout.sum")
    )
    assert wrong.failing >= {"affine_forward", "affine_backward"}


def test_a_convolution_may_have_its_arguments_in_another_order(tmp_path: Path) -> None:
    source = CONV.replace("(x, w, b, conv_param):", "(conv_param, x, w, b):")
    assert check(tmp_path, HEAD + source + POOL).code == 0


def test_gradients_in_the_order_of_the_forwards_arguments_are_told(tmp_path: Path) -> None:
    source = AFFINE.replace("(x, w, b)", "(w, b, x)").replace(
        "return dx, x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0)",
        "return x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0), dx",
    )
    outcome = check(tmp_path, HEAD + source + RELU)
    assert outcome.code == 0, outcome.out
    assert "gives (dw, db, dx)" in outcome.check("affine_backward")["note"]
    straight = check(tmp_path, HEAD + source.replace("(w, b, x)", "(x, w, b)") + RELU)
    assert straight.failing == {"affine_backward"}


def test_names_that_are_not_the_templates_are_given_by_place(tmp_path: Path) -> None:
    source = (
        AFFINE.replace("(x, w, b)", "(b, weights, bias)")
        .replace("x.", "b.")
        .replace("@ w + b, (x, w)", "@ weights + bias, (b, weights)")
    )
    source = source.replace("b, w = cache", "x, w = cache").replace("x, w = cache", "b, w = cache")
    assert check(tmp_path, HEAD + source + RELU).code == 0


# ---------------------------------------------------------------------- what is absent


def test_what_a_file_lacks_is_listed_and_not_counted(tmp_path: Path) -> None:
    source = BATCH_NORM.replace("batchnorm_backward_alt = batchnorm_backward", "")
    outcome = check(tmp_path, HEAD + source)
    assert outcome.code == 0, outcome.out
    assert left_out(outcome)["batchnorm_backward_alt"].startswith("not in this file")
    forwards = check(tmp_path, HEAD + RELU.partition("def relu_backward")[0])
    assert [one["target"] for one in forwards.report["checks"]] == ["relu_forward"]
    assert left_out(forwards)["relu_backward"].startswith("not in this file")


@pytest.mark.parametrize(
    "made",
    [
        "globals()['relu_backward'] = lambda dout, cache: dout",
        "from parts import relu_backward",
        "from parts import *",
        "import parts\nrelu_backward = parts.relu_backward",
    ],
)
def test_what_comes_from_elsewhere_is_not_absent(made: str, tmp_path: Path) -> None:
    (tmp_path / "parts.py").write_text("def relu_backward(dout, cache):\n    return dout\n")
    source = RELU.partition("def relu_backward")[0] + "\n" + made + "\n"
    assert check(tmp_path, HEAD + source).failing == {"relu_backward"}


def test_a_stub_is_not_absent(tmp_path: Path) -> None:
    source = RELU.replace("return dout * (cache > 0)", "pass")
    outcome = check(tmp_path, HEAD + source)
    assert outcome.check("relu_backward")["verdict"] == "not implemented"
    assert outcome.code == 1


def test_an_async_forward_is_told_and_its_absent_backward_not_counted(tmp_path: Path) -> None:
    source = "async def relu_forward(x):\n    return np.maximum(x, 0), x\n"
    outcome = check(tmp_path, HEAD + AFFINE + source)
    notes = {one["target"]: one["note"] for one in outcome.report["checks"]}
    assert notes.keys() == {"affine_forward", "affine_backward", "relu_forward"}
    assert "async" in notes["relu_forward"]


OWN_RELU = """
def relu(x):
    return np.maximum(x, 0)

def relu_backward(x, dout):
    return dout * (x > 0)
"""
TANHS = """
def Tanh(x):
    return np.tanh(x)

def tanh_forward(x):
    return Tanh(x), x

def tanh_backward(dout, cache):
    return dout / np.cosh(cache) ** 2
"""


@pytest.mark.parametrize("more", ["", TANHS])
def test_no_function_is_in_both_lists(more: str, tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + OWN_RELU + AFFINE + more)
    asked = [one["target"] for one in outcome.report["checks"]]
    assert not {*asked} & left_out(outcome).keys()
    assert len(asked) == len({*asked})
    assert not outcome.failing & {"relu", "relu_backward", "tanh_backward"}, outcome.out


# ---------------------------------------------------------------------- what is told of the rest


REASONS = {
    "a class of something": (
        "class Linear:\n    def __init__(self, w, init): ...\n    def forward(self, x): ...\n",
        "Linear: nothing is known of __init__'s argument init",
    ),
    "no names": (
        "def sigmoid(**kw):\n    return next(iter(kw.values()))\n",
        "sigmoid: its arguments **kw have no",
    ),
    "methods": (
        "class Layers:\n    @staticmethod\n    def relu_forward(x): ...\n",
        "Layers: relu_forward: written as methods",
    ),
    "an argument more": (
        "class ReLU:\n    @staticmethod\n    def forward(frame, x): ...\n",
        "ReLU: nothing is known of forward's argument frame",
    ),
    "other methods": (
        "class Tanh:\n    def up(self, x): ...\n    def down(self, x): ...\n",
        "Tanh: a class without a forward that can be seen here; has: up, down",
    ),
}


@pytest.mark.parametrize("name", REASONS)
def test_a_file_with_nothing_to_check_is_told_why(name: str, tmp_path: Path) -> None:
    """What is called as an op has a report of its own, and does not pass."""
    source, told = REASONS[name]
    outcome = check(tmp_path, HEAD + source)
    has_report = name in ("a class of something", "no names", "an argument more")
    assert outcome.code == (1 if has_report else 2)
    name, _, why = told.partition(": ")
    assert (why in outcome.out and name in outcome.out) if has_report else told in outcome.err
    assert "did you mean" not in outcome.err


def test_a_file_that_does_not_parse_is_told_as_a_file(tmp_path: Path) -> None:
    nothing = check(tmp_path, HEAD + "x = (((\n")
    assert "the frameworks are not installed" not in nothing.out
    assert "none of its functions can be checked" in nothing.out
    outcome = check(tmp_path, HEAD + RELU + "def broken(:\n")
    assert (outcome.code, "0 of 1" in outcome.out) == (1, False)
    assert left_out(outcome).keys() == {"relu_forward", "relu_backward", "broken"}


def test_the_functions_of_a_file_that_fails_while_it_runs_are_listed(tmp_path: Path) -> None:
    outcome = check(tmp_path, HEAD + RELU + "raise ValueError('no')\n")
    assert outcome.code == 1
    assert {"relu_forward", "relu_backward"} <= left_out(outcome).keys()


def test_a_modules_functions_by_other_names_are_listed(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "import numpy as np\nfrom ref_layers.tanh import tanh as tanh_fwd\n"
        "def relu(x):\n    return np.maximum(x, 0), x\n"
        "def relu_backward(dout, cache):\n    return dout * (cache > 0)\n"
        "def tanh_forward(x): ...\ndef conv_forward_naive(x, w, b, p): ...\n"
        "def conv2d_fast(x): ...\ndef helper(): ...\ndef _gelu_forward(x): ...\n"
        "class Sigmoid: ...\n"
    )
    outcome = check_path(tmp_path, "mine", "--oracle", "exact", "--grid", "quick")
    told = left_out(outcome)
    assert told.keys() == {"tanh_forward", "conv_forward_naive", "Sigmoid"}
    assert told["tanh_forward"].endswith("expected tanh and tanh_backward")
    assert told["conv_forward_naive"].endswith("expected conv2d and conv2d_backward")
    (tmp_path / "other.py").write_text("def tanh_forward(x): ...\n")
    nothing = command("check", "other", cwd=tmp_path)
    assert nothing.code == 2
    assert "it has tanh_forward" in nothing.err


def test_a_timed_statement_of_a_notebook_counts(tmp_path: Path) -> None:
    lines = ["%time y = dout * (cache > 0)", "%timeit y = dout", "%time !ls", "z = %time 1"]
    body = "\n".join(f"    {line}" for line in lines)
    backward = f"def relu_backward(dout, cache):\n{body}\n    return y * z"
    cells = [HEAD + RELU.partition("def relu_backward")[0], backward, "%time x = load('x')"]
    cells += [
        "ReLU = type('ReLU', (), {})",
        "class Tanh:\n    def forward(self, x):\n        return np.tanh(x)",
        "setattr(Tanh, 'backward', lambda self, d: d)",
    ]
    notebook = {"cells": [{"cell_type": "code", "source": cell} for cell in cells]}
    outcome = check(tmp_path, json.dumps(notebook), name="layers.ipynb")
    assert outcome.failing == {"Tanh.backward"}, outcome.out
    assert outcome.check("relu_backward")["passed"]


def left_out(outcome: Outcome) -> dict[str, str]:
    return {one["name"]: one["reason"] for one in outcome.report["not_checked"]}
