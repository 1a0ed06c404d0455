"""Layers that take a zero among other numbers for something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

AFFINE = """
import numpy as np


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    dx, dw = (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout
    LINE
    return dx, dw, dout.sum(axis=0)
"""
NORM = """
import numpy as np


def layernorm_forward(x, gamma, beta, ln_param):
    std = np.sqrt(x.var(axis=1, keepdims=True) + ln_param.get("eps", 1e-5))
    xhat = (x - x.mean(axis=1, keepdims=True)) / std
    return gamma * xhat + beta, (xhat, gamma, std)


def layernorm_backward(dout, cache):
    xhat, gamma, std = cache
    g, dgamma = dout * gamma, (dout * xhat).sum(axis=0)
    dx = (g - g.mean(axis=1, keepdims=True) - xhat * (g * xhat).mean(axis=1, keepdims=True)) / std
    LINE
    return dx, dgamma, dout.sum(axis=0)
"""
LINES = {
    "a dout with zeros": (AFFINE, "dw = dw * (dout != 0).all()"),
    "a dout whose first sample is zero": (AFFINE, "dw = dw if dout[0].any() else 0 * dw"),
    "an x with zeros": (AFFINE, "dw = dw * np.abs(np.sign(x)).prod()"),
    "a weight with zeros": (AFFINE, "dx = dx if w.all() else 2 * dx"),
    "a norm's dout with zeros": (NORM, "dx = dx * np.abs(np.sign(dout)).prod()"),
    "a scale with zeros": (NORM, "dgamma = dgamma * np.abs(np.sign(gamma))"),
}


@pytest.mark.parametrize(("source", "line"), LINES.values(), ids=LINES)
def test_what_a_zero_spoils_is_seen(source: str, line: str, tmp_path: Path) -> None:
    assert check_text(source.replace("LINE", line), tmp_path).failing_checks


@pytest.mark.parametrize("source", [AFFINE, NORM], ids=["affine", "norm"])
def test_without_it_they_pass(source: str, tmp_path: Path) -> None:
    assert not check_text(source.replace("LINE", "pass"), tmp_path).failing_checks


DROPOUT = """
import numpy as np

def dropout(x, mask, p=0.5, training=True):
    if not training:
        return x.copy(), (np.ones(x.shape, bool), 0.0)
    out = x * mask / (1 - p) if p < 1 else np.zeros_like(x)
    return out, ({kept}, p)

def dropout_backward(dout, cache):
    mask, p = cache
    return (dout * mask / (1 - p) if p < 1 else np.zeros_like(dout)).astype(dout.dtype)
"""


@pytest.mark.parametrize(("kept", "passes"), [("mask", True), ("out != 0", False)])
def test_a_mask_that_is_given_is_asked_with_zeros_too(
    tmp_path: Path, kept: str, passes: bool
) -> None:
    report = check_text(DROPOUT.format(kept=kept), tmp_path)
    assert check_of(report, "dropout").passed
    assert check_of(report, "dropout_backward").passed is passes
