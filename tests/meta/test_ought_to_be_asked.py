"""A function that is called like an op's and cannot be asked: no pass, wherever it is told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from blackbox import AFFINE, HEAD, RELU, ROOT, Outcome, check, command
from submitted import PLUGIN

import layercheck
from layercheck.pipeline.classroom.run import Grading, check_class, stage
from layercheck.pipeline.options import Options
from layercheck.reporting.classroom.records import Required

SIGMOID = "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n\n"
GAPS = {
    "a backward of unknown arguments": (
        SIGMOID + "def sigmoid_backward(dout, foo, bar):\n    return dout * foo * (1 - bar)",
        "sigmoid_backward",
        "nothing is known of its argument foo, bar",
    ),
    "a backward of one argument": (
        "def tanh(x):\n    return np.tanh(x)\n\ndef tanh_backward(z):\n    return 1 - z * z",
        "tanh_backward",
        "it takes no dout",
    ),
    "a backward without its forward": (
        "def max_pool_backward_naive(dout, cache):\n    return dout",
        "max_pool_backward_naive",
        "its forward max_pool_forward_naive is not in this file",
    ),
    "a backward of a plain name without its forward": (
        "def sigmoid_backward(dout, cache):\n    return dout * cache * (1 - cache)",
        "sigmoid_backward",
        "its forward sigmoid is not in this file",
    ),
    "a forward of unknown arguments": (
        "def conv2d(frame, lens, screw):\n    return frame",
        "conv2d",
        "nothing is known of its argument",
    ),
    "an async forward": ("async def tanh(x):\n    return np.tanh(x)", "tanh", "it is async"),
    "a forward made by a call": ("tanh = np.vectorize(np.tanh)", "tanh", "it is made by a call"),
    "a backward put there": (
        "class ReLU:\n    def forward(self, x):\n        self.x = x\n"
        "        return np.maximum(x, 0)\n\nsetattr(ReLU, 'back' + 'ward', lambda self, d: d)",
        "ReLU.backward",
        "put there while the file runs",
    ),
}
DOUBTFUL = {
    "a derivative": (SIGMOID + "def sigmoid_grad(z):\n    return z * (1 - z)", "sigmoid_grad"),
    "a class without a forward": ("class Linear:\n    size = 3", "Linear"),
}
ALIKE = {
    "helpers": "def relu6(x):\n    return x\n\ndef conv_helper(x, w):\n    return x",
    "a derivative by another name": "def tanh_prime(z, q):\n    return z",
    "a helper of a helper": "def pad(x, much):\n    return x\n\ndef padded(x):\n    return pad(x, 0)\n"
    "\n\ndef tanh(x):\n    return np.tanh(padded(x))",
    "a private backward": "def _sigmoid_backward(a, b, c):\n    return a",
}


@pytest.mark.parametrize("strict", [(), ("--strict",)], ids=["", "strict"])
@pytest.mark.parametrize("name", GAPS)
def test_what_cannot_be_asked_is_no_pass_and_no_blame(
    name: str, strict: tuple[str, ...], tmp_path: Path
) -> None:
    text, function, why = GAPS[name]
    outcome = check(tmp_path, f"{HEAD}{RELU}\n\n{text}\n", *strict)
    assert outcome.code == 1, outcome.out
    told = outcome.check(function)
    assert (told["verdict"], told["passed"], told["failed"]) == ("skipped", False, 0)
    assert told["note"].startswith("it cannot be asked, and so does not pass: ")
    assert why in told["note"]
    assert "call it otherwise" in told["note"]
    assert f"FAILED: {function} skipped" in outcome.out
    assert outcome.check("relu_backward")["passed"]
    assert function not in left_out(outcome)


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_may_be_something_else_counts_with_strict(name: str, tmp_path: Path) -> None:
    text, function = DOUBTFUL[name]
    plain = check(tmp_path, f"{HEAD}{RELU}\n\n{text}\n")
    assert plain.code == 0, plain.out
    assert function in left_out(plain)
    strict = check(tmp_path, f"{HEAD}{RELU}\n\n{text}\n", "--strict")
    assert strict.code == 1, strict.out
    assert strict.check(function)["verdict"] == "skipped"


@pytest.mark.parametrize("name", ALIKE)
def test_what_merely_looks_like_a_layer_fails_nobody(name: str, tmp_path: Path) -> None:
    text = f"{HEAD}{RELU}\n\n{ALIKE[name]}\n"
    for options in ((), ("--strict",)):
        outcome = check(tmp_path, text, *options)
        assert outcome.code == 0, outcome.out


def test_who_asks_for_another_layer_hears_nothing_of_it(tmp_path: Path) -> None:
    text = f"{HEAD}{RELU}\n\n{GAPS['a backward of unknown arguments'][0]}\n"
    assert check(tmp_path, text, "--op", "relu").code == 0
    assert check(tmp_path, text, "--op", "sigmoid").code == 1


def test_the_api_says_the_same(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    path.write_text(f"{HEAD}{RELU}\n\n{GAPS['a backward of unknown arguments'][0]}\n")
    report = layercheck.check(str(path))
    assert not report.passed
    assert "sigmoid_backward" in report.failures_text()


def test_the_plugin_says_the_same(tmp_path: Path) -> None:
    (tmp_path / "layers.py").write_text(
        f"{HEAD}{RELU}\n\n{GAPS['a backward of unknown arguments'][0]}\n"
    )
    plugin = [*PLUGIN, "-q", "--layercheck=layers.py"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugin],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout
    assert "FAILED layers.py::sigmoid_backward: it can be asked" in done.stdout
    assert "1 failed" in done.stdout


def test_a_student_gets_no_point_for_it_and_is_told_why(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "anna.py").write_text(
        f"{HEAD}{RELU}\n\n{GAPS['a backward of unknown arguments'][0]}\n"
    )
    grading = Grading(Required({"relu_backward": 1.0, "sigmoid_backward": 1.0}))
    _, whole = check_class(stage(folder, out, grading), grading, Options(), 1, out, print)
    assert whole is not None
    (grade,) = whole.grades
    assert grade.points == 1
    mark = grade.marks[1]
    assert (mark.verdict, mark.points) == ("skipped", 0)
    assert "nothing is known of its argument foo, bar" in mark.reasons[0]


def test_nobody_is_asked_for_what_only_one_has_that_cannot_be_asked(tmp_path: Path) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    (folder / "anna.py").write_text(
        f"{HEAD}{RELU}\n\n{GAPS['a backward of unknown arguments'][0]}\n"
    )
    (folder / "bo.py").write_text(f"{HEAD}{RELU}\n{AFFINE}")
    _, whole = check_class(stage(folder, out, Grading()), Grading(), Options(), 1, out, print)
    assert whole is not None
    assert "sigmoid_backward" not in whole.required.points


def left_out(outcome: Outcome) -> dict[str, str]:
    return {one["name"]: one["reason"] for one in outcome.report["not_checked"]}


POOL = """
class Pool2D:
    def __init__(self, pool, stride, mode="max"):
        self.pool, self.stride, self.mode = pool, stride, mode

    def forward(self, x):
        return x.max((2, 3)) if self.mode == "max" else x.mean((2, 3))
"""


def test_a_file_of_one_layer_that_cannot_be_asked_says_what_is_wrong_with_it(
    tmp_path: Path,
) -> None:
    """As it does beside other layers: what every profile looks for is for a file of no layer."""
    (tmp_path / "pool.py").write_text(POOL)
    ran = command("check", "pool.py", cwd=tmp_path)
    assert ran.code == 1, ran.out + ran.err
    assert "FAILED: Pool2D skipped" in ran.out
    assert "does not say which pooling it is, max or average" in " ".join(ran.out.split())
    (tmp_path / "none.py").write_text("def main():\n    pass\n")
    none = command("check", "none.py", cwd=tmp_path)
    assert none.code == 2
    assert "defines main; expected any of:" in none.err
    other = command("check", "pool.py", "--op", "relu", cwd=tmp_path)
    assert "has nothing for relu; it has: nothing that can be asked" in other.err
