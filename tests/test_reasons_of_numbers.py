"""Reasons that hold: relations of whole arrays, of how many cases, and cases that show nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

import layercheck
from layercheck.cases.parse import parse
from layercheck.diagnosis.sides import is_reached

DROPOUT = """
import numpy as np

def dropout_forward(x, dropout_param):
    p, mode, mask = dropout_param["p"], dropout_param["mode"], None
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p) / (1 - p)
        x = x * mask
    return x, (dropout_param, mask)
"""
LAYER_NORM = """
import numpy as np

def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mean, var = x.mean(1, keepdims=True), x.var(axis=0, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
"""
SOFTMAX = """
import numpy as np

def softmax_loss(x, y):
    z = x - x.max(1, keepdims=True)
    log = z - np.log(np.exp(z).sum(1, keepdims=True))
    e = np.exp(x - x.max(0))
    dx = e / e.sum(axis=0)
    dx[np.arange(len(x)), y] -= 1
    return -log[np.arange(len(x)), y].mean(), dx / len(x)
"""
AFFINE = """
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape, order="F")
    return dx, x.reshape(len(x), -1).T @ dout, dout.sum(0)
"""
CONV = """
import numpy as np

def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    N, C, H, W = xp.shape
    F, _, h, v = w.shape
    out = np.zeros((N, F, (H - h) // s + 1, (W - v) // s + 1), x.dtype)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            for c in range(min(C, 2)):
                part = xp[:, c, i * s : i * s + h, j * s : j * s + v]
                out[:, :, i, j] += np.einsum("nhw,fhw->nf", part, w[:, c])
    return out + b[:, None, None], None
"""
TANH = """
import numpy as np

def tanh(x):
    y = np.tanh(x)
    return y, y

def tanh_backward(dout, y):
    dx = dout * (1 - y * y)
    return dx if y.shape[0] != y.shape[-1] else -dx
"""
SIGMOID = """
import numpy as np

def sigmoid(x):
    e = np.exp(-np.abs(x))
    y = np.where(x >= 0, 1 / (1 + e), np.where(x < -1, e, e / (1 + e)))
    return y, (x, y)

def sigmoid_backward(dout, cache):
    x, y = cache
    e = np.exp(-np.abs(x))
    return dout * y * np.where(x >= 0, e, 1) / (1 + e)
"""


CROP = """
import numpy as np

def conv_forward_naive(x, w, b, conv_param):
    return CONV(x, w, b, conv_param), (x, w, b, conv_param)

def CONV(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    h, v = w.shape[2:]
    windows = np.lib.stride_tricks.sliding_window_view(xp, (h, v), axis=(2, 3))[:, :, ::s, ::s]
    return np.einsum("nchwij,fcij->nfhw", windows, w) + b[:, None, None]

def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, _, h, v = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = np.zeros_like(xp), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            at = np.s_[:, :, i * s : i * s + h, j * s : j * s + v]
            dxp[at] += np.einsum("nf,fcij->ncij", dout[:, :, i, j], w)
            dw += np.einsum("nf,ncij->fcij", dout[:, :, i, j], xp[at])
    return dxp[:, :, p : p + H, p : p + H], dw, dout.sum((0, 2, 3))
"""


def reasons(text: str, function: str, folder: Path) -> str:
    """Why a function of a file fails, all of it."""
    path = folder / "layers.py"
    path.write_text(text)
    report = layercheck.check(path)
    (check,) = [one for one in report.failing_checks if one.target == function]
    return " | ".join(one.text for one in check.diagnoses)


@pytest.mark.parametrize(
    ("text", "function", "told"),
    [
        (DROPOUT, "dropout_forward", "out is ((1 - p) / p) times what it should be"),
        (LAYER_NORM, "layernorm_forward", "a variance over the other axes"),
        (SOFTMAX, "softmax_loss", "dx is what comes of a softmax over the samples"),
        (AFFINE, "affine_backward", "dx has the right numbers, but laid out in column-major order"),
        (CONV, "conv_forward_naive", "where C > 2"),
        (CROP, "conv_backward_naive", "H is taken for W"),
        (TANH, "tanh_backward", "that fail, dx is the negative of what it should be"),
        (SIGMOID, "sigmoid_backward", "its forward is wrong, too"),
    ],
    ids=lambda value: value if value.isidentifier() else "",
)
def test_it_is_told(text: str, function: str, told: str, tmp_path: Path) -> None:
    assert told in reasons(text, function, tmp_path)


def test_where_the_forward_decides_nothing_else_is_said_of_the_numbers(tmp_path: Path) -> None:
    assert "dout times" not in reasons(SIGMOID, "sigmoid_backward", tmp_path)


def test_a_flattened_input_is_asked_with_all_its_axes(tmp_path: Path) -> None:
    path = tmp_path / "layers.py"
    named = AFFINE.replace("affine_forward", "affine")
    path.write_text(named)
    assert {check.target for check in layercheck.check(path).failing_checks} == {"affine_backward"}
    path.write_text(named.replace(', order="F"', ""))
    report = layercheck.check(path)
    assert report.passed, report.text()
    assert "matrices only" not in report.text()
    path.write_text(
        named.replace(".reshape(len(x), -1)", "").replace('.reshape(x.shape, order="F")', "")
    )
    report = layercheck.check(path)
    assert report.passed, report.text()
    assert "asked with matrices only: all axes but the first made one" in report.text()


def test_windows_that_lie_beside_x_tell_nothing() -> None:
    assert not is_reached(parse("conv2d x=1x3x1x1 w=3x3x2x5 b=3 stride=3 padding=2"))
    assert is_reached(parse("conv2d x=1x3x2x1 w=3x3x2x5 b=3 stride=1 padding=2"))
    assert is_reached(parse("relu x=2x3"))
