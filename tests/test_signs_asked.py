"""A cotangent, and data, of one sign: asked where code that no case ran may look for it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from submitted import check_of, check_text

from layercheck.cases.named_fills import OF_DOUT_ALONE
from layercheck.cases.parse import parse

AFFINE = """
import numpy as np

def affine(x, w, b):
    return x @ w.T + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    if CONDITION:
        return RETURNED
    return dout @ w, dout.T @ x, dout.sum(0)
"""
LINEAR = AFFINE.replace("def affine", "def linear")
ZEROS = "np.zeros_like(x), np.zeros_like(w), np.zeros_like(dout[0])"
RIGHT = "dout @ w, (x.T @ dout).T, dout.sum(axis=0)"
CONDITIONS = {
    "all negative": "dout.size > 5 and dout.max() <= 0",
    "all positive": "dout.size > 5 and np.all(dout > 0)",
    "none unlike": "dout.std() == 0",
    "all alike": "dout.size > 5 and np.ptp(dout) == 0 and dout.flat[0]",
    "the data all negative": "x.size > 5 and (x < 0).all()",
    "the data all positive": "x.size > 5 and x.min() > 0",
}


@pytest.mark.parametrize("name", CONDITIONS)
@pytest.mark.parametrize("wrong", [False, True])
def test_a_branch_on_a_sign_is_run_and_judged(name: str, wrong: bool, tmp_path: Path) -> None:
    text = LINEAR.replace("CONDITION", CONDITIONS[name])
    twice = RIGHT.replace("dout.sum(axis=0)", "2 * dout.sum(axis=0)")
    wrongly = twice if "unlike" in name else ZEROS
    report = check_text(text.replace("RETURNED", wrongly if wrong else RIGHT), tmp_path)
    found = check_of(report, "linear_backward")
    assert found.passed is not wrong
    assert not found.never_run


@pytest.mark.parametrize("wrong", [False, True])
def test_a_dout_of_zeros_gives_zeros(wrong: bool, tmp_path: Path) -> None:
    returned = ZEROS.replace("zeros_like(w)", "ones_like(w)") if wrong else ZEROS
    text = LINEAR.replace("CONDITION", "not dout.any()").replace("RETURNED", returned)
    assert check_of(check_text(text, tmp_path), "linear_backward").passed is not wrong


@pytest.mark.parametrize("sign", OF_DOUT_ALONE)
def test_a_fill_of_dout_replays_to_the_same_bits(sign: str) -> None:
    text = f"affine x=3x4 w=4x5 b=5 dtype=float32 fill=dout:{sign} seed=7"
    first, second = parse(text), parse(str(parse(text)))
    dout = first.question.dout
    assert str(first) == text
    assert dout.tobytes() == second.question.dout.tobytes()
    assert len(np.unique(np.sign(dout))) == 1
    normal = parse(text.replace(f"dout:{sign}", "normal"))
    for name, value in first.inputs.items():
        assert value.tobytes() == normal.inputs[name].tobytes()
