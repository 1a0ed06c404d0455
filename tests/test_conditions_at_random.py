"""Conditions that fit every case that was looked at, and are false: cases of any sizes tell."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

from layercheck.reporting.records import Check

CONV = """
import numpy as np

def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    {wide}
    padded = np.pad(x, ((0, 0), (0, 0), (wide, wide), (wide, wide)))
    KH, KW = w.shape[2:]
    OH, OW = (x.shape[2] + 2 * p - KH) // s + 1, (x.shape[3] + 2 * p - KW) // s + 1
    out = np.zeros((len(x), len(w), OH, OW), x.dtype)
    for i in range(OH):
        for j in range(OW):
            window = padded[:, :, i * s : i * s + KH, j * s : j * s + KW]
            out[:, :, i, j] = np.tensordot(window, w, ((1, 2, 3), (1, 2, 3))) + {bias}
    return out, (x, w, b, conv_param)

def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dpadded, dw, (KH, KW) = np.zeros_like(padded), np.zeros_like(w), w.shape[2:]
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left = i * s, {left}
            window = padded[:, :, top : top + KH, left : left + KW]
            dw += np.tensordot(dout[:, :, i, j], window, ((0,), (0,)))
            dpadded[:, :, top : top + KH, left : left + KW] += np.tensordot(dout[:, :, i, j], w, 1)
    dx = dpadded[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    return dx, dw, dout.sum(axis=(0, 2, 3))
"""
RIGHT = {"wide": "wide = p", "bias": "b", "left": "j * s"}
POOL = """
import numpy as np

def max_pool_forward_naive(x, pool_param):
    KH, KW, s = (pool_param[n] for n in ("pool_height", "pool_width", "stride"))
    OH, OW = (x.shape[2] - KH) // s + 1, (x.shape[3] - KW) // s + 1
    out = np.zeros((*x.shape[:2], OH, OW), x.dtype)
    for i in range(OH):
        for j in range(OW):
            window = x[:, :, i * s : i * s + KH, j * s : j * s + KW]
            out[:, :, i, j] = np.max(window, axis=(2, 3), initial=-100)
    return out, (x, pool_param)
"""
NORM = """
import numpy as np

def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    N, C, H, W = x.shape
    running_mean = bn_param.get("running_mean", np.zeros(C, x.dtype))
    running_var = bn_param.get("running_var", np.zeros(C, x.dtype))
    rows = x.transpose(0, 2, 3, 1).reshape(-1, C)
    if bn_param["mode"] == "train":
        mean, var = rows.mean(0), rows.var(0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    else:
        mean, var = running_mean, running_var
    out = gamma * (rows - mean) / np.sqrt(var + eps) + beta
    return out.reshape(N, W, H, C).transpose(0, 3, 2, 1), None
"""
SVM = """
import numpy as np

def svm_loss(x, y):
    rows = np.arange(len(x))
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    dx = (margins > 0).astype(x.dtype)
    dx[rows, y] -= dx.sum(axis=1)
    return np.minimum(margins, 10).sum() / len(x), dx / len(x)
"""
MISLEADING = [
    (CONV.format(**{**RIGHT, "left": "j"}), "conv_backward_naive", "W != OW"),
    (
        CONV.format(**{**RIGHT, "wide": "wide = min(p, w.shape[2] - 1)"}),
        "conv_forward_naive",
        "H < OH",
    ),
    (CONV.format(**{**RIGHT, "bias": "b[np.minimum(np.arange(len(b)), 3)]"}), "", "the weights"),
    (POOL, "max_pool_forward_naive", "no number of x"),
    (NORM, "spatial_batchnorm_forward", "numbers in one row"),
]


def told(report: object, name: str) -> Check:
    return check_of(report, name)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "name", "false"), MISLEADING, ids=[m[2] for m in MISLEADING])
def test_what_goes_with_the_cause_in_all_that_is_asked_is_not_told(
    tmp_path: Path, text: str, name: str, false: str
) -> None:
    report = check_text(text, tmp_path)
    assert report.failing_checks
    said = " ".join(d.text for check in report.failing_checks for d in check.diagnoses)
    assert false not in said
    assert not name or not told(report, name).passed


def test_what_is_wrong_in_some_channels_is_not_told_of_all_after_the_first(tmp_path: Path) -> None:
    bias = "b[np.minimum(np.arange(len(b)), 3)]"
    report = check_text(CONV.format(**{**RIGHT, "bias": bias}), tmp_path)
    said = " ".join(d.text for d in told(report, "conv_forward_naive").diagnoses)
    assert "where F > 4" in said
    assert "after the first" not in said


def test_no_reason_is_lost_to_an_attribute_that_an_op_lacks(tmp_path: Path) -> None:
    """Fills of a loss with ignored labels are drawn for one without, too."""
    report = check_text(SVM, tmp_path)
    assert not told(report, "svm_loss").passed
    assert "layercheck itself" not in " ".join(d.text for d in told(report, "svm_loss").diagnoses)


RELU = """
import numpy as np

def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return {gradient}
"""


@pytest.mark.parametrize(
    "gradient",
    [
        "dout * (cache > 0) * (np.abs(dout) <= 50)",
        "dout * (cache > 0) * min(1, 100 / (np.linalg.norm(dout) + 1e-30))",
    ],
)
def test_a_gradient_that_goes_by_the_size_of_dout_is_told_as_that(
    tmp_path: Path, gradient: str
) -> None:
    report = check_text(RELU.format(gradient=gradient), tmp_path)
    check = told(report, "relu_backward")
    assert not check.passed
    assert "does not grow as dout does" in " ".join(d.text for d in check.diagnoses)
