"""Functions that hand all that they get on to another one; conditions too long to be told whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

SIGMOID = """
import numpy as np

def _forward(x):
    out = 1 / (1 + np.exp(-x))
    return out, out

def _backward(dout, cache):
    return dout * cache * (1 - cache)

def sigmoid{forward}
def sigmoid_backward{backward}
"""
THROUGH = {
    "all": "(*args, **kw):\n    return {}(*args, **kw)\n",
    "by place": "(*given):\n    return {}(*given)\n",
    "with a docstring": "(*a, **k):\n    'As the other.'\n    return {}(*a, **k)\n",
}


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("style", THROUGH)
def test_its_arguments_are_those_of_what_it_calls(style: str, wrong: bool, tmp_path: Path) -> None:
    line = THROUGH[style]
    text = SIGMOID.format(forward=line.format("_forward"), backward=line.format("_backward"))
    text = text.replace("(1 - cache)", "(2 - cache)") if wrong else text
    report = check_text(text, tmp_path)
    assert check_of(report, "sigmoid").passed
    assert check_of(report, "sigmoid_backward").passed is not wrong


@pytest.mark.parametrize(
    "body", ["return _backward(args[0], args[1])", "return other(*args, **kw)"]
)
def test_what_does_more_is_told_as_it_is(body: str, tmp_path: Path) -> None:
    forward = THROUGH["all"].format("_forward")
    text = SIGMOID.format(forward=forward, backward=f"(*args, **kw):\n    {body}\n")
    report = check_text(f"{text}\nother = _backward\n", tmp_path)
    found = check_of(report, "sigmoid_backward")
    if "other" in body:  # a name of the same function
        assert found.passed
    else:
        assert "none of its arguments has a name" in found.note


LONG = """
import numpy as np

def relu(x):
    if np.size(np.asarray(x)) >= 0 and np.shape(np.asarray(x)) == x.shape and x.dtype is not None:
        return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""


def test_a_long_condition_is_cut_in_its_middle(tmp_path: Path) -> None:
    (never,) = check_of(check_text(LONG, tmp_path), "relu").never_run
    assert never.what.startswith("if np.size(np.asarray(x)) >= 0")
    assert never.what.endswith(": never false")
