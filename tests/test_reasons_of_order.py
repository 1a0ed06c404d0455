"""Right numbers in another order: a reshape without the transpose, told where nothing speaks against
it, and of nothing that only looks so."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

CONV = """
import numpy as np

def conv2d(x, w, b=None, stride=1, padding=0):
    windows = windows_of(x, w, stride, padding)
    N, OH, OW = windows.shape[:3]
    rows = windows.reshape(N * OH * OW, -1) @ w.reshape(len(w), -1).T
    rows = rows if b is None else rows + b
    return {out}, (x, w, b, stride, padding)

def windows_of(x, w, stride, padding):
    p = padding
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    view = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], axis=(2, 3))
    return view[:, :, ::stride, ::stride].transpose(0, 2, 3, 1, 4, 5)

def conv2d_backward(dout, cache):
    x, w, b, stride, p = cache
    N, F, OH, OW = dout.shape
    windows = windows_of(x, w, stride, p).reshape(N * OH * OW, -1)
    rows = dout.transpose(0, 2, 3, 1).reshape(-1, F)
    dw = {dw}
    dxp = np.pad(np.zeros_like(x), ((0, 0), (0, 0), (p, p), (p, p)))
    for i in range(OH):
        for j in range(OW):
            at = np.s_[:, :, i * stride : i * stride + w.shape[2], j * stride : j * stride + w.shape[3]]
            dxp[at] += np.einsum("nf,fcij->ncij", dout[:, :, i, j], w)
    db = None if b is None else dout.sum((0, 2, 3))
    return dxp[:, :, p : p + x.shape[2], p : p + x.shape[3]], dw, db
"""
RIGHT = {
    "out": "rows.reshape(N, OH, OW, -1).transpose(0, 3, 1, 2)",
    "dw": "(rows.T @ windows).reshape(w.shape)",
}


def why(folder: Path, text: str, function: str, op: str) -> str:
    check = check_of(check_text(text, folder, ops=(op,)), function)
    assert not check.passed
    return " ".join(one.text for one in check.diagnoses if not one.is_condition)


@pytest.mark.parametrize(
    ("array", "line", "says"),
    [
        (
            "out",
            "rows.reshape(N, -1, OH, OW)",
            "out is right, but laid out as (sample, row, column, channel), then reshaped without a "
            "transpose.",
        ),
        (
            "out",
            "rows.reshape(N, OH, OW, -1).transpose(0, 3, 2, 1).reshape(N, -1, OH, OW)",
            "out is right, but laid out as (sample, channel, column, row), then reshaped without a "
            "transpose.",
        ),
        (
            "dw",
            "(windows.T @ rows).reshape(w.shape)",
            "dw is right, but laid out as (channel, kernel row, kernel column, filter), then "
            "reshaped without a transpose.",
        ),
    ],
)
def test_a_reshape_without_the_transpose_is_told_with_its_axes(
    tmp_path: Path, array: str, line: str, says: str
) -> None:
    function = "conv2d" if array == "out" else "conv2d_backward"
    text = CONV.format(**{**RIGHT, array: line})
    assert why(tmp_path, text, function, "conv2d") == says


RELU = """
import numpy as np

def relu(x):
    out = np.maximum(x, 0)
    return {}
"""


def test_a_transpose_of_squares_alone_is_no_reshape(tmp_path: Path) -> None:
    """Of squares the two are alike; the others would tell, and pass."""
    text = RELU.format("out.T if out.ndim == 2 and len(out) == len(out.T) else out")
    told = why(tmp_path, text, "relu", "relu")
    assert "reshape" not in told
    assert "laid out" not in told


def test_what_passes_elsewhere_limits_what_is_told(tmp_path: Path) -> None:
    """What decides is no condition that is known: the reason is said of those that fail alone."""
    reshaped = "rows.reshape(N, -1, OH, OW)"
    odd = f"{reshaped} if int(np.floor(np.abs(x).sum() * 64)) % 2 else {RIGHT['out']}"
    told = why(tmp_path, CONV.format(**{**RIGHT, "out": odd}), "conv2d", "conv2d")
    assert told.startswith("In the ")
    assert told.endswith("Other cases, in which that would make a difference, pass.")


def test_channels_that_turn_round_are_no_reshape(tmp_path: Path) -> None:
    """At two channels and few pixels the numbers may lie alike."""
    text = CONV.format(**{**RIGHT, "out": RIGHT["out"] + "[:, ::-1]"})
    assert (
        why(tmp_path, text, "conv2d", "conv2d")
        == "out is right, but flipped along its channel axis."
    )


def test_a_gradient_that_is_reshaped_before_use_is_told(tmp_path: Path) -> None:
    text = """
import numpy as np

def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    eps, axes = bn_param.get("eps", 1e-5), (0, 2, 3)
    std = np.sqrt(x.var(axis=axes, keepdims=True) + eps)
    xhat = (x - x.mean(axis=axes, keepdims=True)) / std
    return gamma[:, None, None] * xhat + beta[:, None, None], (xhat, gamma, std)

def spatial_batchnorm_backward(dout, cache):
    xhat, gamma, std = cache
    N, C, H, W = dout.shape
    dout = dout.reshape(N, H, W, C).transpose(0, 3, 1, 2)
    axes = (0, 2, 3)
    dgamma, dbeta = (dout * xhat).sum(axis=axes), dout.sum(axis=axes)
    g = dout * gamma[:, None, None]
    dx = g - g.mean(axis=axes, keepdims=True) - xhat * (g * xhat).mean(axis=axes, keepdims=True)
    return dx / std, dgamma, dbeta
"""
    told = why(tmp_path, text, "spatial_batchnorm_backward", "batch_norm")
    for name in ("dx", "dgamma", "dbeta"):
        assert (
            f"{name} equals what the layer gives for dout reshaped as if its channels came" in told
        )
