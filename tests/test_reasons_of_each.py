"""Every array that fails has its reason or is named apart, what passes has none, and what is shown
fails by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import HOMEWORK, check_of, check_text

from layercheck.cases.parse import parse
from layercheck.mistakes import mistakes
from layercheck.pipeline.one import ask_one
from layercheck.pipeline.options import Options
from layercheck.reporting.records import Check
from layercheck.reporting.verdict import Verdict
from layercheck.upkeep.planted import planted

COURSE = (HOMEWORK / "layers_vectorised.py").read_text(encoding="utf-8")
BEGIN = "import numpy as np\n\n"
LOSS = """
import numpy as np

def svm_loss(x, y):
    N = len(x)
    margins = np.maximum(0, x - x[np.arange(N), y][:, None] + 1)
    loss = margins.sum() / N{of_all}
    wrong = (margins > 0).astype(x.dtype)
    wrong[np.arange(N), y] = 0
    wrong[np.arange(N), y] = -{counted}
    return loss, wrong / N{doubled}
"""


def told(folder: Path, text: str, function: str, op: str) -> Check:
    return check_of(check_text(text, folder, ops=(op,)), function)


def why(check: Check) -> str:
    return " ".join(one.text for one in check.diagnoses if not one.is_condition)


def loss(of_all: str = "", counted: str = "wrong.sum(1)", doubled: str = "") -> str:
    return LOSS.format(of_all=of_all or " - 1", counted=counted, doubled=doubled)


def test_an_array_that_a_reason_does_not_explain_is_named_apart(tmp_path: Path) -> None:
    """The loss counts the right class too, and halves what it should not; dx is doubled."""
    check = told(tmp_path, loss(" * 1.01 + 0.1", doubled=" * 2"), "svm_loss", "svm_loss")
    assert why(check) == (
        "dx is 2 times what it should be. out is wrong as well: this does not say why."
    )
    assert check.diagnoses[-1].arrays == ["dx"]


def test_how_often_an_array_is_wrong_is_told_where_another_is_so_in_more(tmp_path: Path) -> None:
    text = loss(" * 1.01 + 0.1", doubled=" * (1 if N < 5 else 2)")
    check = told(tmp_path, text, "svm_loss", "svm_loss")
    assert "dx is 2 times what it should be, in " in why(check)
    assert f" of {check.failed} failing cases; it is right in " in why(check)


def test_a_wrong_column_of_the_label_is_told(tmp_path: Path) -> None:
    check = told(tmp_path, loss(counted="1"), "svm_loss", "svm_loss")
    assert why(check) == "dx is wrong only in the column of the label."


def test_a_mask_is_no_matter_of_factors(tmp_path: Path) -> None:
    """Whole samples are dropped: each number is right for the mask that was drawn."""
    text = (
        BEGIN
        + """
def dropout_forward(x, dropout_param):
    p, mode = dropout_param["p"], dropout_param["mode"]
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    mask, out = None, x
    if mode == "train":
        kept = np.random.rand(len(x), *(1,) * (x.ndim - 1)) < p
        mask = kept / p * np.ones_like(x)
        out = x * mask
    return out.astype(x.dtype, copy=False), (dropout_param, mask)
"""
    )
    check = told(tmp_path, text, "dropout_forward", "dropout")
    assert not check.passed
    assert "factor" not in why(check)


# ---------------------------------------------------------------------- alone, and whose it is

KEPT = """
import numpy as np
_seen = {}

def affine_forward(x, w, b):
    key = x.shape + w.shape
    if key not in _seen:
        _seen[key] = b.copy()
    return x.reshape(len(x), -1) @ w + _seen[key], (x, w, b)
"""
COUNTED = """
import numpy as np
count = 0

def relu_forward(x):
    global count
    count += 1
    out = np.maximum(x, 0)
    return (out * 1.5 if count > 5 else out), x
