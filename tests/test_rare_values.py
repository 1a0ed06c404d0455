"""Faults that show at rare values only: zeros, tiny numbers, an attribute of 0, a second step of
training, sizes beyond a number that the code names."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import HOMEWORK, check_text

CONV = """
import numpy as np

def conv2d(x, w, b=None, stride=1, padding=0):
    p, s = padding, stride
    x = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    views = np.lib.stride_tricks.sliding_window_view(x, w.shape[2:], (2, 3))[:, :, ::s, ::s]
    out = np.einsum("nchwij,fcij->nfhw", views, w)
    return out if b is None else out + b[:, None, None]
"""
TANH = """
import numpy as np

def tanh(x):
    return np.tanh(x), np.tanh(x)

def tanh_backward(dout, cache):
    return dout * (1 - cache ** 2)
"""
RELU = """
import numpy as np

def relu_forward(x):
    return x * (x > 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
LAYER_NORM = """
import numpy as np

def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    axes = tuple(range(-len(normalized_shape), 0))
    x = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + eps)
    x = x if weight is None else x * weight
    return x if bias is None else x + bias
"""
SVM = """
import numpy as np

def svm_loss(x, y):
    n = np.arange(len(x))
    margins = np.maximum(0, x - x[n, y][:, None] + 1)
    margins[n, y] = 0
    dx = (margins > 0).astype(x.dtype)
    dx[n, y] -= dx.sum(axis=1)
    return margins.sum() / len(x), dx / len(x)
"""
COURSE = (HOMEWORK / "layers_vectorised.py").read_text(encoding="utf-8")
UPDATE = 'bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean'
NORMED = (
    "return gamma * xhat + beta, (xhat, gamma, std)\n\n\ndef layernorm_backward(dout, cache):\n"
)
MASKED = "out = x * mask\n"
GRADIENT = 'return dout * mask if dropout_param["mode"] == "train" else dout'

PROBED = {
    "weights divided by their norm": (
        CONV,
        {"views, w)": "views, w / np.linalg.norm(w)) * np.linalg.norm(w)"},
        "zeros",
    ),
    "dout divided by its maximum": (
        TANH,
        {"dout * (": "np.abs(dout).max() * (dout / np.abs(dout).max()) * ("},
        "zeros",
    ),
    "a threshold of 1e-12": (RELU, {"x * (x > 0)": "x * (x / np.abs(x + 1e-12) > 0.5)"}, "zeros"),
    "a bias with any weight": (LAYER_NORM, {"x + bias": "x + bias * np.any(x)"}, "zeros"),
    "statistics of the first step alone": (
        COURSE,
        {
            UPDATE: f'seen = bn_param.setdefault("seen", [])\n    if not seen:\n        {UPDATE}\n'
            "    seen.append(1)"
        },
        "modes",
    ),
    "a cache in the dictionary": (
        COURSE,
        {
            NORMED: NORMED.replace("return", "ln_param[0] = xhat\n    return").replace(
                "(xhat, gamma", "(ln_param, gamma"
            )
            + "    cache = (cache[0][0], *cache[1:])\n"
        },
        "dictionary",
    ),
    "a mask that stays": (
        COURSE,
        {
            MASKED: f"{MASKED}        KEPT[0] = mask\n",
            GRADIENT: "return dout * KEPT[0] if KEPT and KEPT[0].shape == dout.shape else dout\n\n\n"
            "KEPT = {}",
        },
        "modes",
    ),
}
ASKED = {
    "an attribute of 0 for none": (
        COURSE,
        {'bn_param.get("momentum", 0.9)': '(bn_param.get("momentum") or 0.9)'},
    ),
    "pieces": (CONV, {"b[:, None, None]": "np.resize(b[:24], len(b))[:, None, None]"}),
    "a cap": (SVM, {"dx.sum(axis=1)": "np.minimum(dx.sum(axis=1), 64.0)"}),
}


@pytest.mark.parametrize("text", [CONV, TANH, RELU, LAYER_NORM, SVM, COURSE])
def test_what_is_right_at_rare_values_passes(text: str, tmp_path: Path) -> None:
    report = check_text(text, tmp_path)
    assert report.checks
    assert not report.failing_checks


@pytest.mark.parametrize("name", PROBED)
def test_a_probe_sees_it(name: str, tmp_path: Path) -> None:
    text, changes, probe = PROBED[name]
    report = check_text(changed(text, changes), tmp_path)
    assert report.failing_checks
    assert {probe, ""} & {one.probe for one in report.failures}, "by a case, or else by its probe"


@pytest.mark.parametrize("name", ASKED)
def test_a_case_of_its_own_sees_it(name: str, tmp_path: Path) -> None:
    report = check_text(changed(*ASKED[name]), tmp_path)
    assert report.failing_checks
    assert "" in {one.probe for one in report.failures}


def changed(text: str, changes: dict[str, str]) -> str:
    for right, wrong in changes.items():
        assert text.count(right) == 1
        text = text.replace(right, wrong)
    return text
