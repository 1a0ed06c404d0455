"""The number in a reason is the one in the file, or what it lies between; what only looks like a
limit has none."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

BEGIN = "import numpy as np\n\n"
CONV = (
    BEGIN
    + """
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    {line}
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    windows = np.lib.stride_tricks.sliding_window_view(xp, w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    return np.einsum("nchwij,fcij->nfhw", windows, w) + b[:, None, None], None
"""
)
RELU = BEGIN + "def relu(x):\n    return {}\n"
LEAKY = BEGIN + "def leaky_relu(x, negative_slope=0.01):\n    return {}\n"
LOSS = (
    BEGIN
    + """
def svm_loss(x, y):
    N = len(x)
    margins = np.maximum(0, x - x[np.arange(N), y][:, None] + 1)
    margins[np.arange(N), y] = 0
    {line}
    wrong = (margins > 0).astype(x.dtype)
    wrong[np.arange(N), y] = -wrong.sum(1)
    return margins.sum() / N, wrong / N
"""
)


def why(folder: Path, text: str, function: str, op: str) -> str:
    check = check_of(check_text(text, folder, ops=(op,)), function)
    assert not check.passed
    return " ".join(one.text for one in check.diagnoses if not one.is_condition)


GIVES = "out equals what the layer gives for x "
TOLD = {
    "conv, both sides": (CONV, "x = np.clip(x, -2, 2)", "cut off at -2 and 2."),
    "conv, above": (CONV, "x = np.minimum(x, 0.7)", "cut off above 0.7."),
    "leaky relu, below": (
        LEAKY,
        "np.where(x > 0, x, negative_slope * np.maximum(x, -1))",
        "cut off below -1.",
    ),
    "relu, above 0.1": (RELU, "np.where(x > 0.1, x, 0)", "with 0 for what is below 0.1."),
    "relu, up to 30": (
        RELU,
        "np.where(x > 30, 0, np.maximum(x, 0))",
        "with 0 for what is above 30.",
    ),
}


@pytest.mark.parametrize(("text", "line", "says"), TOLD.values(), ids=TOLD)
def test_where_x_is_cut_off_is_told(tmp_path: Path, text: str, line: str, says: str) -> None:
    function = text.partition("def ")[2].partition("(")[0]
    op = {"conv_forward_naive": "conv2d"}.get(function, function)
    filled = text.format(line, line=line)
    assert why(tmp_path, filled, function, op) == f"{GIVES}{says}"


UNLIKE = {
    "a number that nobody writes": (RELU, "np.where(x > 0.1357, x, 0)"),
    "a number between two that people write": (RELU, "np.where(x > 350, 0, np.maximum(x, 0))"),
    "a limit and another slope": (RELU, "np.where(x > 2, 2 + (x - 2) / 8, np.maximum(x, 0))"),
    "noise below it": (RELU, "np.where((x > 0.1) | (np.floor(x * 4096) % 2 == 0), x, 0) * (x > 0)"),
    "where another number is large": (
        RELU,
        "np.maximum(x, 0) if abs(x).max() < 2 else np.minimum(np.maximum(x, 0), 1)",
    ),
}


@pytest.mark.parametrize(("text", "line"), UNLIKE.values(), ids=UNLIKE)
def test_what_only_looks_cut_off_is_not_told_so(tmp_path: Path, text: str, line: str) -> None:
    assert "what the layer gives for x" not in why(tmp_path, text.format(line), "relu", "relu")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("margins[margins < 0.3] = 0", "out is what comes of margins below 0.3 counted as 0."),
        ("margins = np.minimum(margins, 2)", "out is what comes of margins cut off above 2."),
    ],
)
def test_what_is_done_to_margins_is_told(tmp_path: Path, line: str, says: str) -> None:
    assert why(tmp_path, LOSS.format(line=line), "svm_loss", "svm_loss").startswith(says)


def test_margins_below_a_number_of_their_own_are_not_told(tmp_path: Path) -> None:
    """A third of the largest: the smallest cases look like 0.3."""
    line = "margins[margins < margins.max(axis=1, keepdims=True) / 3] = 0"
    assert "margins" not in why(tmp_path, LOSS.format(line=line), "svm_loss", "svm_loss")


DROPOUT = (
    BEGIN
    + """
def dropout_forward(x, dropout_param):
    p, mode, mask = dropout_param["p"], dropout_param["mode"], None
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"])
    if mode == "train":
        mask = np.random.rand(*x.shape) < p
        x = (x * mask * {scale}).astype(x.dtype)
    return x, (dropout_param, mask)
"""
)
GUARDED = "with a small number where that would be a division by 0"


def of_dropout(folder: Path, scale: str) -> str:
    return why(folder, DROPOUT.format(scale=scale), "dropout_forward", "dropout")


@pytest.mark.parametrize("least", ["1e-3", "1e-8"])
def test_a_share_that_is_kept_from_0_is_told_beside_its_ratio(tmp_path: Path, least: str) -> None:
    told = of_dropout(tmp_path, f"(1 / max(1 - p, {least}))")
    assert f"out is ((1 - p) / p) times what it should be, {GUARDED}." in told


@pytest.mark.parametrize("scale", ["(50 if p == 1 else 1 / max(p, 1e-9))", "(1 / max(1 - p, 0.4))"])
def test_a_number_for_one_share_alone_is_no_ratio(tmp_path: Path, scale: str) -> None:
    assert GUARDED not in of_dropout(tmp_path, scale)