"""


@pytest.mark.parametrize(
    ("text", "function", "op"),
    [(KEPT, "affine_forward", "affine"), (COUNTED, "relu_forward", "relu")],
)
def test_what_fails_after_other_calls_only_is_told_so(
    tmp_path: Path, text: str, function: str, op: str
) -> None:
    check = told(tmp_path, text, function, op)
    assert not check.smallest
    assert [one.kind for one in check.diagnoses] == ["relation"]
    assert why(check).startswith("It fails after other calls only: asked first of all, ")
    assert "outlives a call" in check.diagnoses[0].hint


def test_a_smallest_case_fails_by_itself(tmp_path: Path) -> None:
    """A table of earlier answers hides small cases of a wrong function from each other."""
    text = BEGIN + "_seen = {}\n\ndef relu_forward(x):\n    key = x.shape\n"
    text += "    if key not in _seen:\n        _seen[key] = np.abs(x)\n    return _seen[key], x\n"
    check = told(tmp_path, text, "relu_forward", "relu")
    assert check.smallest
    assert not ask_one(str(tmp_path / "layers.py"), parse(check.smallest), Options()).passed


SIGMOID = (
    BEGIN
    + """
class Sigmoid:
    def forward(self, x):
        self.out = {}
        return self.out
    def backward(self, dout):
        return dout * self.out * (1 - self.out)
"""
)


def test_a_backward_that_owes_its_lost_digits_to_the_forward_is_right_for_it(
    tmp_path: Path,
) -> None:
    half = "1 / (1 + np.exp(-np.abs(x)))"
    report = check_text(SIGMOID.format(f"np.where(x > 0, {half}, 1 - {half})"), tmp_path)
    forward, backward = (check_of(report, f"Sigmoid.{n}") for n in ("forward", "backward"))
    assert forward.verdict is Verdict.INACCURATE
    assert backward.passed
    assert "dx is right for its own forward, which loses its digits" in backward.note


def test_a_backward_that_owes_its_error_to_the_forward_says_so(tmp_path: Path) -> None:
    (mistake,) = (m for m in mistakes(["dropout"]) if m.name == "mask_inferred_from_the_output")
    report = check_text(planted(mistake, "vectorised", "own"), tmp_path)
    assert check_of(report, "dropout").passed
    backward = check_of(report, "dropout_backward")
    assert why(backward).startswith("The forward's mistake shows in its gradient: Backward takes")
    assert backward.diagnoses[-1].hint == "In the forward: Keep the mask itself in the cache."


# ---------------------------------------------------------------------- normalizations

NORM = """
import numpy as np

def group_norm(x, num_groups, weight, bias, eps=1e-5):
    N, C = x.shape[:2]
    g = x.reshape(N, num_groups, -1)
    mean, var = {mean}, {var}
    xhat = ((g - mean) / {scale}).reshape(x.shape)
    shape = (1, C, *(1,) * (x.ndim - 2))
    return xhat * weight.reshape(shape) + bias.reshape(shape)
"""
STATISTICS = {
    "mean": "g.mean(-1, keepdims=True)",
    "var": "g.var(-1, keepdims=True)",
    "scale": "np.sqrt(var + eps)",
}


@pytest.mark.parametrize(
    ("place", "line", "says"),
    [
        (
            "var",
            "g.var((0, -1), keepdims=True)",
            "of a variance over samples, channels, rows and columns",
        ),
        ("mean", "np.median(g, -1, keepdims=True)", "with the median for the mean"),
        ("scale", "np.sqrt(var + 2 * eps)", "out equals what eps = 2 eps gives."),
        ("scale", "np.sqrt(var * g.shape[-1] + eps)", "with a sum of squares for the variance"),
        ("var", "(g * g).mean(-1, keepdims=True)", "with the mean of the squares for the variance"),
    ],
)
def test_other_statistics_of_a_group_are_told(
    tmp_path: Path, place: str, line: str, says: str
) -> None:
    text = NORM.format(**{**STATISTICS, place: line})
    reason = why(told(tmp_path, text, "group_norm", "group_norm"))
    assert reason in (says, f"out is what comes {says}.")


def test_sums_of_a_gradient_over_other_axes_are_told(tmp_path: Path) -> None:
    """The mean of dout over the samples too."""
    text = (
        BEGIN
        + """
