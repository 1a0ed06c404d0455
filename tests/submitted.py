"""Homework files as text, and how they are checked."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from layercheck.pipeline.many import check_file
from layercheck.pipeline.options import Options
from layercheck.reporting.records import Check
from layercheck.reporting.report import Report
from layercheck.reporting.verdict import Verdict

ROOT = Path(__file__).parents[1]
INSTALLED = any(e.value == "layercheck.plugin" for e in entry_points(group="pytest11"))
PLUGIN = [] if INSTALLED else ["-p", "layercheck.plugin"]
"""What loads the plugin, where it is not installed; twice it cannot be."""

HOMEWORK = ROOT / "examples" / "homework"
REWRITES = sorted(
    p for p in (ROOT / "tests" / "rewrites").glob("*.*") if p.suffix in (".py", ".ipynb")
)
ATTACKS = sorted(p for p in (ROOT / "tests" / "attacks").glob("*.py") if p.stem != "__init__")


def layercheck(
    *arguments: str, cwd: Path = ROOT, path: str = str(ROOT)
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "layercheck", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": path},
    )


def failing(report: Report) -> dict[str, Verdict]:
    return {check.target: check.verdict for check in report.failing_checks}


def check_of(report: Report, function: str) -> Check:
    (found,) = (check for check in report.checks if check.target == function)
    return found


HONEST = """
import numpy as np

def relu_forward(x):
    return np.maximum(x, 0), x

def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
OTHERS = """
import layercheck
import numpy as np

@layercheck.implements("relu")
def conv_forward_naive(x):
    return np.maximum(x, 0)

def max_pool_forward_naive(x):
    n, c, h, w = x.shape
    tiles = x[:, :, : h // 2 * 2, : w // 2 * 2].reshape(n, c, h // 2, 2, w // 2, 2)
    return tiles.max((3, 5)), x
"""
"""Functions by names that an assignment has, which are other layers or take fewer settings."""

BATCH_NORM = """
import numpy as np

class BatchNorm1d:
    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        self.gamma, self.beta = np.ones(num_features), np.zeros(num_features)
        self.running_mean, self.running_var = np.zeros(num_features), np.ones(num_features)
        self.eps, self.momentum, self.training = eps, momentum, True

    def forward(self, x):
        mean, var = self.running_mean, self.running_var
        if self.training:
            mean, var = x.mean(0), x.var(0)
            kept = 1 - self.momentum
            self.running_mean = kept * self.running_mean + self.momentum * mean
            self.running_var = kept * self.running_var + self.momentum * x.var(0, ddof=1)
            {after}
        return (x - mean) / np.sqrt(var + self.eps) * self.gamma + self.beta
"""
AFFINE = """
def affine_forward(x, w, b):
    return x.reshape(len(x), -1) @ w + b, (x, w)

def affine_backward(dout, cache):
    x, w = cache
    return (dout @ w.T).reshape(x.shape), x.reshape(len(x), -1).T @ dout, dout.sum(axis=0)
"""
WRONG_FORWARD = """
import numpy as np

def relu_forward(x):
    return np.where(x > 0, 2 * x, 0), x  # twice too large

def relu_backward(dout, cache):
    return np.where(cache > 0, 2 * dout, 0)  # right for that forward
"""


def check_text(text: str, folder: Path, **options: Any) -> Report:
    path = folder / "layers.py"
    path.write_text(text)
    return check_file(path, Options(**options))


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()
