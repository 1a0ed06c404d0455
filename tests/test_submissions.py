"""Files checked as a user checks them: right ones pass, wrong ones fail where they are wrong."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import required
from submitted import (
    HOMEWORK,
    HONEST,
    REWRITES,
    WRONG_FORWARD,
    check_of,
    check_text,
    failing,
    layercheck,
)

from layercheck.errors import UsageError
from layercheck.pipeline.many import check_file, end_frameworks
from layercheck.pipeline.options import Options
from layercheck.pipeline.places import why_not
from layercheck.reporting.formats.json import plain_report
from layercheck.reporting.report import Report

# ---------------------------------------------------------------------- right and wrong homework


def test_a_correct_homework_passes() -> None:
    run = layercheck("check", "examples/homework/layers.py")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "conv_backward_naive" in run.stdout
    assert "recorded answers" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr


def test_five_typical_mistakes_are_named_by_function_and_array() -> None:
    assert not failing(check_file(HOMEWORK / "layers.py", Options()))
    report = check_file(HOMEWORK / "layers_with_mistakes.py", Options())
    assert failing(report) == {
        "conv_forward_naive": "wrong",
        "conv_backward_naive": "error",  # a slice to -0 leaves nothing: another shape
        "max_pool_backward_naive": "wrong",
        "batchnorm_backward": "wrong",
        "layernorm_backward": "wrong",
    }
    for check in report.failing_checks:
        assert check.first_wrong is not None
        assert check.first_wrong.case.startswith(f"{check.op} ")
        assert check.first_wrong.array in check.arrays_wrong


@pytest.mark.slow
@pytest.mark.parametrize("path", REWRITES, ids=lambda p: p.stem)
def test_a_correct_rewrite_raises_no_alarm(path: Path) -> None:
    """`inaccurate` is not a pass, and is not given here; what is left out has a reason."""
    report = check_file(path, Options())
    assert not failing(report), report.failing_checks
    assert report.passed
    assert all(check.cases > 0 and check.compared == check.cases for check in report.checks)
    assert all(left.reason for left in report.not_checked)


def test_there_are_at_least_forty_rewrites() -> None:
    assert len(REWRITES) >= 40


# ---------------------------------------------------------------------- verdicts told


def test_a_gradient_of_a_wrong_forward_is_told_from_a_wrong_gradient(tmp_path: Path) -> None:
    report = check_text(WRONG_FORWARD, tmp_path)
    assert check_of(report, "relu_forward").verdict == "wrong"
    backward = check_of(report, "relu_backward")
    assert (backward.verdict, backward.passed) == ("consistent", True)
    assert backward.note == "dx is right for its own forward; the forward is wrong"
    assert not report.passed
    other = check_text(WRONG_FORWARD.replace("2 * dout", "3 * dout"), tmp_path)
    backward = check_of(other, "relu_backward")
    assert (backward.verdict, backward.passed) == ("wrong", False)
    assert backward.note.endswith("dx is not the derivative of its own forward either")


UNFINISHED = """
def relu_forward(x):
    out = None
    cache = x
    return out, cache

def relu_backward(dout, cache):
    raise NotImplementedError

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, None

def affine_backward(dout, cache):
    raise NotImplementedError

def conv_forward_naive(x, w, b, conv_param):
    raise NotImplementedError
"""


def test_what_is_not_implemented_says_so_and_does_not_pass(tmp_path: Path) -> None:
    report = check_text(UNFINISHED, tmp_path)
    told = {c.target: (c.verdict, c.passed) for c in report.checks}
    assert told["relu_forward"] == told["conv_forward_naive"] == ("not implemented", False)
    assert told["affine_backward"] == ("not implemented", False)
    assert told["relu_backward"] == ("not judged", False)  # nothing to work on
    assert told["affine_forward"][1]
    assert not report.passed
    left_out = {one.name: one.reason for one in report.not_checked}
    assert "its assignment asks for it" in left_out["max_pool_forward_naive"]


def test_a_crash_costs_its_function_only(tmp_path: Path) -> None:
    text = """
import numpy as np, os

def affine_forward(x, w, b):
    os._exit(0)

def affine_backward(dout, cache):
    return None

def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
    report = check_text(text, tmp_path)
    told = {c.target: c.verdict for c in report.checks}
    assert told["affine_forward"] == "error"
    assert told["affine_backward"] == "not judged"
    assert told["relu_forward"] == "exact"
    assert told["relu_backward"] in ("exact", "rounding")
    wrong = check_of(report, "affine_forward").first_wrong
    assert wrong is not None
    assert wrong.reason == "exited: exit status 0"