def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    mean, var = x.mean(1, keepdims=True), x.var(1, keepdims=True)
    xhat = (x - mean) / np.sqrt(var + eps)
    return gamma * xhat + beta, (xhat, gamma, var, eps)

def layernorm_backward(dout, cache):
    xhat, gamma, var, eps = cache
    g = dout * gamma
    dx = g - g.mean() - xhat * (g * xhat).mean(1, keepdims=True)
    return dx / np.sqrt(var + eps), (dout * xhat).sum(0), dout.sum(0)
"""
    )
    check = told(tmp_path, text, "layernorm_backward", "layer_norm")
    assert why(check) == "dx is what comes of a sum of dout over all axes."


def test_a_softmax_over_the_wrong_axis_is_told(tmp_path: Path) -> None:
    text = BEGIN + "class Softmax:\n    def forward(self, x):\n"
    text += (
        "        e = np.exp(x - x.max(axis=-1, keepdims=True))\n        return e / e.sum(axis=0)\n"
    )
    check = check_of(check_text(text, tmp_path), "Softmax.forward")
    assert why(check) == (
        "out is what comes of the right largest number, but a sum over every other axis."
    )


AFFINE = """
import numpy as np

def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    dx, dw, db = (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
    {change}
    return dx, dw, db
"""
IN_PLACES = {
    "dw[:, 0] = 0": "dw is 0 where it is wrong; it is wrong only in the first column.",
    "dw[-1] *= 2": "dw is 2 times what it should be where it is wrong; "
    "it is wrong only in the last row.",
    "dx[0] *= -1": "dx has the wrong sign where it is wrong; it is wrong only in the first sample.",
    "dw[:, 1:] /= 2": "dw is 1/2 of what it should be where it is wrong; "
    "it is wrong only after the first column.",
    "dw[:, ::2] = 0": "dw is 0 where it is wrong.",
}


@pytest.mark.parametrize(("change", "reason"), IN_PLACES.items(), ids=IN_PLACES)
def test_arrays_of_one_place_leave_the_place_told(tmp_path: Path, change: str, reason: str) -> None:
    check = told(tmp_path, AFFINE.format(change=change), "affine_backward", "affine")
    assert why(check) == reason


def test_a_share_that_is_1_is_a_share(tmp_path: Path) -> None:
    """1 - momentum is 0 where the running mean is to be the batch's."""
    right = 'bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean'
    text = (HOMEWORK / "layers.py").read_text(encoding="utf-8")
    assert right in text
    text = text.replace(
        right,
        right.replace("momentum * r", "(1 - momentum) * r", 1).replace(
            ") * mean", ") * 0 + momentum * mean"
        ),
    )
    check = told(tmp_path, text, "batchnorm_forward", "batch_norm_1d")
    assert why(check).startswith("running_mean equals what momentum = 1 - momentum gives.")


BATCH_NORM = """
import numpy as np

def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    mean, var = x.mean(axis=0), x.var(axis=0)
    if bn_param["mode"] == "train":
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
    bn_param["running_mean"], bn_param["running_var"] = running_mean, running_var
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None
"""


def test_statistics_of_the_batch_in_test_mode_are_named_though_one_sample_has_none(
    tmp_path: Path,
) -> None:
    """Of one sample the variance is 0, which the layer refuses in training."""
    check = check_of(check_text(BATCH_NORM, tmp_path), "batchnorm_forward")
    assert "The batch's statistics are used outside training too." in why(check)
