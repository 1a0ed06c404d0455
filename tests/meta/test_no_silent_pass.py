"""A pass means that everything planned was asked, compared and right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from blackbox import AFFINE, BATCH_NORM, CONV, HEAD, POOL, RELU, check, check_path, command

# ---------------------------------------------------------------------- every case is asked


def test_a_branch_that_is_pass_is_incomplete_and_told_by_its_cases(tmp_path: Path) -> None:
    source = BATCH_NORM.replace(
        "return gamma * (x - mean) / np.sqrt(var + eps) + beta, None", "pass"
    )
    outcome = check(tmp_path, HEAD + source)
    found = outcome.check("batchnorm_forward")
    assert outcome.code == 1
    assert (found["passed"], found["verdict"]) == (False, "incomplete")
    assert "training == false" in found["note"]
    assert "training == false" in outcome.out


def test_a_convolution_that_refuses_strides_is_incomplete(tmp_path: Path) -> None:
    refusal = (
        '    if s > 1:\n        raise NotImplementedError("stride")\n    n, _, h, wide = x.shape'
    )
    source = CONV.replace("    n, _, h, wide = x.shape", refusal)
    outcome = check(tmp_path, HEAD + source + POOL)
    found = outcome.check("conv_forward_naive")
    assert outcome.code == 1
    assert (found["passed"], found["verdict"]) == (False, "incomplete")
    assert "stride > 1" in found["note"]


def test_a_backward_that_returns_none_for_some_cases_is_incomplete(tmp_path: Path) -> None:
    source = RELU.replace(
        "    return dout *", "    if dout.shape[-1] == 9:\n        return None\n    return dout *"
    )
    outcome = check(tmp_path, HEAD + source + AFFINE)
    assert outcome.check("relu_forward")["passed"]
    found = outcome.check("relu_backward")
    assert (found["passed"], found["verdict"]) == (False, "incomplete")


def test_a_module_that_refuses_cases_is_incomplete(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from ref_layers.relu import relu as right, relu_backward\n\n"
        "def relu(x):\n"
        "    if x.shape[-1] == 9:\n        raise NotImplementedError\n"
        "    return right(x)\n"
    )
    outcome = check_path(tmp_path, "mine", "--oracle", "exact", "--grid", "quick")
    assert outcome.code == 1
    assert outcome.check("relu")["verdict"] == "incomplete"


# ---------------------------------------------------------------------- every function is told


def test_one_sigmoid_does_not_hide_a_broken_convolution(tmp_path: Path) -> None:
    sigmoid = (
        "\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n\n"
        "def sigmoid_backward(dout, x):\n    s = sigmoid(x)\n    return dout * s * (1 - s)\n\n"
        "def tanh(x):\n    return np.tanh(x)\n\n"
        "def tanh_backward(dout, x):\n    return dout * (1 - np.tanh(x) ** 2)\n"
    )
    broken = CONV.partition("\ndef conv_backward_naive")[0].replace(
        "w, ((1, 2, 3)", "w[:, :, ::-1], ((1, 2, 3)"
    )
    outcome = check(tmp_path, HEAD + sigmoid + broken)
    assert outcome.code == 1
    assert outcome.check("conv_forward_naive")["verdict"] == "wrong"
    assert outcome.check("sigmoid")["passed"]
    assert outcome.check("tanh_backward")["passed"]


def test_every_function_and_class_is_checked_or_listed_with_the_reason(tmp_path: Path) -> None:
    extra = (
        "\ndef affine_backwards(dout, cache):\n    return None\n\n"
        "class Trainer:\n    pass\n\n"
        "if True:\n    def hidden(x):\n        return x\n\n"
        "double = lambda x: 2 * x\n"
    )
    outcome = check(tmp_path, HEAD + RELU + AFFINE.partition("\ndef affine_backward")[0] + extra)
    listed = {entry["name"]: entry["reason"] for entry in outcome.report["not_checked"]}
    lacking = {"affine_backward"}
    assert listed.keys() == {"affine_backwards", "Trainer", "hidden", "double", *lacking}
    assert listed["affine_backward"].startswith("not in this file")
    assert "did you mean affine_backward" in listed["affine_backwards"]
    assert "no layer is called like this" in listed["Trainer"]
    assert "did you mean affine_backward" in outcome.out
    assert "did you mean affine_backward" in outcome.page


def test_a_named_profile_says_what_it_leaves_out(tmp_path: Path) -> None:
    sigmoid = "\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
    outcome = check(tmp_path, HEAD + sigmoid + RELU + AFFINE, "--profile", "cs231n")
    assert [entry["name"] for entry in outcome.report["not_checked"]] == ["sigmoid"]


# ---------------------------------------------------------------------- what is not finite counts

PADS = """
import numpy as np
from ref_layers.pad import pad as right, pad_backward


