"""A gradient that is averaged or summed once more is told so; what only comes near is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from submitted import check_of, check_text

NORM = """
import numpy as np

def group_norm(x, num_groups, weight, bias, eps=1e-5):
    g = x.reshape(len(x), num_groups, -1)
    std = np.sqrt(g.var(-1, keepdims=True) + eps)
    xhat = ((g - g.mean(-1, keepdims=True)) / std).reshape(x.shape)
    shape = (1, -1, *(1,) * (x.ndim - 2))
    return xhat * weight.reshape(shape) + bias.reshape(shape), (xhat, std, weight, num_groups)

def group_norm_backward(dout, cache):
    xhat, std, weight, G = cache
    axes = (0, *range(2, dout.ndim))
    dgamma, dbeta = (dout * xhat).sum(axes), dout.sum(axes)
    shape = (len(dout), G, -1)
    g = (dout * weight.reshape(1, -1, *(1,) * (dout.ndim - 2))).reshape(shape)
    h = xhat.reshape(shape)
    dx = (g - g.mean(-1, keepdims=True) - h * (g * h).mean(-1, keepdims=True)) / std
    dx, C = dx.reshape(dout.shape), len(weight)
    {line}
    return dx, dgamma, dbeta
"""
TOLD = {
    "dgamma = np.repeat(dgamma.reshape(G, -1).mean(1), C // G)": (
        "dgamma is what it should be, but averaged within each group of channels."
    ),
    "dbeta = np.repeat(dbeta.reshape(G, -1).sum(1), C // G)": (
        "dbeta is what it should be, but summed within each group of channels."
    ),
    "dx = dx.mean(0, keepdims=True) + 0 * dx": (
        "dx is what it should be, but averaged over its samples."
    ),
    "dbeta = np.full_like(dbeta, dbeta.mean())": (
        "dbeta is what it should be, but averaged over all its numbers."
    ),
}
UNLIKE = (
    "dgamma = np.repeat(np.median(dgamma.reshape(G, -1), axis=1), C // G)",
    "dgamma = np.repeat(dgamma.reshape(G, -1)[:, :2].mean(1), C // G)",
    "dx = (dx + dx[::-1]) / 2",
)


def why(folder: Path, line: str) -> str:
    report = check_text(NORM.format(line=line), folder, ops=("group_norm",))
    check = check_of(report, "group_norm_backward")
    assert not check.passed
    return " ".join(one.text for one in check.diagnoses if not one.is_condition)


@pytest.mark.parametrize(("line", "says"), TOLD.items(), ids=TOLD)
def test_what_is_averaged_once_more_is_told(tmp_path: Path, line: str, says: str) -> None:
    assert why(tmp_path, line) == says


@pytest.mark.parametrize("line", UNLIKE)
def test_what_is_a_mean_of_two_only_is_none_of_more(tmp_path: Path, line: str) -> None:
    """Of two the median is the mean, and so are the first two of them."""
    told = why(tmp_path, line)
    assert "averaged" not in told
    assert "summed" not in told


def test_where_other_cases_pass_it_is_said_of_those_that_fail(tmp_path: Path) -> None:
    line = "odd = int(np.floor(np.abs(dout).sum() * 64)) % 2\n    "
    told = why(tmp_path, f"{line}dbeta = np.full_like(dbeta, dbeta.mean()) if odd else dbeta")
    assert told.startswith("In the ")
    assert told.endswith("Other cases, in which that would make a difference, pass.")