def test_a_backward_that_crashes_leaves_its_forward_alone(tmp_path: Path) -> None:
    text = HONEST.replace("return dout * (cache > 0)", "__import__('os')._exit(0)")
    told = {c.target: c.verdict for c in check_text(text, tmp_path, ops=("relu",)).checks}
    assert told == {"relu_forward": "exact", "relu_backward": "error"}


def test_state_between_calls_is_an_error(tmp_path: Path) -> None:
    text = """
import numpy as np
calls = [0]

def relu_forward(x):
    calls[0] += 1
    return np.maximum(x, 0) + (calls[0] > 5), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
    assert check_of(check_text(text, tmp_path), "relu_forward").verdict == "error"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("def relu_forward(x):\n    print 'x'\n", "Python 2 print statement, line 2"),
        ("def relu_forward(x:\n", "line 1: def relu_forward(x:"),
        ("def relu_forward(x):\n    return x, x\nraise RuntimeError('boom')\n", "boom"),
        ("def relu_forward(x):\n    return x, x\nexit(0)\n", "exited: called exit(0)"),
        ("def relu_forward(x):\n    return x, x\nimport os; os._exit(3)\n", "exit status 3"),
    ],
)
def test_a_file_that_does_not_load_says_why(text: str, told: str, tmp_path: Path) -> None:
    report = check_text(text, tmp_path, profile="cs231n")
    assert not report.passed
    (check,) = report.checks
    assert (check.verdict, check.passed) == ("error", False)
    assert told in check.note


def test_fresh_seeds_judge_alike_and_need_no_recording(tmp_path: Path) -> None:
    text = (HOMEWORK / "layers.py").read_text()
    report = check_text(text, tmp_path, fresh=20261121)
    assert not failing(report)
    assert report.manifest.answers == "none"
    again = check_text(text, tmp_path, fresh=20261122)
    assert not {*again.cases.text} & {*report.cases.text}


# ---------------------------------------------------------------------- the same bits


def test_two_runs_give_the_same_report() -> None:
    first, second = (check_file(HOMEWORK / "layers_with_mistakes.py", Options()) for _ in range(2))
    assert untimed(first) == untimed(second)


def untimed(report: Report) -> dict[str, Any]:
    """A report without how often there was time to ask."""
    told = plain_report(report)
    for one in told["checks"]:
        one["note"] = re.sub(r"asked \d+ times", "asked", one["note"])
    return told


def test_live_and_recorded_answers_give_the_same_verdicts_and_figures() -> None:
    for name in ("torch", "tensorflow"):
        required(name)
    try:
        live = check_file(HOMEWORK / "layers_with_mistakes.py", Options(live=True))
    finally:
        end_frameworks()
    kept = check_file(HOMEWORK / "layers_with_mistakes.py", Options())
    assert (live.manifest.answers, kept.manifest.answers) == ("live", "recorded")
    assert live.manifest.settings != kept.manifest.settings
    pairs = zip(live.entries(of_subject=False), kept.entries(of_subject=False), strict=True)
    for one, other in pairs:
        assert [getattr(one, name) for name in TOLD] == [getattr(other, name) for name in TOLD]
        assert one.verdict.passes == other.verdict.passes
        if one != other:  # another processor may move a framework's last bit
            assert {one.subject, one.against} & {"torch", "tensorflow"}
    assert the_rest(live) == the_rest(kept)


def the_rest(report: Report) -> dict[str, Any]:
    """All that depends neither on where an oracle's answer comes from nor on its last bit."""
    told = untimed(report)
    for name in ("answers", "settings"):
        del told["manifest"][name]
    told["environment"] = {k.partition(" (")[0]: v for k, v in told["environment"].items()}
    del told["comparisons"], told["closest"]  # what they hold depends on an oracle's last bit
    return told


TOLD = ("case", "op", "array", "subject", "against")


def cells(*sources: str) -> str:
    return json.dumps(
        {"cells": [{"cell_type": "code", "source": text, "metadata": {}} for text in sources]}
    )


@pytest.mark.parametrize("name", ["hw.ipynb", "HW.IPYNB"])
def test_a_notebook_is_known_by_its_name_in_small_and_large_letters(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(cells("import numpy as np", HONEST))
    assert check_file(path, Options()).passed


def test_a_notebook_by_another_name_is_told_so(tmp_path: Path) -> None:
    path = tmp_path / "hw.py"
    path.write_text(cells("import numpy as np", HONEST))
    with pytest.raises(UsageError, match=r"it is a notebook; give it a name that ends in \.ipynb"):
        check_file(path, Options())


def test_a_folder_that_cannot_be_written_to_is_told_as_that(tmp_path: Path) -> None:
    assert why_not(tmp_path) == "it is a folder"
    assert why_not(tmp_path / "x.json") == f"no right to {tmp_path}"
