"""A condition stands the least change of a case that makes it false, or true: what only goes with
the reason in the cases of the grid is not told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from submitted import check_of, check_text

CONV = """
import numpy as np

def conv2d(x, w, b, stride=1, padding=0, dilation=1):
    s, p, d = stride, padding, dilation
    N, C, H, W = x.shape
    F, C, KH, KW = w.shape
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    OH, OW = (H + 2 * p - d * (KH - 1) - 1) // s + 1, (W + 2 * p - d * (KW - 1) - 1) // s + 1
    out = np.zeros((N, F, OH, OW), x.dtype)
    for i in range(KH):
        for j in range(KW):
            part = xp[:, :, i * d : i * d + s * OH : s, j * {step} : j * {step} + s * OW : s]
            part = part[:, :, :OH, :OW]
            out += np.einsum("nchw,fc->nfhw", part, w[:, :, {tap}])
    return out + b[:, None, None]
"""
PAD = """
import numpy as np

def pad(x, padding, value=0.0):
    (top, bottom), (left, right) = padding
    widths = ((0, 0), (0, 0), (top, bottom), (right, left))
    return np.pad(x, widths, constant_values=value)
"""
FLATTEN = """
import numpy as np

class Flatten:
    def forward(self, x):
        return x.transpose(0, 2, 3, 1).reshape(len(x), -1)
"""
LAYER_NORM = """
import numpy as np

def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, (xhat, gamma, np.sqrt(var + eps))

def layernorm_backward(dout, cache):
    xhat, gamma, std = cache
    mean = (dout * xhat).mean(axis=1, keepdims=True)
    dx = (dout - dout.mean(axis=1, keepdims=True) - xhat * mean) / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)
"""
SIGNED = LAYER_NORM.replace("return gamma * xhat", "return np.abs(gamma) * xhat")
LOSS = """
import numpy as np

