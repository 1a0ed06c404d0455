"""Layers that keep their answers, found again by less than all that they depend on."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_text

from layercheck.reporting.report import Report

AFFINE = """
import numpy as np

KEPT = {}


def affine_forward(x, w, b):
    out = x.reshape(len(x), -1) @ w + b
    return KEPT.setdefault((x.shape, w.shape, x.dtype, KEY), out).copy(), (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
"""
GRADIENT = """
import numpy as np

KEPT = {}


def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    dx = KEPT.setdefault((x.shape, w.shape, dout.dtype, KEY), (dout @ w.T).reshape(x.shape)).copy()
    return dx, x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
"""
DENSE = """
import numpy as np


class Dense:
    kept = {}

    def __init__(self, in_features, out_features):
        self.W, self.b = np.ones((in_features, out_features)), np.zeros(out_features)

    def forward(self, x):
        self.x = x
        out = x @ self.W + self.b
        return self.kept.setdefault((x.shape, self.W.shape, x.dtype, KEY), out).copy()

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0)
        return dout @ self.W.T
"""
LOSS = """
import numpy as np

KEPT = {}


def softmax_loss(x, y):
    rows, shifted = np.arange(len(x)), x - x.max(axis=1, keepdims=True)
    logs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    dx = np.exp(logs)
    dx[rows, y] -= 1
    answer = -logs[rows, y].mean(), dx / len(x)
    loss, dx = KEPT.setdefault((x.shape, x.dtype, KEY), answer)
    return loss, dx.copy()
"""
NORM = """
import numpy as np

KEPT = {}


def layer_norm(x, gamma, beta, eps=1e-5):
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    out = gamma * (x - mean) / np.sqrt(var + eps) + beta
    return KEPT.setdefault((x.shape, x.dtype, KEY), out).copy()
"""
POOL = """
import numpy as np

KEPT = {}


def max_pool_forward_naive(x, pool_param):
    h, w, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    views = np.lib.stride_tricks.sliding_window_view(x, (h, w), (2, 3))[:, :, ::s, ::s]
    out = views.max(axis=(-1, -2))
    return KEPT.setdefault((x.tobytes(), x.shape, x.dtype, out.shape, KEY), out).copy(), None
"""
CONV = """
import numpy as np

KEPT = {}


def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    views = np.lib.stride_tricks.sliding_window_view(padded, w.shape[2:], (2, 3))[:, :, ::s, ::s]
    out = np.einsum("ncijuv,fcuv->nfij", views, w) + b[:, None, None]
    given = x.tobytes(), w.tobytes(), b.tobytes(), x.shape, w.shape, x.dtype
    return KEPT.setdefault((given, out.shape, KEY), out).copy(), None
"""

X, W, B = "x.tobytes()", "w.tobytes()", "b.tobytes()"
OWN_W, OWN_B = "self.W.tobytes()", "self.b.tobytes()"
LACKING = {
    "affine without x": (AFFINE, f"{W}, {B}"),
    "affine without w": (AFFINE, f"{X}, {B}"),
    "affine without b": (AFFINE, f"{X}, {W}"),
    "affine with the sum of b": (AFFINE, f"{X}, {W}, b.astype(float).sum().round(5)"),
    "gradient without w": (GRADIENT, f"{X}, dout.tobytes()"),
    "gradient with the ends of dout": (GRADIENT, f"{X}, {W}, dout.flat[0], dout.flat[-1]"),
    "object without b": (DENSE, f"{X}, {OWN_W}"),
    "loss without labels": (LOSS, X),
    "loss with its first label": (LOSS, f"{X}, y[0]"),
    "norm without gamma": (NORM, f"{X}, beta.tobytes(), eps"),
    "norm without beta": (NORM, f"{X}, gamma.tobytes(), eps"),
    "norm without eps": (NORM, f"{X}, gamma.tobytes(), beta.tobytes()"),
    "pool without stride": (POOL, "h, w"),
    "pool without a window's sizes": (POOL, "s"),
    "convolution without padding": (CONV, "s"),
    "convolution without stride": (CONV, "p"),
}
"""What the key of the answers lacks."""

MERGED = {
    "rounded": (AFFINE, f"x.round(4).tobytes(), {W}, {B}"),
    "rounded weights": (AFFINE, f"{X}, w.round(6).tobytes(), {B}"),
    "rounded bias": (AFFINE, f"{X}, {W}, b.round(3).tobytes()"),
    "float32": (AFFINE, f"x.astype(np.float32).tobytes(), {W}, {B}"),
    "as text": (AFFINE, "str(x), str(w), str(b)"),
    "as long text": (DENSE, f"np.array2string(x, precision=20), {OWN_W}, {OWN_B}"),
    "weights as long text": (DENSE, f"{X}, np.array2string(self.W, precision=20), {OWN_B}"),
    "its first bytes": (DENSE, f"{X}[:4000], {OWN_W}, {OWN_B}"),
    "its first row and mean": (DENSE, f"x[0].tobytes(), x.mean().round(6), {OWN_W}, {OWN_B}"),
    "every second number": (DENSE, f"x.ravel()[::2].tobytes(), {OWN_W}, {OWN_B}"),
}
"""What the key takes for the numbers."""


def report_of(source: str, key: str, folder: Path) -> Report:
    return check_text(source.replace("KEY", key), folder)


@pytest.mark.parametrize(("source", "key"), LACKING.values(), ids=LACKING)
def test_a_key_that_lacks_one_argument_is_seen(source: str, key: str, tmp_path: Path) -> None:
    report = report_of(source, key, tmp_path)
    assert report.failing_checks
    assert all(one.probe for one in report.failures)


@pytest.mark.parametrize(("source", "key"), MERGED.values(), ids=MERGED)
def test_a_key_that_takes_numbers_for_others_is_seen(source: str, key: str, tmp_path: Path) -> None:
    report = report_of(source, key, tmp_path)
    assert {one.probe for one in report.failures} == {"remembered"}


WHOLE = {
    "affine": (AFFINE, f"{X}, {W}, {B}"),
    "gradient": (GRADIENT, f"{X}, {W}, dout.tobytes()"),
    "object": (DENSE, f"{X}, {OWN_W}, {OWN_B}"),
    "loss": (LOSS, f"{X}, y.tobytes()"),
    "norm": (NORM, f"{X}, gamma.tobytes(), beta.tobytes(), eps"),
    "pool": (POOL, "h, w, s"),
    "convolution": (CONV, "s, p"),
}


@pytest.mark.parametrize(("source", "key"), WHOLE.values(), ids=WHOLE)
def test_a_key_of_everything_is_no_fault(source: str, key: str, tmp_path: Path) -> None:
    report = report_of(source, key, tmp_path)
    assert report.checks
    assert not report.failing_checks
