"""A mistake is named in a layer that follows a convention of its own; what is asked with matrices
only is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from layercheck.pipeline.many import check_file
from layercheck.pipeline.options import Options
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict

NORM = """
import numpy as np

class BatchNorm:
    def __init__(self, gamma, beta, momentum=0.9, eps=1e-5, running_mean=None, running_var=None):
        self.gamma, self.beta, self.momentum, self.eps = gamma, beta, momentum, eps
        self.running_mean, self.running_var = running_mean, running_var

    def forward(self, x, train_flg=True):
        if self.running_mean is None:
            self.running_mean = np.zeros(x.shape[1], dtype=x.dtype)
            self.running_var = np.zeros(x.shape[1], dtype=x.dtype)
        if not train_flg:
            std = np.sqrt(self.running_var + self.eps)
            return self.gamma * (x - self.running_mean) / std + self.beta
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        self.std = np.sqrt(var + self.eps)
        self.xn = (x - mu) / self.std
        self.running_mean = self.momentum * self.running_mean + (1 - self.momentum) * mu
        self.running_var = self.momentum * self.running_var + (1 - self.momentum) * KEPT
        return self.gamma * self.xn + self.beta

    def backward(self, dout):
        self.dbeta = dout.sum(axis=0)
        self.dgamma = (dout * self.xn).sum(axis=0)
        g = dout * self.gamma
        return (g - g.mean(axis=0) - self.xn * (g * self.xn).mean(axis=0)) / self.std
"""

OVER_ROWS = """
import numpy as np

def softmax(x):
    power = np.exp(x - x.max(axis=1, keepdims=True))
    out = power / power.sum(axis=1, keepdims=True)
    return out, out

def softmax_backward(dout, out):
    return out * (dout - (dout * out).sum(axis=1, keepdims=True))
"""


SOFTPLUS = """
import numpy as np

def softplus(x, beta=1.0):
    z = beta * x
    return (np.maximum(z, 0) + np.log1p(np.exp(-np.abs(z)))) / beta, z

def softplus_backward(dout, z):
    e = np.exp(-np.abs(z))
    return dout * np.where(z > 2, 1, np.where(z >= 0, 1 / (1 + e), e / (1 + e)))
"""


def checked(folder: Path, text: str) -> Report:
    path = folder / "layers.py"
    path.write_text(text)
    return check_file(path, Options())


def test_a_mistake_is_named_beside_a_convention(tmp_path: Path) -> None:
    report = checked(tmp_path, NORM.replace("KEPT", "self.std**2"))
    wrong = next(one for one in report.checks if one.verdict is Verdict.WRONG)
    assert [one.names for one in wrong.diagnoses if not one.is_condition] == [
        ["eps_in_the_running_variance"]
    ]


@pytest.mark.parametrize("kept", ["var", "x.var(axis=0, ddof=1)"])
def test_the_convention_alone_is_no_mistake(tmp_path: Path, kept: str) -> None:
    report = checked(tmp_path, NORM.replace("KEPT", kept))
    assert all(one.verdict.passes for one in report.checks)


def test_a_forward_by_a_convention_is_right_beside_a_wrong_backward(tmp_path: Path) -> None:
    forward, backward = checked(tmp_path, SOFTPLUS).checks
    assert forward.verdict is Verdict.CONVENTION
    assert backward.verdict is Verdict.WRONG


def test_what_is_asked_with_matrices_only_is_told(tmp_path: Path) -> None:
    report = checked(tmp_path, OVER_ROWS)
    assert [one.verdict.passes for one in report.checks] == [True, True]
    assert all("asked with matrices only" in one.note for one in report.checks)
    whole = OVER_ROWS.replace("(x)", "(x, axis=-1)").replace("axis=1", "axis=axis")
    whole = whole.replace("return out, out", "return out, (out, axis)")
    whole = whole.replace("(dout, out):", "(dout, cache):\n    out, axis = cache")
    assert not any("matrices" in one.note for one in checked(tmp_path, whole).checks)