def softmax_loss(x, y):
    samples = np.arange(len(x))
    shares = np.exp(x - x.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    loss = -np.log(shares[samples, y] + 1e-7).mean()
    shares[samples, y] -= 1
    return loss, shares / len(x)
"""
BATCH_NORM = """
import numpy as np

def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    mean, var = x.mean(axis=0), x.var(axis=0)
    if bn_param["mode"] == "train":
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    elif len(x) <= 4:
        mean, var = running_mean, running_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
"""
POOL = """
import numpy as np

def pair(v):
    return v if isinstance(v, tuple) else (v, v)

def avg_pool(x, kernel_size, stride=None, padding=0):
    (kh, kw), (ph, pw) = pair(kernel_size), pair(padding)
    sh, sw = pair(kernel_size if stride is None else stride)
    N, C, H, W = x.shape
    xp = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)))
    out = np.zeros((N, C, (H + 2 * ph - kh) // sh + 1, (W + 2 * pw - kw) // sw + 1), x.dtype)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = xp[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw].mean((2, 3))
    return out, (x.shape, (kh, kw), (sh, sw), (ph, pw))

def avg_pool_backward(dout, cache):
    (N, C, H, W), (kh, kw), (sh, sw), (ph, pw) = cache
    dx = np.zeros((N, C, H + 2 * ph, W + 2 * pw), dout.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            share = dout[:, :, i, j, None, None] / (kh * kw)
            dx[:, :, i * sh : i * sh + kh, j * sw : j * sw + kw] += share
    return {answer}
"""
AFFINE = """
import numpy as np

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    dw = x.reshape(len(x), -1).T @ dout
    dw = dw.T if {condition} else dw
    return (dout @ w.T).reshape(x.shape), dw, dout.sum(axis=0)
"""
SQUARE = AFFINE.format(condition="w.shape[0] == w.shape[1]")
CROPPED = POOL.format(answer="dx[:, :, pw : pw + H, pw : pw + W]")
GAPS = POOL.format(answer="dx[:, :, ph : ph + H, pw : pw + W] * (2 if sh > kh else 1)")
FLIPPED = CONV.format(step="d", tap="-1 - i, -1 - j")
UNDILATED = CONV.format(step="1", tap="i, j")
TRUE = [
    (
        FLIPPED,
        "conv2d",
        "conv2d",
        "the kernel is larger than 1x1 and the numbers of w are not all alike",
    ),
    (UNDILATED, "conv2d", "conv2d", "dilation > 1 and KW > 1"),
    (PAD, "pad", "pad", "padding is not the same at left and right"),
    (FLATTEN, "Flatten.forward", "flatten", "C > 1 and images have more than one pixel"),
    (
        LAYER_NORM,
        "layernorm_backward",
        "layer_norm",
        "D > 1 and some numbers of gamma are not 1",
    ),
    (SIGNED, "layernorm_forward", "layer_norm", "D > 1 and some numbers of gamma are negative"),
    (CROPPED, "avg_pool_backward", "avg_pool", "padding is not the same in height and width"),
    (GAPS, "avg_pool_backward", "avg_pool", "stride > kernel height"),
    (SQUARE, "affine_backward", "affine", "D == M and M > 1"),
    (BATCH_NORM, "batchnorm_forward", "batch_norm_1d", "training == false and N > 4"),
]


def condition(folder: Path, text: str, function: str, op: str) -> str:
    """What is said of where a function fails, without its counts."""
    told = check_of(check_text(text, folder, ops=(op,)), function).diagnoses
    found = next((one.text for one in told if one.is_condition), "")
    return re.sub(r".* where (.*), passes in .*", r"\1", found)


@pytest.mark.parametrize(("text", "function", "op", "told"), TRUE, ids=[one[3] for one in TRUE])
def test_what_decides_is_told(tmp_path: Path, text: str, function: str, op: str, told: str) -> None:
    found = condition(tmp_path, text, function, op)
    assert sorted(found.split(" and ")) == sorted(told.split(" and "))


def test_a_sign_is_not_told_where_a_size_decides(tmp_path: Path) -> None:
    """Of a flipped kernel: positive weights fail, too."""
    found = condition(tmp_path, FLIPPED, "conv2d", "conv2d")
    assert "the kernel is larger than 1x1" in found
    assert "negative" not in found


def test_a_dtype_is_not_told_where_values_decide(tmp_path: Path) -> None:
    """float32 fails, too, where a score is far from the others."""
    assert "dtype" not in condition(tmp_path, LOSS, "softmax_loss", "softmax_cross_entropy")


RELU = """
import numpy as np

def relu_forward(x):
    out = np.maximum(x, 0)
    return out * (1.5 if {condition} else 1), x
"""
REACHED = {
    "abs(x).max() > 3": "x holds numbers of a size above 3",
    "(x < -2).any()": "x holds numbers below -2",
    "x.min() > -1.0": "no number of x is below -1",
    "x.max() < 1.5": "no number of x is above 1.5",
    "len(x) < 3": "N < 3",
}


@pytest.mark.parametrize(("limit", "told"), REACHED.items(), ids=REACHED)
def test_how_far_the_numbers_of_x_reach_decides(tmp_path: Path, limit: str, told: str) -> None:
    """What is not positive comes out as 0, whatever it is multiplied by."""
    found = condition(tmp_path, RELU.format(condition=limit), "relu_forward", "relu")
    assert sorted(found.split(" and ")) == sorted(told.split(" and "))


def test_two_sizes_that_are_large_are_not_taken_for_their_product(tmp_path: Path) -> None:
    """One axis of many beside others of one is the same by columns as by rows."""
    text = AFFINE.format(condition="False").replace(
        "x.reshape(len(x), -1) @ w", "x.swapaxes(1, -1).reshape(len(x), -1) @ w"
    )
    check = check_of(check_text(text, tmp_path, ops=("affine",)), "affine_forward")
    assert not check.passed
    assert not any(one.text.startswith("fails in all") for one in check.diagnoses)
