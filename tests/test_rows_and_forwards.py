"""What trials found: relations of sizes, places that one case shows, errors that only float64
shows, gradients behind a wrong forward, and None that nobody takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from layercheck.pipeline.options import Options
from layercheck.pipeline.run import check
from layercheck.reporting.records import Check

AFFINE = """
def affine_forward(x, w, b):
    out = x.reshape(len(x), -1) @ w {}
    return out, (x, w, b)

def affine_backward(dout, cache):
    x, w, b = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout {}, dout.sum(axis=0)
"""

LAYER_NORM = """
def layernorm_forward(x, gamma, beta, ln_param):
    N, D = x.shape
    mean = x.mean(1, keepdims=True) if N != D else x.mean(0)[:, None]
    var = ((x - mean) ** 2).mean(1, keepdims=True)
    return gamma * (x - mean) / np.sqrt(var + ln_param.get("eps", 1e-5)) + beta, None
"""

SOFTMAX = """
def softmax_loss(x, y):
    N = len(y)
    p = np.exp(x - x.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    dx = p.copy()
    dx[np.arange(N), y] -= 1
    return -np.mean(np.log(p[np.arange(N), y] + 1e-8)), dx / N
"""

BATCH_NORM = """
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = bn_param.get("running_mean"), bn_param.get("running_var")
    zeros = np.zeros(x.shape[1], x.dtype)
    mean, var = zeros if mean is None else mean, zeros if var is None else var
    if bn_param["mode"] == "test":
        return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
    std = np.sqrt(x.var(0)) + eps
    xhat = (x - x.mean(0)) / std
    bn_param["running_mean"] = momentum * mean + (1 - momentum) * x.mean(0)
    bn_param["running_var"] = momentum * var + (1 - momentum) * x.var(0)
    return gamma * xhat + beta, (xhat, gamma, std)

def batchnorm_backward(dout, cache):
    xhat, gamma, std = cache
    dxhat = dout * gamma
    dx = (dxhat - dxhat.mean(0) - xhat * (dxhat * xhat).mean(0)) / std
    return dx, (dout * xhat).sum(0), dout.sum(0)
"""

CONV = """
def conv2d(x, w, b=None, stride=1, padding=0, groups=1):
    N, C, H, W = x.shape
    F, c, KH, KW = w.shape
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    OH, OW = (H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1
    out = np.zeros((N, F, OH, OW), x.dtype)
    for f in range(F):
        first = f // (F // groups) * c
        for i in range(OH):
            for j in range(OW):
                window = x[:, first:first + c, i * stride:i * stride + KH, j * stride:j * stride + KW]
                out[:, f, i, j] = (window * w[f]).sum((1, 2, 3))
    if b is not None and (c > 1 or groups == 1):
        out += b.reshape(1, -1, 1, 1)
    return out
"""

POOL = """
def max_pool_forward_naive(x, pool_param):
    h, w, s = (pool_param[n] for n in ("pool_height", "pool_width", "stride"))
    windows = np.lib.stride_tricks.sliding_window_view(x, (h, w), axis=(2, 3))[:, :, ::s, ::s]
    return windows[..., :3].max((4, 5)), None
"""

SOFTPLUS = """
def softplus(x, beta=1.0, threshold=20.0):
    return np.where(beta * x > threshold, x, np.logaddexp(0, beta * x) / beta)
"""

PAD = """
def pad(x, padding, value=0.0):
    sides = ((0, 0), (0, 0), (int(padding), int(padding)), (int(padding), int(padding)))
    return np.pad(x, sides, constant_values=value if padding <= x.shape[2] else 0)
"""

AVG_POOL = """
def avg_pool2d(x, kernel_size, stride=None, padding=0):
    k, p = kernel_size, padding
    s = stride or k
    assert all(isinstance(n, int) for n in (k, s, p))
    sides = ((0, 0), (0, 0), (p, p), (p, p))
    x, inside = np.pad(x, sides), np.pad(np.ones_like(x), sides)
    OH, OW = ((n - k) // s + 1 for n in x.shape[2:])
    out = np.zeros((*x.shape[:2], OH, OW), x.dtype)
    for i in range(OH):
        for j in range(OW):
            window = np.s_[:, :, i * s:i * s + k, j * s:j * s + k]
            out[:, :, i, j] = x[window].sum((2, 3)) / inside[window].sum((2, 3))
    return out, (x.shape, k, s, p)

def avg_pool2d_backward(dout, cache):
    shape, k, s, p = cache
    dx = np.zeros(shape, dout.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            dx[:, :, i * s:i * s + k, j * s:j * s + k] += dout[:, :, i:i + 1, j:j + 1] / (k * k)
    return dx[:, :, p:shape[2] - p, p:shape[3] - p]
"""

TOLD = {
    "as many columns as rows of w": (
        AFFINE.format("+ b * (w.shape[0] != w.shape[1])", ""),
        "affine_forward",
        "where D == M,",
    ),
    "a square of rows": (
        LAYER_NORM,
        "layernorm_forward",
        "where x has as many rows as columns and N > 1,",
    ),
    "a decay that belongs elsewhere": (
        AFFINE.format("+ b", "+ 1e-3 * w"),
        "affine_backward",
        "dw has 0.001 times w added",
    ),
    "what float32 rounds away": (
        AFFINE.format("* (1 + 1e-10) + b", ""),
        "affine_forward",
        "where dtype == float64 (float32 rounds by more than the error),",
    ),
    "what is added to the shares": (SOFTMAX, "softmax_loss", "1e-08 added to the shares"),
    "a backward that is given the wrong numbers": (
        BATCH_NORM,
        "batchnorm_backward",
        "its forward is wrong, too, and hands it what it computes from",
    ),
    "one channel in each group": (
        CONV,
        "conv2d",
        "where b is given and groups == C and groups > 1,",
    ),
    "padding beyond the size": (PAD, "pad", "padding > H,"),
}


def check_of(source: str, target: str, folder: Path) -> Check:
    path = folder / "layers.py"
    path.write_text(f"import numpy as np\n{source}")
    return next(c for c in check(str(path), Options()).checks if c.target == target)


@pytest.mark.parametrize(("source", "target", "told"), TOLD.values(), ids=TOLD)
def test_the_reason_is_told(source: str, target: str, told: str, tmp_path: Path) -> None:
    found = check_of(source, target, tmp_path)
    assert not found.passed
    assert told in " ".join(one.text for one in found.diagnoses)


def test_the_smallest_case_is_told_as_it_is_asked(tmp_path: Path) -> None:
    found = check_of(AVG_POOL, "avg_pool2d_backward", tmp_path)
    assert found.picture is not None
    assert "count_include_pad" not in found.picture.case
    assert "padding=" in found.picture.case


def test_a_window_of_more_than_three_columns_is_asked(tmp_path: Path) -> None:
    assert not check_of(POOL, "max_pool_forward_naive", tmp_path).passed


def test_none_is_asked_only_where_a_text_knows_of_it(tmp_path: Path) -> None:
    plain = check_of(SOFTPLUS, "softplus", tmp_path)
    assert plain.passed
    known = SOFTPLUS.replace(
        "    return", "    threshold = np.inf if threshold is None else threshold\n    return"
    )
    found = check_of(known, "softplus", tmp_path)
    assert found.passed
    assert found.compared > plain.compared


def test_what_is_no_array_is_not_the_forwards_doing(tmp_path: Path) -> None:
    """No numbers that it could be given would make one of it."""
    source = """
class Gradient:
    pass

def affine_forward(x, w, b):
    return np.zeros((len(x), w.shape[1])), (x, w)

def affine_backward(dout, cache):
    return Gradient(), Gradient(), Gradient()
"""
    found = check_of(source, "affine_backward", tmp_path)
    assert found.first_wrong is not None
    assert "got Gradient; expected a numpy.ndarray" in found.first_wrong.reason
    assert not found.diagnoses
