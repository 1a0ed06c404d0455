"""Tests of the checker as a person meets it: a file goes in, a verdict comes out."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from layercheck.cli import main

ROOT = Path(__file__).parents[2]


@dataclass
class Outcome:
    """What one command came to: its exit status, what it printed, and its JSON report."""

    code: int
    out: str
    err: str
    report: dict[str, Any] = field(default_factory=dict)
    page: str = ""

    def check(self, target: str) -> dict[str, Any]:
        """The check of one function; fails where the report has none."""
        found = [c for c in self.report["checks"] if c["target"] == target]
        assert len(found) == 1, (target, [c["target"] for c in self.report["checks"]])
        return found[0]

    @property
    def not_asked(self) -> dict[str, str]:
        """What no case was put to, with the reason, whether it ought to be asked or not."""
        checks = [c for c in self.report["checks"] if c["verdict"] == "skipped"]
        left_out = {one["name"]: one["reason"] for one in self.report["not_checked"]}
        return {**left_out, **{c["target"]: c["note"] for c in checks}}

    @property
    def failing(self) -> set[str]:
        """The functions that are blamed."""
        return {c["target"] for c in self.report["checks"] if c.get("failed")}


def command(*arguments: str, cwd: Path, **environment: str) -> Outcome:
    """`layercheck ...` in a folder."""
    done = subprocess.run(
        [sys.executable, "-m", "layercheck", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        timeout=1200,
        env={**os.environ, "COLUMNS": "200", "PYTHONPATH": str(ROOT), **environment},
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def command_here(*arguments: str, cwd: Path) -> Outcome:
    """The same in this process, which has imported everything already."""
    out, err = io.StringIO(), io.StringIO()
    before = Path.cwd()
    with patch.dict(os.environ, COLUMNS="200"), redirect_stdout(out), redirect_stderr(err):
        os.chdir(cwd)
        try:
            with pytest.raises(SystemExit) as ended:
                main(arguments)
        finally:
            os.chdir(before)
    assert isinstance(ended.value.code, int)
    return Outcome(ended.value.code, out.getvalue(), err.getvalue())


def check(folder: Path, source: str, *options: str, name: str = "layers.py") -> Outcome:
    """`layercheck check layers.py` of this source, with its reports."""
    (folder / name).write_text(source)
    return check_path(folder, name, *options)


def check_path(folder: Path, subject: str, *options: str) -> Outcome:
    """The same for what lies in the folder already, or for a module there: in a process of its
    own, since a module is imported."""
    files = (folder / "report.json", folder / "report.html")
    for file in files:
        file.unlink(missing_ok=True)
    written = ["--json", str(files[0]), "--html", str(files[1])]
    run = command_here if (folder / subject).is_file() else command
    outcome = run("check", subject, *written, *options, cwd=folder)
    if files[0].exists():
        outcome.report = json.loads(files[0].read_text())
        outcome.page = files[1].read_text().replace("<wbr>", "")  # where a line may break
    return outcome


HEAD = "import numpy as np\n\n"
RELU = """
def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    return dout * (cache > 0)
"""
AFFINE = """
def affine_forward(x, w, b):
    return x.reshape(x.shape[0], -1) @ w + b, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    dx = (dout @ w.T).reshape(x.shape)
    return dx, x.reshape(x.shape[0], -1).T @ dout, dout.sum(axis=0)
"""
CONV = """
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    n, _, h, wide = x.shape
    f, _, hh, ww = w.shape
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    out = np.zeros((n, f, 1 + (h + 2 * p - hh) // s, 1 + (wide + 2 * p - ww) // s))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            window = padded[:, :, i * s : i * s + hh, j * s : j * s + ww]
            out[:, :, i, j] = np.tensordot(window, w, ((1, 2, 3), (1, 2, 3))) + b
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    hh, ww = w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dpadded, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows, cols = slice(i * s, i * s + hh), slice(j * s, j * s + ww)
            dw += np.tensordot(dout[:, :, i, j], padded[:, :, rows, cols], (0, 0))
            dpadded[:, :, rows, cols] += np.tensordot(dout[:, :, i, j], w, (1, 0))
    dx = dpadded[:, :, p : p + x.shape[2], p : p + x.shape[3]]
    return dx, dw, dout.sum(axis=(0, 2, 3))
"""
POOL = """
def max_pool_forward_naive(x, pool_param):
    hh, ww, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    n, c, h, w = x.shape
    out = np.zeros((n, c, 1 + (h - hh) // s, 1 + (w - ww) // s))
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            out[:, :, i, j] = x[:, :, i * s : i * s + hh, j * s : j * s + ww].max(axis=(2, 3))
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    x, pool_param = cache
    hh, ww, s = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros_like(x)
    for n, c, i, j in np.ndindex(*dout.shape):
        window = x[n, c, i * s : i * s + hh, j * s : j * s + ww]
        a, b = np.unravel_index(window.argmax(), window.shape)
        dx[n, c, i * s + a, j * s + b] += dout[n, c, i, j]
    return dx
"""
BATCH_NORM = """
def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean = bn_param.get("running_mean", np.zeros(x.shape[1], x.dtype))
    var = bn_param.get("running_var", np.zeros(x.shape[1], x.dtype))
    if bn_param["mode"] == "train":
        m, v = x.mean(axis=0), x.var(axis=0)
        xhat = (x - m) / np.sqrt(v + eps)
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * m
        bn_param["running_var"] = momentum * var + (1 - momentum) * v
        return gamma * xhat + beta, (xhat, gamma, np.sqrt(v + eps))
    return gamma * (x - mean) / np.sqrt(var + eps) + beta, None


def batchnorm_backward(dout, cache):
    xhat, gamma, std = cache
    dxhat = dout * gamma
    dx = (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0)) / std
    return dx, (dout * xhat).sum(axis=0), dout.sum(axis=0)


batchnorm_backward_alt = batchnorm_backward
"""
DROPOUT = '''
def dropout_forward(x, dropout_param):
    """p: Dropout parameter. We keep each neuron output with probability p."""
    p, mode = dropout_param["p"], dropout_param["mode"]
    mask = None
    if mode == "train":
        mask = (np.random.rand(*x.shape) < p) / p
        return x * mask, (dropout_param, mask)
    return x, (dropout_param, mask)


def dropout_backward(dout, cache):
    dropout_param, mask = cache
    return dout * mask if dropout_param["mode"] == "train" else dout
'''