def pad(x, *, padding, value=0.0):
    out, cache = right(x, padding=padding, value=value)
    return np.where({test}(out), {given}, out).astype(x.dtype), cache
"""


@pytest.mark.parametrize(
    ("value", "test", "given"),
    [("inf", "np.isinf", "1.0"), ("nan", "np.isnan", "0.0"), ("inf", "np.isinf", "-np.inf"),
     ("inf", "np.isinf", "np.nan"), ("nan", "np.isnan", "np.inf")],
)  # fmt: skip
def test_a_number_where_the_truth_is_not_finite_is_wrong_with_its_place(
    value: str, test: str, given: str, tmp_path: Path
) -> None:
    (tmp_path / "mine.py").write_text(PADS.format(test=test, given=given))
    case = f"pad x=1x2x3x4 padding=1 value={value} seed=1"
    right = command("replay", case, "ref_layers", "--oracle", "exact", cwd=tmp_path)
    assert right.code == 0, right.out + right.err
    wrong = command("replay", case, "mine", "--oracle", "exact", cwd=tmp_path)
    assert wrong.code == 1, wrong.out
    assert "verdict of mine: wrong" in wrong.out
    assert "[0, 0, 0, 0]" in wrong.out


# ---------------------------------------------------------------------- replay

FICKLE = """
import numpy as np

calls = [0]


def relu(x):
    calls[0] += 1
    return np.maximum(x, 0) * (2 if calls[0] > {after} else 1), x


def relu_backward(dout, cache):
    return dout * (cache > 0)
"""


def numbers(text: str, title: str) -> list[float]:
    """The array that stands below a title; empty if there is none."""
    lines = text.splitlines()
    found = [lines[i + 1] for i, line in enumerate(lines) if line.startswith(title)]
    return (
        [float(number) for number in re.findall(r"-?[\d.]+(?:e-?\d+)?", found[0])] if found else []
    )


@pytest.mark.parametrize("after", [0, 1, 2, 3])
@pytest.mark.parametrize("subject", ["mine", "mine.py"])
def test_replay_judges_the_answer_that_it_prints(subject: str, after: int, tmp_path: Path) -> None:
    """Whatever it prints as its answer, right or doubled, is what the verdict is about."""
    (tmp_path / "mine.py").write_text(FICKLE.format(after=after))
    replayed = command(
        *("replay", "relu x=1x1x1x2 seed=3", subject, "--oracle", "exact", "--full"), cwd=tmp_path
    )
    exact, printed = numbers(replayed.out, "exact out ("), numbers(replayed.out, f"{subject} out (")
    shown_right = printed == pytest.approx(exact, rel=1e-6)
    said_right = f"verdict of {subject}: exact" in replayed.out
    assert shown_right or not said_right
    if printed and not shown_right:
        assert replayed.code == 1


# ---------------------------------------------------------------------- attributes


def test_a_report_names_the_attributes_that_were_varied_and_those_that_were_not(
    tmp_path: Path,
) -> None:
    source = (
        "def relu(x, *, fast=True):\n    return np.maximum(x, 0), x\n\n"
        "def relu_backward(dout, cache):\n    return dout * (cache > 0)\n\n"
        "def leaky_relu(x, negative_slope=0.01):\n"
        "    return np.where(x > 0, x, negative_slope * x), (x, negative_slope)\n\n"
        "def leaky_relu_backward(dout, cache):\n"
        "    x, slope = cache\n    return np.where(x > 0, dout, slope * dout)\n"
    )
    outcome = check(tmp_path, HEAD + source)
    assert outcome.check("leaky_relu")["attributes"]["varied"] == ["negative_slope"]
    assert outcome.check("relu")["attributes"]["not_varied"] == ["fast"]
    assert "never varied: fast" in outcome.out
    assert "never varied: fast" in outcome.page
